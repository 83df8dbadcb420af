/** Residents' safety: the card a volunteer shows, and a suspected scam on its way to the police. */
import { check } from '../support/faults.ts';
import { COMMUNE_OFFICER, LAPTOP, VOLUNTEER } from '../support/phone.ts';
import { scanned } from '../support/scan.ts';
import { expect, test } from '../support/test.ts';

test('a resident scans a card that says on duty, and after a lost card it holds no more', async ({
  phone,
  newPhone,
}) => {
  await phone.signIn(VOLUNTEER);
  // Came down with everything else, and is shown without a network.
  await phone.offline();
  await phone.openMore('Thẻ của tôi');
  const card = phone.page.getByRole('article', { name: 'Thẻ tình nguyện viên' });
  await expect(card).toContainText('Nguyễn Thị Hạnh');
  await check(phone, '/the with no signal');
  const address = await scanned(card.getByRole('img', { name: 'Mã QR của thẻ' }));
  expect(address).toMatch(/\/tinh-nguyen-vien\/[0-9A-Z]{5}(-[0-9A-Z]{5}){3}$/);
  await phone.online();

  const resident = await newPhone();
  await resident.page.goto(address);
  await expect(resident.heading('Đang làm nhiệm vụ lúc này')).toBeVisible();
  await expect(resident.page.getByText('Nguyễn Thị Hạnh')).toBeVisible();
  await expect(resident.page.getByText('Tổ có hoạt động theo lịch vào giờ này')).toBeVisible();
  expect(await resident.page.evaluate(() => document.scripts.length)).toBe(0);
  await check(resident, 'a card, on duty');
  await resident.page.getByRole('link', { name: 'ខ្មែរ' }).tap();
  await expect(resident.page.getByText('chưa kiểm duyệt')).toBeVisible();
  await check(resident, 'a card, in Khmer');

  await phone.button('Đổi mã thẻ').tap();
  await phone.button('Đổi mã thẻ', phone.sheet('Đổi mã thẻ')).tap();
  await expect(phone.toast(/^Đã đổi mã/)).toBeVisible();
  await resident.page.goto(address);
  await expect(resident.heading('Thẻ không còn hiệu lực')).toBeVisible();
  await expect(resident.page.getByText('Nguyễn Thị Hạnh')).toHaveCount(0);
  await check(resident, 'a card that ended');
  await resident.page.goto(await scanned(card.getByRole('img', { name: 'Mã QR của thẻ' })));
  await expect(resident.heading('Đang làm nhiệm vụ lúc này')).toBeVisible();
});

