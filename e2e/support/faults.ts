/** What a page gets wrong for assistive technology, whether it fits the screen, and a picture of it to look at. */
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import type { Phone } from './phone.ts';

const THEMES = ['light', 'dark'] as const;
const BAD = ['serious', 'critical'];

/** What is still moving is measured when it has come to rest. */
export async function settle(page: Page): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.waitForFunction(() => document.fonts.status === 'loaded');
  await page.waitForFunction(() => document.getAnimations().every((one) => one.playState !== 'running'));
}
/** The dark theme changes colours and nothing else, so there only they are looked at again. */
async function faultsOf(page: Page, theme: (typeof THEMES)[number]): Promise<string[]> {
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'] });
  if (theme === 'dark') axe.withRules(['color-contrast', 'link-in-text-block']);
  const { violations } = await axe.analyze();
  return violations
    .filter(({ impact }) => BAD.includes(impact ?? ''))
    .flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary ?? ''}`),
    );
}
const tooWide = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

export async function check(phone: Phone, name: string): Promise<void> {
  for (const colorScheme of THEMES) {
    await phone.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await settle(phone.page);
    expect.soft(await faultsOf(phone.page, colorScheme), `${name}, ${colorScheme}`).toEqual([]);
    const picture = `${name.replace(/[^\p{L}\p{N}]+/gu, '-')}-${colorScheme}.png`;
    await phone.page.screenshot({ path: test.info().outputPath(picture), fullPage: true, scale: 'css' });
  }
  expect.soft(await tooWide(phone.page), `${name}: wider than the screen by`).toBeLessThanOrEqual(0);
}
