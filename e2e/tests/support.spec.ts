/** Support and recognition: a month's list that catches who would be paid twice, a certificate that anybody can check. */
import { check } from '../support/faults.ts';
import { COMMUNE_OFFICER, LAPTOP, LEADER, VOLUNTEER } from '../support/phone.ts';
import { scanned } from '../support/scan.ts';
import { expect, test } from '../support/test.ts';

test('an officer makes a list that catches an overlap, decides it, locks the list and takes it out', async ({
  newPhone,
}) => {
  const laptop = await newPhone(LAPTOP);
  const { page } = laptop;
  await laptop.signIn(COMMUNE_OFFICER);
  await page.goto('/ho-tro');
  await expect(page.getByLabel('Tháng')).toHaveValue('2024-09-01');
  const twice = page.getByRole('region', { name: 'Người có thể nhận hai lần' });
  await expect(twice.getByRole('listitem')).toHaveCount(1);
  await expect(page.getByText('Còn 1 người cần quyết định trước khi khóa')).toBeVisible();
  await expect(laptop.button('Khóa danh sách')).toHaveCount(0);
  await check(laptop, '/ho-tro');

  await laptop.button(/^Quyết định/, twice).click();
  const deciding = page.getByRole('dialog');
  await expect(deciding.getByRole('radio')).toHaveCount(3);
  await laptop.button('Quyết định', deciding).click();
  await expect(deciding.getByText('Chọn một cách tính')).toBeVisible();
  await deciding.getByRole('radio').first().check();
  await deciding.getByLabel('Lý do').fill('Làm ở tổ này nhiều hơn');
  await laptop.button('Quyết định', deciding).click();
  await expect(twice.getByText(/Làm ở tổ này nhiều hơn/)).toBeVisible();

  // Every line opens the attendance it rests on.
  await page
    .getByRole('main')
    .getByRole('button', { name: /\d ngày/ })
    .first()
    .click();
  const days = page.getByRole('dialog');
  await expect(days.getByText('Trung tâm Phục vụ hành chính công').first()).toBeVisible();
  await days.getByRole('button', { name: 'Đóng' }).click();

  await laptop
    .button(/^Đổi ?: Xã, phường hỗ trợ thêm/)
    .first()
    .click();
  const adding = laptop.sheet('Xã, phường hỗ trợ thêm');
  await adding.getByRole('textbox').fill('900.000');
  await laptop.button('Lưu', adding).click();
  await expect(adding.getByText('Nhập một số từ 0 đến 600.000')).toBeVisible();
  await adding.getByRole('textbox').fill('100.000');
  await laptop.button('Lưu', adding).click();
  await expect(page.getByText('400.000 ₫', { exact: true }).first()).toBeVisible();
  await expect(page.getByText('Bốn trăm nghìn đồng', { exact: true })).toBeVisible();

  await laptop.button('Khóa danh sách').click();
  const locking = laptop.sheet('Khóa danh sách tháng 09/2024?');
  await expect(locking.getByText('Đã khóa thì không mở lại được.', { exact: false })).toBeVisible();
  await laptop.button('Khóa', locking).click();
  await expect(page.getByText(/^Khóa lúc .* Võ Ngọc Trinh/).first()).toBeVisible();
  await expect(laptop.button(/^Đổi quyết định/)).toHaveCount(0);
  await check(laptop, '/ho-tro, locked');
  for (const form of ['Excel', 'CSV']) {
    const saving = page.waitForEvent('download');
    await laptop.button(`Tải ${form}`).click();
    const name = (await saving).suggestedFilename();
    expect(name).toMatch(/^Danh sách hỗ trợ – .* – 2024-09\.(xlsx|csv)$/);
    await expect(laptop.toast(`Đã tải ${name}`)).toBeVisible();
  }
  await page.emulateMedia({ media: 'print' });
  await expect(
    page.getByRole('heading', { name: 'DANH SÁCH LÀM VIỆC – HỖ TRỢ THÁNG 09/2024' }),
  ).toBeVisible();
  await expect(page.getByText('Người duyệt')).toBeVisible();
  await expect(laptop.button('Tải CSV')).toBeHidden();
});

