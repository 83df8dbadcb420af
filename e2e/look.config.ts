import { defineConfig } from '@playwright/test';
import tests from './playwright.config.ts';
export default defineConfig({ ...tests, testDir: './look', outputDir: '/tmp/look/results', workers: 1, timeout: 300_000, reporter: [['list']], use: { ...tests.use, trace: 'off' } });
