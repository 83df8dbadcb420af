import { LEADER, PROVINCE_OFFICER, VOLUNTEER } from '../support/phone.ts';
import { expect, test } from '../support/test.ts';

test('a volunteer finds progress and places behind "more", and comes back by the back button', async ({
  phone,
}) => {
  const { page } = phone;
  await phone.signIn(VOLUNTEER);
  await phone.openMore('Tiến độ');
  await expect(phone.heading(/^Tiến độ .*Bình Định$/)).toBeVisible();
  await expect(page.getByRole('article').first()).toBeVisible();
  await phone.openMore('Địa bàn');
  await expect(phone.heading('Địa bàn')).toBeVisible();
  await page.goBack();
  await expect(phone.heading(/^Tiến độ/)).toBeVisible();
  await phone.home();
});

test('a leader has progress at the foot of the screen and places behind "more"', async ({ phone }) => {
  await phone.signIn(LEADER);
  await phone.page.getByRole('link', { name: 'Tiến độ', exact: true }).tap();
  await expect(phone.heading(/^Tiến độ .*Bình Định$/)).toBeVisible();
  await phone.openMore('Địa bàn');
  await expect(phone.heading('Địa bàn')).toBeVisible();
});

test('on a phone the ranking turns round, and keeps its order over a reload', async ({ phone }) => {
  const { page } = phone;
  await phone.signIn(PROVINCE_OFFICER);
  const ranking = page.getByRole('region', { name: /đơn vị trực thuộc$/ });
  const names = () => ranking.getByRole('listitem').locator('.head strong').allTextContents();
  await expect(ranking.getByRole('listitem').first()).toBeVisible();
  const stuckFirst = await names();
  await ranking.getByLabel('Tốt trước').check();
  await expect.poll(names).toEqual([...stuckFirst].reverse());
  await ranking.getByLabel('Xếp theo').selectOption({ label: 'Tên' });
  await expect.poll(async () => (await names())[0]).toBe('Huyện An Lão');
  await ranking.getByLabel('Y đến A').check();
  await expect.poll(async () => (await names()).at(-1)).toBe('Huyện An Lão');
  await page.reload();
  await expect.poll(async () => (await names()).at(-1)).toBe('Huyện An Lão');
});