test('a member issues a certificate, a stranger scans it, and one that was withdrawn says so', async ({
  newPhone,
  office,
}) => {
  const phone = await newPhone();
  await phone.signIn(VOLUNTEER);
  await phone.page.goto('/diem-danh');
  await phone.tap(phone.page.getByRole('link', { name: 'Xin giấy chứng nhận giờ tình nguyện' }));
  await expect(phone.page.getByText('Chưa có giấy nào')).toBeVisible();
  await phone.page.getByRole('radio', { name: 'Tháng trước' }).check();
  await expect(phone.page.getByText('Giấy sẽ ghi 01/09/2024 – 30/09/2024')).toBeVisible();
  await check(phone, '/chung-nhan');
  await phone.tap(phone.button('Cấp giấy'));
  await expect(phone.heading('Giấy chứng nhận')).toBeVisible();
  const paper = phone.page.getByRole('article', { name: 'Giấy chứng nhận' });
  await expect(paper).toContainText('Nguyễn Thị Hạnh');
  await check(phone, '/chung-nhan/…');
  const seal = (await paper.textContent())?.match(/[0-9a-f]{4}( [0-9a-f]{4}){3}/)?.[0] ?? 'none';
  const address = await scanned(paper.getByRole('img', { name: 'Mã QR dẫn tới trang kiểm tra' }));
  expect(address).toMatch(/\/xac-nhan\/[0-9A-Z]{5}(-[0-9A-Z]{5}){3}$/);

  const stranger = await newPhone();
  await stranger.page.goto(address);
  await expect(stranger.heading('Giấy chứng nhận có thật')).toBeVisible();
  await expect(stranger.page.getByText('Nguyễn Thị Hạnh')).toBeVisible();
  await expect(stranger.page.getByText(seal)).toBeVisible();
  expect(await stranger.page.evaluate(() => document.scripts.length)).toBe(0);
  await check(stranger, '/xac-nhan, valid');
  const mistyped = `${address.slice(0, -1)}${address.endsWith('7') ? '8' : '7'}`;
  await stranger.page.goto(mistyped);
  await expect(stranger.heading('Mã bị gõ sai')).toBeVisible();
  await stranger.page.getByLabel('Mã giấy').fill((address.split('/').at(-1) ?? '').toLowerCase());
  await stranger.page.getByRole('button', { name: 'Kiểm tra' }).click();
  await expect(stranger.heading('Giấy chứng nhận có thật')).toBeVisible();

  const laptop = await newPhone(LAPTOP);
  await laptop.signIn(COMMUNE_OFFICER);
  await laptop.page.goto(`/thanh-vien/nguoi/${await office.memberId(VOLUNTEER.login)}`);
  await laptop.page.getByRole('link', { name: 'Giấy chứng nhận giờ' }).click();
  await expect(laptop.heading('Giấy chứng nhận của Nguyễn Thị Hạnh')).toBeVisible();
  await laptop.page.getByRole('link', { name: '01/09/2024 – 30/09/2024' }).click();
  await laptop.button('Thu hồi giấy').click();
  const sheet = laptop.sheet('Thu hồi giấy của Nguyễn Thị Hạnh?');
  await sheet.getByLabel('Lý do').fill('Cấp nhầm khoảng thời gian');
  await laptop.button('Thu hồi giấy', sheet).click();
  await expect(laptop.page.getByText(/Cấp nhầm khoảng thời gian/)).toBeVisible();
  await stranger.page.goto(address);
  await expect(stranger.heading('Giấy chứng nhận đã bị thu hồi')).toBeVisible();
  await expect(stranger.page.getByText('Cấp nhầm')).toHaveCount(0);
  await check(stranger, '/xac-nhan, withdrawn');
});

test('a leader lets doubtful attendance not count, and count again', async ({ newPhone, office }) => {
  const phone = await newPhone();
  await phone.signIn(LEADER);
  await phone.page.goto('/diem-danh/to');
  const review = phone.page.getByRole('region', { name: 'Điểm danh cần xem lại' });
  const row = review.getByRole('listitem');
  await expect(row).toHaveCount(1);
  await check(phone, '/diem-danh/to');
  await phone.tap(phone.button(/^Không tính/, row));
  const sheet = phone.sheet('Không tính lần điểm danh này?');
  await sheet.getByRole('radio', { name: 'Không có mặt thật' }).check();
  await phone.tap(phone.button('Không tính', sheet));
  await expect(phone.toast(/^Không tính: /)).toBeVisible();
  const place = (await office.get<{ members: { place: { id: string } }[] }>('/members', { q: LEADER.login }))
    .members;
  const doubtful = async () =>
    (await office.get<{ rows: unknown[] }>('/attendance/doubtful', { place: place[0]?.place.id ?? '' })).rows
      .length;
  await expect.poll(doubtful).toBe(0);
  await phone.tap(phone.button('Hoàn tác'));
  await expect(phone.toast(/^Tính lại: /)).toBeVisible();
  await expect.poll(doubtful).toBe(1);
});
