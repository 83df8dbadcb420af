/** What an office sets up before a team can work: figures, teams, hamlets, people. */
import { Office } from '../support/office.ts';
import { ADMIN, COMMUNE_OFFICER, LAPTOP, PROVINCE_OFFICER } from '../support/phone.ts';
import { expect, test } from '../support/test.ts';

const QUANG_NAM = '63-49';

test('a split that lacks a figure says which, leads to the table where it is entered, and then shares to the unit', async ({
  newPhone,
  server,
}) => {
  const admin = await Office.open(server.url, ADMIN);
  const measure = { unit: 'person', count: 'distinct', all_of: [{}] };
  const campaign = await admin.post<{ id: string }>('/campaigns', {
    code: 'thu-nghiem',
    name: 'Thử nghiệm Quảng Nam',
    theme: '',
    issuing_document: { number: '1-KH', issued_on: null, issuer: 'Tỉnh đoàn', title: 'Kế hoạch' },
    place_id: QUANG_NAM,
    starts_on: '2024-10-01',
    ends_on: '2024-12-31',
    indicators: [
      {
        code: 'people',
        name: 'Số người được giúp',
        short_name: 'Người được giúp',
        definition: { kind: 'count', measure },
        deadline: null,
        target: 1000,
      },
    ],
  });
  await admin.close();
  const laptop = await newPhone(LAPTOP);
  const { page } = laptop;
  await laptop.signIn(ADMIN);
  await page.goto(`/chien-dich/${campaign?.id}/chi-tieu?place=${QUANG_NAM}&indicator=people`);
  await laptop.button('Chia xuống').click();
  const sheet = laptop.sheet('Chia 1.000 xuống các nơi dưới');
  await expect(sheet.getByText('Chưa chia được vì thiếu: Dân số')).toBeVisible();
  await expect(sheet.getByText(/Hội An/)).toBeVisible();
  await sheet.getByRole('link', { name: 'Nhập số liệu' }).click();
  await expect(laptop.heading('Số liệu')).toBeVisible();
  await expect(page.getByText(/^\d+ nơi chưa có số liệu này$/)).toBeVisible();

  const boxes = page.getByRole('main').getByRole('listitem').getByRole('textbox');
  const places = await boxes.count();
  expect(places).toBeGreaterThan(10);
  for (let at = 0; at < places; at += 1) await boxes.nth(at).fill(at === 3 ? 'nhiều' : `${at + 1}0.000`);
  await laptop.button(`Lưu ${places} số`).click();
  await expect(page.getByText('Nhập một số nguyên, ví dụ 12.500')).toBeVisible();
  await expect(page.getByText('Ghi nguồn để người sau tin được con số')).toBeVisible();
  await expect(page.getByText('Chọn ngày của số liệu')).toBeVisible();
  await boxes.nth(3).fill('40.000');
  await page.getByLabel('Nguồn').fill('Niên giám thống kê 2023');
  await page.getByLabel('Đúng vào ngày').fill('2023-12-31');
  await laptop.button(`Lưu ${places} số`).click();
  await expect(laptop.toast(`Đã lưu ${places} số`)).toBeVisible();
  await expect(page.getByText(/nơi chưa có số liệu này$/)).toBeHidden();
  await expect(page.getByText('ngày 31/12/2023 · Niên giám thống kê 2023').first()).toBeVisible();

  await page.goBack();
  await expect(laptop.heading('Người được giúp')).toBeVisible();
  await laptop.button('Chia xuống').click();
  await sheet.getByLabel('Lý do').fill('Theo dân số');
  await expect(sheet.getByRole('row', { name: /^Cộng/ })).toContainText('1.000');
  await laptop.button('Chia và lưu', sheet).click();
  await expect(page.getByText('Khớp với các nơi dưới')).toBeVisible();
});

