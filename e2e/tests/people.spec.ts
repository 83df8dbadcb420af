import { COMMUNE_OFFICER, LAPTOP, LEADER, PHONE, PROVINCE_OFFICER, VOLUNTEER } from '../support/phone.ts';
import { check } from '../support/faults.ts';
import { expect, test } from '../support/test.ts';

const LIST = `DANH SÁCH ĐOÀN VIÊN;;;;
;;;;
Stt;HỌ VÀ TÊN;Ngày sinh;Số ĐT;Chức vụ
1;PHẠM THỊ MỸ LỆ;05/06/2001;912345678;Bí thư
2;Trần Quốc Bảo;1999;01686123456;Đoàn viên
3;Nguyễn Thị Hạnh;;;
4;Hồ Anh Kiệt;2002;123;
`;

test('an officer takes in a branch list, looks at what is doubtful, downloads what is wrong and finds the people', async ({
  newPhone,
}) => {
  const phone = await newPhone(PHONE);
  const { page } = phone;
  await phone.signIn(COMMUNE_OFFICER);
  await page.goto('/thanh-vien');
  await page.getByRole('link', { name: 'Nhập danh sách' }).click();
  const file = { name: 'chi doan.csv', mimeType: 'text/csv', buffer: Buffer.from(LIST) };
  await page.getByLabel('Tệp danh sách').setInputFiles(file);
  await expect(page.getByText('2 người mới')).toBeVisible();
  await expect(page.getByText('1 người có thể trùng')).toBeVisible();
  await expect(page.getByText('Có thể là Nguyễn Thị Hạnh đã có trong danh sách')).toBeVisible();
  await expect(page.getByText('Số 11 chữ số, đã đổi đầu số mới')).toBeVisible();
  await check(phone, 'import');
  const download = page.waitForEvent('download');
  await phone.button('Tải các dòng lỗi').click();
  expect((await download).suggestedFilename()).toBe('dong-loi.csv');
  await phone.button('Nhập 2 người').click();
  await expect(page.getByText('Đã nhập 2 người')).toBeVisible();
  await page.getByRole('link', { name: 'Xem danh sách' }).click();
  await page.getByRole('searchbox').fill('le pham');
  await page.getByRole('link', { name: /^Phạm Thị Mỹ Lệ/ }).click();
  await expect(phone.heading('Phạm Thị Mỹ Lệ')).toBeVisible();
  await expect(page.getByText('0912 ••• 678')).toBeVisible();
  await phone.button('Hiện số').click();
  await expect(page.getByText('0912 345 678')).toBeVisible();
  await phone.button('Thêm chức danh').click();
  const sheet = phone.sheet('Thêm chức danh');
  await sheet.getByLabel('Chức danh').selectOption('Người có uy tín');
  await phone.button('Thêm chức danh', sheet).click();
  await expect(page.getByRole('main').getByText('Người có uy tín', { exact: true })).toBeVisible();
  await check(phone, 'person');
});

test('a team is consolidated by a decision and its history tells who came and went', async ({ newPhone }) => {
  const laptop = await newPhone(LAPTOP);
  const { page } = laptop;
  await laptop.signIn(PROVINCE_OFFICER);
  await page.goto('/thanh-vien/to');
  await page.getByRole('searchbox').fill('cong nghe so thanh nien');
  const teams = page.getByRole('main').getByRole('listitem').getByRole('link');
  await teams.filter({ hasText: 'Tổ công nghệ số thanh niên' }).first().click();
  await expect(page.getByText(/QĐ-MINHHOA/)).toBeVisible();
  await laptop.button('Ghi quyết định').click();
  const sheet = laptop.sheet('Ghi quyết định');
  await sheet.getByLabel('Số quyết định').fill('12-QĐ/ĐTN');
  await sheet.getByLabel('Cơ quan ban hành').fill('Phường đoàn');
  await sheet.getByRole('combobox').last().selectOption('Thôi tham gia');
  await sheet.getByLabel('Tìm người để thêm').fill('vo ngoc trinh');
  await sheet
    .getByRole('button', { name: /^Võ Ngọc Trinh/ })
    .first()
    .click();
  await laptop.button('Lưu quyết định', sheet).click();
  await expect(laptop.toast('Đã ghi quyết định')).toBeVisible();
  await expect(page.getByText('12-QĐ/ĐTN · Phường đoàn')).toBeVisible();
  await expect(page.getByText(/^Vào: Võ Ngọc Trinh/)).toBeVisible();
  await expect(page.getByText(/^Thôi: /)).toBeVisible();
  await check(laptop, 'team');
  await page.getByRole('link', { name: 'Thành viên' }).first().click();
  await page.getByRole('link', { name: 'Độ phủ' }).click();
  await expect(page.getByText('155/155 xã, phường có').first()).toBeVisible();
  await check(laptop, 'coverage');
});

test('a person of the register is invited and everybody ticks their own readiness', async ({ newPhone }) => {
  const leader = await newPhone(PHONE);
  await leader.signIn(LEADER);
  await leader.page.goto('/thanh-vien');
  await leader.page.getByRole('link', { name: 'Thêm người' }).click();
  await leader.page.getByLabel('Họ và tên').fill('Đinh Thị Lan');
  await leader.button('Thêm người').click();
  await expect(leader.heading('Đinh Thị Lan')).toBeVisible();
  await leader.page.getByRole('link', { name: 'Mời dùng Cầu Số' }).click();
  await leader.button('Tạo lời mời').click();
  await expect(leader.page.getByRole('article', { name: 'Thẻ mời' })).toContainText('Đinh Thị Lan');

  const phone = await newPhone(PHONE);
  await phone.signIn(VOLUNTEER);
  await phone.page.goto('/may-nay');
  await phone.page.getByRole('link', { name: 'Thông tin của tôi' }).click();
  const tick = phone.page.getByLabel('Tôi dùng được VssID');
  await tick.check();
  await expect(phone.page.getByText(/^1\/8 việc/)).toBeVisible();
  await phone.page.reload();
  await expect(tick).toBeChecked();
  await check(phone, 'readiness');
});
