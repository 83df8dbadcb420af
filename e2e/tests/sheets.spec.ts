/** Every sheet, by keyboard alone: opened, free of serious faults, closed by Escape, and back where one was. */
import type { Locator } from '@playwright/test';
import { check } from '../support/faults.ts';
import { CAMPAIGN, PROVINCE } from '../support/office.ts';
import { LAPTOP, PROVINCE_OFFICER, VOLUNTEER, type Phone } from '../support/phone.ts';
import { expect, test } from '../support/test.ts';

async function open(phone: Phone, opener: Locator, title: string | RegExp): Promise<Locator> {
  await opener.focus();
  await phone.page.keyboard.press('Enter');
  const sheet = phone.page.getByRole('dialog', { name: title });
  await expect(sheet).toBeVisible();
  await expect(sheet.locator(':focus')).toHaveCount(1);
  await check(phone, `sheet ${String(title)}`);
  return sheet;
}
async function close(phone: Phone, sheet: Locator, opener: Locator): Promise<void> {
  await phone.page.keyboard.press('Escape');
  await expect(sheet).toBeHidden();
  await expect(opener).toBeFocused();
}
async function through(phone: Phone, opener: Locator, title: string | RegExp): Promise<void> {
  await close(phone, await open(phone, opener, title), opener);
}

test('a volunteer opens, uses and leaves every sheet by keyboard', async ({ newPhone }) => {
  const phone = await newPhone();
  const { page } = phone;
  const { keyboard } = page;
  await phone.signIn(VOLUNTEER);
  await through(phone, phone.button('Thêm'), 'Thêm');

  await page.goto('/ghi');
  await phone.tile('Nộp hồ sơ').focus();
  await keyboard.press('Enter');
  const details = phone.button('Thêm chi tiết');
  const detailsSheet = await open(phone, details, 'Thêm chi tiết');
  const identify = phone.button('Ghi danh tính để tính đúng một người');
  const consent = await open(phone, identify, 'Xin sự đồng ý');
  await consent.getByLabel('Để tính đúng một người, không trùng').focus();
  await keyboard.press('Space');
  await consent.getByLabel('Nghe đọc và nói đồng ý').focus();
  await keyboard.press('Space');
  await consent.getByLabel('Số điện thoại di động').focus();
  await keyboard.type('0912345678');
  await keyboard.press('Tab');
  await keyboard.type('Lan');
  await phone.button('Dùng danh tính này', consent).focus();
  await keyboard.press('Enter');
  await expect(consent).toBeHidden();
  await expect(page.getByText(/^Đã có sự đồng ý/)).toBeVisible();
  await close(phone, detailsSheet, details);
  const done = phone.button('Xong');
  await done.focus();
  await keyboard.press('Enter');
  await expect(phone.toast(/^Đã ghi: /)).toBeVisible();

  await phone.tile('Nộp hồ sơ').focus();
  await keyboard.press('Enter');
  await details.focus();
  await keyboard.press('Enter');
  await phone.identify({ number: '0912345678', given: 'Lan' });
  await phone.button('Xong', detailsSheet).focus();
  await keyboard.press('Enter');
  const near = page.getByRole('dialog', { name: 'Hình như đã ghi rồi' });
  await expect(near).toBeVisible();
  await check(phone, 'sheet Hình như đã ghi rồi');
  await keyboard.press('Escape');
  await expect(near).toBeHidden();

  await page.goto('/nhat-ky');
  const entry = page.getByRole('main').getByRole('article').first();
  await entry.getByRole('button').first().focus();
  await keyboard.press('Enter');
  await through(phone, phone.button('Hủy lượt', entry), 'Hủy lượt này?');
  await page.goto('/may-nay');
  await through(phone, phone.button('Đăng xuất'), 'Đăng xuất khỏi máy này?');
});

test('an officer opens and leaves every sheet by keyboard', async ({ newPhone }) => {
  const phone = await newPhone(LAPTOP);
  const { page } = phone;
  await phone.signIn(PROVINCE_OFFICER);
  await page.goto('/ghi/tin-bai');
  await through(phone, phone.button('Đổi'), 'Chọn địa bàn');

  const targets = `/chien-dich/${CAMPAIGN}/chi-tieu?place=${PROVINCE}`;
  await page.goto(`${targets}&indicator=ind_payment_account_count`);
  await through(phone, phone.button('Chia xuống'), /^Chia 294\.021/);
  await through(phone, phone.button('Sửa chỉ tiêu Huyện An Lão'), 'Sửa chỉ tiêu Huyện An Lão');
  await through(phone, phone.button('Lịch sử'), 'Lịch sử');

  await page.goto('/chien-dich/moi?step=2');
  const templates = phone.button('Thêm từ mẫu');
  const sheet = await open(phone, templates, 'Mẫu chỉ tiêu');
  const add = phone.button(/^Thêm\s*: Chữ ký số cá nhân$/, sheet);
  await add.focus();
  await page.keyboard.press('Enter');
  await expect(add).toBeHidden();
  await close(phone, sheet, templates);
  await through(phone, phone.button('Tự dựng'), 'Chỉ tiêu');
  await through(phone, phone.button(/^Sửa/), 'Chỉ tiêu');

  await page.goto('/thanh-vien');
  const stop = page.getByRole('main').getByRole('button', { name: /^Ngừng/ });
  await through(phone, stop.first(), /^Ngừng tài khoản/);
  await page.goto('/thanh-vien/to');
  await through(phone, phone.button('Thêm tổ'), 'Thêm tổ');
  await page.goto('/thanh-vien/thon?place=63-21907');
  await through(phone, phone.button('Thêm thôn'), /^Thêm thôn, tổ dân phố/);
});