test('a commune officer sees the figures of the commune and is told who enters them', async ({
  newPhone,
}) => {
  const laptop = await newPhone(LAPTOP);
  const { page } = laptop;
  await laptop.signIn(COMMUNE_OFFICER);
  await page.goto('/dia-ban?q=binh+dinh');
  await page.getByRole('link', { name: /^Phường Bình Định/ }).click();
  await expect(page.getByText(/^ngày 31\/12\/2023/).first()).toBeVisible();
  await page.getByRole('link', { name: 'Xem số liệu' }).click();
  await expect(laptop.heading('Số liệu')).toBeVisible();
  await expect(page.getByRole('main').getByRole('listitem')).toContainText('Phường Bình Định');
  await expect(page.getByRole('main').getByRole('textbox')).toHaveCount(0);
});

test('an indicator is built from form fields alone, and cannot end outside its campaign', async ({
  newPhone,
  office,
}) => {
  const laptop = await newPhone(LAPTOP);
  const { page } = laptop;
  await laptop.signIn(PROVINCE_OFFICER);
  await page.goto('/chien-dich/moi');
  await page.getByLabel('Tên văn bản').fill('Kế hoạch quý IV');
  await page.getByLabel('Số, ký hiệu').fill('32-KH/TĐTN');
  await page.getByLabel('Cơ quan ban hành').fill('Tỉnh đoàn Bình Định');
  await page.getByLabel('Tên chiến dịch').fill('Giúp tại quầy');
  await page.getByLabel('Từ ngày').fill('2024-10-01');
  await page.getByLabel('Đến hết ngày').fill('2024-12-31');
  await laptop.button('Tiếp tục').click();
  await laptop.button('Tự dựng').click();
  const sheet = laptop.sheet('Chỉ tiêu');
  await sheet.getByLabel('Tên đầy đủ').fill('Cán bộ được giúp tại quầy');
  await sheet.getByLabel('Tên ngắn').fill('Cán bộ tại quầy');
  await sheet.getByRole('group', { name: 'nơi' }).getByLabel('tại điểm phục vụ').check();
  await sheet.getByRole('group', { name: 'đối tượng' }).getByLabel('cán bộ').check();
  await expect(sheet.getByText('nơi: tại điểm phục vụ · đối tượng: cán bộ')).toBeVisible();
  await sheet.getByLabel('Tối thiểu mỗi đơn vị').check();
  await sheet.getByLabel('Ít nhất').fill('vài');
  await sheet.getByLabel('Hạn chót riêng').fill('2025-01-31');
  await laptop.button('Xong', sheet).click();
  await expect(sheet.getByText('Hạn chót cần nằm trong đợt')).toBeVisible();
  await expect(sheet.getByText('Nhập một số, ví dụ 1.200')).toBeVisible();
  await sheet.getByLabel('Ít nhất').fill('3');
  await sheet.getByLabel('Hạn chót riêng').fill('2024-12-15');
  await laptop.button('Xong', sheet).click();
  await expect(sheet).toBeHidden();
  await laptop.button('Tiếp tục').click();
  await laptop.button('Tạo chiến dịch').click();
  await expect(laptop.heading('Giúp tại quầy')).toBeVisible();
  await expect(page.getByText('nơi: tại điểm phục vụ · đối tượng: cán bộ')).toBeVisible();
  await expect(page.getByText(/^Hạn chót: hết ngày 15\/12\/2024/)).toBeVisible();
  expect((await office.get<{ campaigns: unknown[] }>('/campaigns')).campaigns.length).toBe(2);
});

