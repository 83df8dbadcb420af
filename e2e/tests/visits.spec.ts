import { check } from '../support/faults.ts';
import { LEADER, LAPTOP, VOLUNTEER } from '../support/phone.ts';
import { expect, test } from '../support/test.ts';

test('who went along is chosen once for the day, and the leader sees what it did', async ({
  phone,
  newPhone,
}) => {
  const { page } = phone;
  await phone.signIn(VOLUNTEER);
  await phone.offline();
  await page.getByRole('link', { name: /^Ghi lượt hỗ trợ/ }).tap();
  await phone.tile('TK thanh toán').tap();
  await phone.button('Thêm chi tiết').tap();
  const details = phone.sheet('Thêm chi tiết');
  await details.getByLabel('Trưởng thôn, khu phố').check();
  await phone.button('Xong', details).tap();
  await expect(page.getByText(/Tại nhà dân · cùng trưởng thôn, khu phố/)).toBeVisible();
  await phone.home();
  await phone.online();
  await phone.expectCounts({ phone: 0, received: 1, counted: 1 });

  const laptop = await newPhone(LAPTOP);
  await laptop.signIn(LEADER);
  await laptop.page.getByRole('link', { name: 'Cùng đi', exact: true }).first().click();
  await expect(laptop.heading('Đi cùng người có uy tín')).toBeVisible();
  await laptop.page.getByLabel('1 năm').check();
  await expect(laptop.page.getByRole('region', { name: 'Tỷ lệ nhà đồng ý' })).toBeVisible();
  await expect(laptop.page.getByRole('region', { name: 'Theo người cùng đi' })).toBeVisible();
  await check(laptop, 'visits');
  await laptop.page.getByRole('link', { name: 'Xem người có uy tín ở đây' }).click();
  await expect(laptop.button('Lọc (2)')).toBeVisible();
});
