import { defineConfig } from '@playwright/test';
import tests from './playwright.config.ts';

/** Pictures for the README, taken from the real program with the whole demonstration; see scripts/screenshots. */
export default defineConfig({
  ...tests,
  testDir: './screenshots',
  outputDir: './test-results/screenshots',
  workers: 1,
  timeout: 300_000,
  reporter: [['list']],
  use: { ...tests.use, trace: 'off' },
});