test('an officer adds a team and a hamlet, invites a leader into them, stops the account and opens it again', async ({
  newPhone,
}) => {
  const laptop = await newPhone(LAPTOP);
  const { page } = laptop;
  await laptop.signIn(COMMUNE_OFFICER);
  await page.goto('/thanh-vien/to');
  const teams = page.getByRole('main').getByRole('listitem');
  await expect(teams.first()).toBeVisible();
  const before = await teams.count();
  await laptop.button('Thêm tổ').click();
  const team = laptop.sheet('Thêm tổ');
  await laptop.button('Thêm tổ', team).click();
  await expect(team.getByText('Cần điền mục này')).toBeVisible();
  await team.getByLabel('Tên tổ, đội').fill('Tổ công nghệ số Kim Châu');
  await laptop.button('Thêm tổ', team).click();
  await expect(laptop.toast('Đã thêm Tổ công nghệ số Kim Châu')).toBeVisible();
  await expect(teams).toHaveCount(before + 1);
  await laptop.button('Thêm tổ').click();
  await expect(team.getByLabel('Tên tổ, đội')).toHaveValue('');
  await team.getByLabel('Tên tổ, đội').fill('tổ công nghệ số Kim Châu');
  await laptop.button('Thêm tổ', team).click();
  await expect(team.getByText(/đã có/i)).toBeVisible();
  await page.keyboard.press('Escape');

  await page.getByRole('link', { name: 'Thôn', exact: true }).click();
  await expect(page.getByText('Chưa có thôn, tổ dân phố nào')).toBeVisible();
  await laptop.button('Thêm thôn').click();
  const hamlet = page.getByRole('dialog', { name: /^Thêm thôn, tổ dân phố vào Phường Bình Định/ });
  await hamlet.getByLabel('Khu phố', { exact: true }).check();
  await hamlet.getByLabel('Tên đầy đủ').fill('Khu phố Kim Châu');
  await laptop.button('Thêm thôn', hamlet).click();
  await expect(page.getByRole('main').getByText('Khu phố Kim Châu')).toBeVisible();

  await page.goto('/thanh-vien/moi');
  await page.getByLabel('Họ và tên').fill('Hồ Thị Kim');
  await page.getByLabel('Tổ trưởng').check();
  await page.getByLabel('Tổ, đội').selectOption({ label: 'Tổ công nghệ số Kim Châu' });
  await laptop.button('Tạo lời mời').click();
  const link = await page
    .getByRole('article', { name: 'Thẻ mời' })
    .getByText(/\/moi\//)
    .textContent();
  const phone = await newPhone();
  await phone.page.goto(new URL(link ?? '').pathname);
  await phone.page.getByLabel('Đặt mã PIN 6 số').fill('246810');
  await phone.page.getByLabel('Nhập lại lần nữa').fill('246810');
  await phone.button('Nhận lời mời').tap();
  await phone.ready();
  // The hamlet and the team are on the new phone, and a record made there is the team's.
  await phone.page.getByRole('link', { name: /^Ghi lượt hỗ trợ/ }).tap();
  await phone.tile('TK thanh toán').tap();
  await phone.button('Thêm chi tiết').tap();
  await phone.button('Đổi', phone.sheet('Thêm chi tiết')).tap();
  await phone.button(/^Khu phố Kim Châu/, phone.sheet('Chọn địa bàn')).tap();
  await phone.button('Xong', phone.sheet('Thêm chi tiết')).tap();
  await expect(phone.toast(/^Đã ghi: /)).toBeVisible();
  await phone.home();
  await phone.expectCounts({ phone: 0, received: 1, counted: 1 });
  const [row] = await phone.facts();
  expect(row?.fact.place).toMatch(/^l-/);
  expect(row?.fact.team).not.toBeNull();

  await page.goto('/thanh-vien');
  await page.getByRole('searchbox', { name: /^Tìm tên/ }).fill('ho thi kim');
  const line = page.getByRole('listitem').filter({ hasText: /^Hồ Thị Kim/ });
  await laptop.button(/^Ngừng/, line).click();
  await laptop.button('Ngừng', laptop.sheet('Ngừng tài khoản Hồ Thị Kim?')).click();
  await expect(line.getByText('Đã ngừng')).toBeVisible();
  await phone.page.reload();
  await expect(phone.page.getByText('Cần đăng nhập để gửi').first()).toBeVisible();
  await laptop.button(/^Mở lại/, line).click();
  await laptop.button('Mở lại', laptop.sheet('Mở lại tài khoản Hồ Thị Kim?')).click();
  await expect(line.getByText('Đã ngừng')).toBeHidden();
  await phone.page.getByRole('link', { name: 'Đăng nhập để gửi' }).tap();
  await phone.page.getByLabel(/^Mã PIN của/).fill('246810');
  await phone.button('Đăng nhập').tap();
  await phone.expectCounts({ phone: 0, received: 1, counted: 1 });
});
