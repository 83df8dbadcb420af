import type { Locator } from '@playwright/test';
import { INDICATORS } from '../support/office.ts';
import { LAPTOP, PROVINCE_OFFICER, VOLUNTEER, type Phone } from '../support/phone.ts';
import { expect, test } from '../support/test.ts';

const VAN_CANH = '63-551';
const DISTRICTS = 11;
const said = (n: number) => n.toLocaleString('vi-VN');
const numberIn = (text: string) => Number(/[\d.]+/.exec(text)?.[0].replaceAll('.', ''));

test('an officer makes a campaign from a template and splits its target; a locked share survives the next split and the history says who and why', async ({
  newPhone,
}) => {
  const laptop = await newPhone(LAPTOP);
  const { page } = laptop;
  await laptop.signIn(PROVINCE_OFFICER);
  await page.getByRole('link', { name: 'Chiến dịch' }).first().click();
  await page.getByRole('link', { name: 'Tạo mới' }).click();
  await expect(laptop.heading('Chiến dịch mới')).toBeVisible();
  await laptop.button('Tiếp tục').click();
  await expect(page.getByText('Cần điền mục này').first()).toBeVisible();
  await page.getByLabel('Tên văn bản').fill('Kế hoạch mở tài khoản thanh toán quý IV');
  await page.getByLabel('Số, ký hiệu').fill('31-KH/TĐTN');
  await page.getByLabel('Cơ quan ban hành').fill('Tỉnh đoàn Bình Định');
  await page.getByLabel('Tên chiến dịch').fill('Mỗi nhà một tài khoản');
  await page.getByLabel('Từ ngày').fill('2024-10-01');
  await page.getByLabel('Đến hết ngày').fill('2024-12-31');
  await expect(page.getByText('Tỉnh Bình Định').last()).toBeVisible();
  await laptop.button('Tiếp tục').click();
  await laptop.button('Thêm từ mẫu').click();
  const templates = laptop.sheet('Mẫu chỉ tiêu');
  await laptop.button(/^Thêm\s*: Tài khoản thanh toán$/, templates).click();
  await laptop.button('Xong', templates).click();
  await laptop.button('Tiếp tục').click();
  await expect(page.getByText('Cần đạt 294.021')).toBeVisible();
  await laptop.button('Tạo chiến dịch').click();
  await expect(laptop.heading('Mỗi nhà một tài khoản')).toBeVisible();

  await page.getByRole('link', { name: 'Phân bổ chỉ tiêu' }).click();
  await page.getByRole('link', { name: /Tài khoản thanh toán/ }).click();
  await expect(laptop.heading('Tài khoản thanh toán')).toBeVisible();
  await split(laptop, { by: 'Theo dân số', reason: 'Chia lần đầu theo dân số' });
  const children = page
    .getByRole('main')
    .getByRole('listitem')
    .filter({ has: page.getByRole('button', { name: /^Sửa chỉ tiêu/ }) });
  await expect(children).toHaveCount(DISTRICTS);
  await expect.poll(() => sum(children)).toBe(294_021);
  await expect(page.getByText('Khớp với các nơi dưới')).toBeVisible();

  await laptop.button('Sửa chỉ tiêu Thành phố Quy Nhơn').click();
  const edit = laptop.sheet('Sửa chỉ tiêu Thành phố Quy Nhơn');
  await edit.getByLabel('Chỉ tiêu', { exact: true }).fill('60.000');
  await edit.getByLabel('Giữ nguyên (khóa)').check();
  await laptop.button('Lưu chỉ tiêu', edit).click();
  await expect(edit.getByText('Ghi một câu lý do')).toBeVisible();
  await edit.getByLabel('Lý do').fill('Thành phố nhận thêm');
  await laptop.button('Lưu chỉ tiêu', edit).click();
  const city = children.filter({ hasText: 'Thành phố Quy Nhơn' });
  await expect(city).toContainText('60.000');
  await expect(city).toContainText('đã khóa');

  await split(laptop, { by: 'Theo dân số', reason: 'Chia lại phần còn lại' });
  await expect(city).toContainText('60.000');
  await expect.poll(() => sum(children)).toBe(294_021);
  await expect(page.getByText('Khớp với các nơi dưới')).toBeVisible();

  await laptop.button('Lịch sử').click();
  const history = laptop.sheet('Lịch sử');
  const byHand = history.getByRole('listitem').filter({ hasText: 'Thành phố nhận thêm' });
  await expect(byHand).toHaveCount(1);
  await expect(byHand).toContainText('Thành phố Quy Nhơn');
  await expect(byHand).toContainText('60.000');
  await expect(byHand).toContainText('Lê Hoàng Phúc');
  await expect(history.getByText('Chia lại phần còn lại').first()).toBeVisible();
});

async function split(laptop: Phone, { by, reason }: { by: string; reason: string }): Promise<void> {
  await laptop.button('Chia xuống').click();
  const sheet = laptop.sheet('Chia 294.021 xuống các nơi dưới');
  await sheet.getByLabel(by).check();
  await sheet.getByLabel('Lý do').fill(reason);
  await expect(sheet.getByRole('row', { name: /^Cộng/ })).toContainText('294.021');
  await laptop.button('Chia và lưu', sheet).click();
  await expect(sheet).toBeHidden();
  await expect(laptop.toast(/^Đã chia cho/)).toBeVisible();
}
async function sum(children: Locator): Promise<number> {
  const texts = await children.getByRole('strong').allTextContents();
  return texts.map(numberIn).reduce((total, one) => total + one, 0);
}

