import { COMMUNE_OFFICER, LAPTOP, LEADER, PHONE, PROVINCE_OFFICER, VOLUNTEER, type Phone } from '../support/phone.ts';
import { test } from '../support/test.ts';
const WHO = { volunteer: VOLUNTEER, leader: LEADER, commune: COMMUNE_OFFICER, province: PROVINCE_OFFICER } as Record<string, typeof VOLUNTEER>;
const pages = JSON.parse(process.env.LOOK ?? '[]') as [string, string, string][]; // who, path, name
const SIZES = { phone: { ...PHONE, hasTouch: true }, laptop: LAPTOP };
for (const [size, options] of Object.entries(SIZES)) for (const dark of (process.env.DARK ? [false, true] : [false])) for (const who of new Set(pages.map((p) => p[0])))
  test(`${who} ${size} ${dark}`, async ({ newPhone }) => {
    const phone = await newPhone({ ...options, reducedMotion: 'reduce', colorScheme: dark ? 'dark' : 'light' });
    await phone.signIn(WHO[who]!);
    for (const [, path, name] of pages.filter((p) => p[0] === who)) {
      if (path.startsWith('more')) { if (size === 'laptop') continue; await phone.button('Thêm').tap(); }
      else await phone.page.goto(path);
      await phone.page.waitForTimeout(1500);
      await phone.page.screenshot({ path: `/tmp/look/${name}-${size}${dark ? '-dark' : ''}.png`, animations: 'disabled', scale: 'css', fullPage: !path.startsWith('more') });
      if (path.startsWith('more')) await phone.page.keyboard.press('Escape');
    }
  });