test('a scam that a volunteer hears of offline reaches the officer, the police and an end', async ({
  phone,
  newPhone,
}) => {
  await phone.signIn(VOLUNTEER);
  await phone.offline();
  await phone.openMore('Báo lừa đảo');
  await phone.page.getByRole('link', { name: 'Báo một vụ' }).tap();
  await phone.page.getByRole('radio', { name: /^Đòi “lệ phí” nhỏ/ }).check();
  await phone.page.getByRole('radio', { name: 'Tin nhắn SMS' }).check();
  await phone.page.getByLabel(/^Số, đường link/).fill('http://doi-cccd.example/nop-22000');
  await phone.page.getByRole('radio', { name: 'Chưa mất' }).check();
  await check(phone, '/canh-bao/bao');
  await phone.button('Ghi tin báo').tap();
  await expect(phone.page.getByText('Đã ghi tin báo.', { exact: false })).toBeVisible();
  await expect(phone.page.getByText('Gọi ngay ngân hàng', { exact: false })).toBeVisible();
  await phone.page.getByRole('link', { name: 'Về danh sách' }).tap();
  await expect(phone.page.getByText('Chờ gửi')).toBeVisible();
  await phone.online();
  await expect(phone.page.getByText('Đã gửi').first()).toBeVisible();

  const office = await newPhone(LAPTOP);
  await office.signIn(COMMUNE_OFFICER);
  await office.page.goto('/canh-bao');
  await expect(office.page.getByText(/3 tin “Giả công an/)).toBeVisible();
  await check(office, '/canh-bao');
  await office.button('Gửi cho các tổ').click();
  await expect(office.toast(/^Đã gửi cho \d+ tổ trưởng/)).toBeVisible();
  const line = office.page.getByRole('link', { name: /Đòi “lệ phí” nhỏ/ });
  await expect(line).toContainText('doi-•••00');
  await line.click();
  await expect(office.page.getByText('http://doi-cccd.example/nop-22000')).toBeVisible();
  await expect(office.page.getByRole('link', { name: /doi-cccd/ })).toHaveCount(0);
  await office.button('Nhận xử lý').click();
  await office.button('Chuyển công an').click();
  const handing = office.sheet('Chuyển công an');
  await handing.getByLabel('Chuyển cho ai?').fill('Công an phường, trực ban');
  await handing.getByRole('radio', { name: 'Công văn' }).check();
  await handing.getByLabel(/^Số tiếp nhận/).fill('27/TN-CAP');
  await office.button('Chuyển công an', handing).click();
  await expect(office.page.getByText('Công an phường, trực ban · Công văn · 27/TN-CAP')).toBeVisible();
  await check(office, 'a report');
  await office.page.getByRole('link', { name: 'Phiếu chuyển công an' }).click();
  await office.page.emulateMedia({ media: 'print' });
  await expect(office.page.getByRole('heading', { name: 'PHIẾU CHUYỂN TIN BÁO NGHI LỪA ĐẢO' })).toBeVisible();
  await expect(office.page.getByRole('cell', { name: '27/TN-CAP' })).toBeVisible();
  await expect(office.button('In phiếu')).toBeHidden();
  await office.page.emulateMedia({ media: 'screen' });
  await office.page.goBack();
  await office.button('Kết thúc').click();
  const closing = office.sheet('Kết thúc');
  await closing.getByRole('radio', { name: 'Công an đã xử lý' }).check();
  await office.button('Kết thúc', closing).click();
  await expect(office.page.getByText('Đã xong')).toBeVisible();
});

test('a resident reports on the public page and is told what to do', async ({ newPhone }) => {
  const resident = await newPhone();
  const { page } = resident;
  await page.goto('/bao-lua-dao');
  await page.getByLabel('Tỉnh, thành phố').selectOption('Tỉnh Bình Định');
  await resident.button('Tiếp tục').tap();
  await page.getByLabel('Xã, phường, đặc khu').selectOption('Phường Nhơn Phú');
  await resident.button('Tiếp tục').tap();
  await check(resident, '/bao-lua-dao');
  await page.getByRole('radio', { name: /^Vay tiền qua ứng dụng/ }).check();
  await page.getByRole('radio', { name: 'Zalo, Messenger, mạng xã hội' }).check();
  await page.getByRole('radio', { name: 'Đã mất tiền' }).check();
  await page.getByLabel('Tên để xưng hô').fill('Bác Ba');
  await page.getByLabel('Số điện thoại của bác').fill('0900 000 007');
  await page.getByRole('checkbox').check();
  await resident.button('Gửi tin báo').tap();
  await expect(resident.heading(/^Đã nhận tin báo/)).toBeVisible();
  await expect(page.getByText('Phường Nhơn Phú')).toBeVisible();
  await check(resident, '/bao-lua-dao, sent');
});

test('a leader prints the cards of the team', async ({ newPhone }) => {
  const laptop = await newPhone(LAPTOP);
  await laptop.signIn({ login: 'totruong', secret: '260324' });
  await laptop.page.goto('/the');
  await laptop.page.getByRole('link', { name: /^In thẻ cho/ }).click();
  await expect(laptop.page.getByRole('img', { name: 'Mã QR của thẻ' }).first()).toBeVisible();
  expect(await laptop.page.getByRole('img', { name: 'Mã QR của thẻ' }).count()).toBeGreaterThan(2);
  await check(laptop, '/the/to/…');
  await laptop.page.emulateMedia({ media: 'print' });
  await expect(laptop.button('In thẻ')).toBeHidden();
});