test('a number opens into the facts behind it, and they are as many as it says', async ({
  newPhone,
  office,
}) => {
  const laptop = await newPhone(LAPTOP);
  const { page } = laptop;
  await laptop.signIn(PROVINCE_OFFICER);
  await page.goto(`/tien-do?place=${VAN_CANH}`);
  const figure = page.getByRole('article', { name: 'Tài khoản thanh toán' }).getByRole('link');
  const result = await office.result(INDICATORS.payment_account, VAN_CANH);
  await expect(figure).toHaveText(said(result));
  await figure.click();
  await expect(laptop.heading('Tài khoản thanh toán')).toBeVisible();
  await expect(page.getByRole('main').getByText(`${said(result)} người`)).toBeVisible();
  for (;;) {
    const more = laptop.button('Xem thêm');
    await expect(more.or(page.getByText(`Đang hiện ${said(result)} lượt mới nhất.`))).toBeVisible();
    if (!(await more.isVisible())) break;
    const shown = await page.getByRole('article').count();
    await more.click();
    await expect.poll(() => page.getByRole('article').count()).toBeGreaterThan(shown);
  }
  await expect(page.getByRole('article')).toHaveCount(result);
});

test('drilling down from province to commune and going back leads through the same screens', async ({
  newPhone,
}) => {
  const laptop = await newPhone(LAPTOP);
  const { page } = laptop;
  await laptop.signIn(PROVINCE_OFFICER);
  await expect(laptop.heading(/^Tiến độ .*Bình Định$/)).toBeVisible();
  await page.getByRole('rowheader').getByRole('link', { name: 'Thị xã An Nhơn' }).click();
  await expect(laptop.heading(/^Tiến độ .*An Nhơn$/)).toBeVisible();
  await page.getByRole('rowheader').getByRole('link', { name: 'Phường Đập Đá' }).click();
  await expect(laptop.heading(/^Tiến độ .*Đập Đá$/)).toBeVisible();
  await expect(
    page.getByRole('navigation', { name: 'Từ nơi rộng xuống nơi đang xem' }).getByRole('link'),
  ).toHaveText(['Tỉnh Bình Định', 'Thị xã An Nhơn']);
  await page.goBack();
  await expect(laptop.heading(/^Tiến độ .*An Nhơn$/)).toBeVisible();
  await page.goBack();
  await expect(laptop.heading(/^Tiến độ .*Bình Định$/)).toBeVisible();
});

test('searching a split commune by its old name shows every candidate and picks none', async ({
  newPhone,
}) => {
  const laptop = await newPhone(LAPTOP);
  const { page } = laptop;
  await laptop.signIn(PROVINCE_OFFICER);
  await page.getByRole('link', { name: 'Địa bàn' }).first().click();
  await page.getByRole('searchbox', { name: /^Tìm tỉnh, xã/ }).fill('an nghia');
  await page.getByRole('link', { name: /Xã An Nghĩa.*An Lão/ }).click();
  await expect(laptop.heading('Xã An Nghĩa')).toBeVisible();
  await expect(page.getByText('Cần chọn')).toBeVisible();
  await expect(page.getByText(/Có 2 khả năng/)).toBeVisible();
  await expect(page.getByRole('link', { name: 'Xã An Toàn' })).toBeVisible();
  await page.getByRole('link', { name: 'Xã An Hòa' }).click();
  await expect(laptop.heading('Xã An Hòa')).toBeVisible();
  await expect(page.getByText('từ 01/07/2025 đến nay')).toBeVisible();
  await page.goBack();
  await expect(laptop.heading('Xã An Nghĩa')).toBeVisible();
});

test('an account stopped by the office is asked to sign in and refused, and comes back when opened again', async ({
  newPhone,
}) => {
  const phone = await newPhone();
  await phone.signIn(VOLUNTEER);
  const laptop = await newPhone(LAPTOP);
  const { page } = laptop;
  await laptop.signIn(PROVINCE_OFFICER);
  await page.getByRole('link', { name: 'Thành viên' }).first().click();
  await page.getByRole('searchbox', { name: /^Tìm tên/ }).fill('nguyen thi hanh');
  const line = page.getByRole('listitem').filter({ hasText: /^Nguyễn Thị Hạnh\s*tnv/ });
  await laptop.button(/^Ngừng/, line).click();
  const sure = laptop.sheet('Ngừng tài khoản Nguyễn Thị Hạnh?');
  await laptop.button('Ngừng', sure).click();
  await expect(line.getByText('Đã ngừng')).toBeVisible();

  await phone.record('TK thanh toán');
  await phone.home();
  await expect(phone.page.getByText('Cần đăng nhập để gửi')).toBeVisible();
  await phone.page.getByRole('link', { name: 'Đăng nhập để gửi' }).tap();
  await phone.page.getByLabel(/^Mã PIN của/).fill(VOLUNTEER.secret);
  await phone.button('Đăng nhập').tap();
  await expect(phone.page.getByRole('alert')).toBeVisible();

  await laptop.button(/^Mở lại/, line).click();
  await laptop.button('Mở lại', laptop.sheet('Mở lại tài khoản Nguyễn Thị Hạnh?')).click();
  await expect(line.getByText('Đã ngừng')).toBeHidden();
  await phone.page.getByLabel(/^Mã PIN của/).fill(VOLUNTEER.secret);
  await phone.button('Đăng nhập').tap();
  await phone.expectCounts({ phone: 0, received: 1, counted: 1 });
});
