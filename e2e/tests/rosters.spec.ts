import { check } from '../support/faults.ts';
import { COMMUNE_OFFICER, LAPTOP, LEADER, VOLUNTEER, type Phone } from '../support/phone.ts';
import { expect, test } from '../support/test.ts';

const section = (phone: Phone, name: string) => phone.page.getByRole('region', { name });

test('a leader fills a month: gaps first, one suggestion, then all at once', async ({ phone }) => {
  await phone.signIn(LEADER);
  await phone.openMore('Ca trực');
  await phone.page.getByRole('link', { name: 'Xếp ca' }).tap();
  const gaps = phone.page.getByRole('heading', { name: /^Còn thiếu \d+ lượt trực$/ });
  await expect(gaps).toHaveText('Còn thiếu 55 lượt trực');
  await check(phone, 'arranging');

  await phone.button('Gợi ý người').first().tap();
  const who = phone.sheet('Ca trực');
  await expect(who).toContainText('ở gần');
  await phone
    .button(/^Giao ca cho/, who)
    .first()
    .tap();
  await expect(gaps).toHaveText('Còn thiếu 54 lượt trực');

  await phone.button('Xếp tự động').tap();
  const preview = phone.sheet('Xem trước lịch xếp tự động');
  await expect(preview).toContainText('Lịch này cách mức tốt nhất có thể không quá');
  await phone.button('Duyệt lịch này', preview).tap();
  await expect(phone.toast(/^Đã xếp \d+ lượt trực/)).toBeVisible();
  await expect(phone.page.getByRole('heading', { name: 'Các ca đã đủ người' })).toBeVisible();
});

test('a volunteer offers a shift with no signal, and another takes it over', async ({ phone, newPhone }) => {
  await phone.signIn(VOLUNTEER);
  await expect(phone.page.getByRole('heading', { name: 'Ca trực sắp tới của bạn' })).toBeVisible();
  await phone.offline();
  await phone.openMore('Ca trực');
  const mine = section(phone, 'Ca của tôi');
  await expect(mine).toContainText('07:00–11:30');
  await phone.button('Tìm người thay', mine).tap();
  await expect(mine).toContainText('Đang tìm người thay');
  await expect(mine).toContainText('Chờ gửi');
  await check(phone, 'shifts');
  await phone.online();
  await expect(mine).not.toContainText('Chờ gửi');
  await expect(mine).toContainText('Đang tìm người thay');

  const other = await newPhone();
  await other.signIn(LEADER);
  await other.openMore('Ca trực');
  await other.button('Nhận thay').tap();
  const theirs = section(other, 'Ca của tôi');
  await expect(theirs).toContainText('07:00–11:30');
  await expect(theirs).not.toContainText('Chờ gửi');
  await phone.offline();
  await phone.online();
  await expect(phone.page.getByText('Bạn chưa có ca nào sắp tới.')).toBeVisible();
});

test('somebody taken off a shift leaves a gap that the commune officer hears of and fills', async ({
  phone,
  newPhone,
}) => {
  await phone.signIn(LEADER);
  await phone.page.goto('/ca-truc/xep');
  const gaps = phone.page.getByRole('heading', { name: /^Còn thiếu \d+ lượt trực$/ });
  await expect(gaps).toHaveText('Còn thiếu 55 lượt trực');
  const wednesday = phone.page.getByRole('listitem').filter({ hasText: 'Hạnh' });
  await phone.button('Gợi ý người', wednesday).tap();
  const shift = phone.sheet('Ca trực');
  const takeOff = async () => {
    await phone.button(/^Rút khỏi ca/, shift).tap();
    await shift.getByLabel('Bận việc khác').check();
    await phone.button(/^Rút .+ khỏi ca$/, shift).tap();
  };
  await takeOff();
  await expect(gaps).toHaveText('Còn thiếu 56 lượt trực');
  await phone.button('Hoàn tác').tap();
  await expect(gaps).toHaveText('Còn thiếu 55 lượt trực');
  await phone.button('Gợi ý người', wednesday).tap();
  await takeOff();
  await expect(gaps).toHaveText('Còn thiếu 56 lượt trực');

  const officer = await newPhone(LAPTOP);
  await officer.signIn(COMMUNE_OFFICER);
  const heard = await officer.page.request.get('/api/v1/notifications');
  const { notifications } = (await heard.json()) as {
    notifications: { kind: string; title: string; link: string }[];
  };
  const left = notifications.filter(({ kind }) => kind === 'shift_left');
  expect(left[0]?.title).toContain('Hạnh không trực ca 07:00–11:30 ngày 16/10/2024 nữa');
  await officer.page.goto(left[0]?.link ?? '');
  const ahead = officer.page.getByRole('heading', {
    name: /^14 ngày tới: \d+ ca còn thiếu \d+ người$/,
  });
  await expect(ahead).toContainText('20 ca còn thiếu 40 người');
  await expect(section(officer, 'Tỷ lệ ngày đủ người theo tuần')).toContainText(
    'ngày đã qua có đủ người đến trực',
  );

  const day = section(officer, 'Thứ Tư, 16/10/2024');
  await officer.button('Gợi ý người', day).first().click();
  const sheet = officer.sheet('Ca trực');
  await sheet.getByText('Lịch sử của ca').click();
  await expect(sheet).toContainText('được rút khỏi ca');
  await expect(sheet).toContainText('Bận việc khác');
  await officer
    .button(/^Giao ca cho/, sheet)
    .first()
    .click();
  await expect(ahead).toContainText('39 người');

  await officer.page.goto('/ca-truc/xep');
  await officer
    .button(/^07:00–11:30.*thiếu 1$/)
    .first()
    .click();
  await expect(officer.sheet('Ca trực')).toContainText('Đang có 1 người');
});

test('an officer makes a rule out of an agreement, and its shifts from it', async ({ newPhone }) => {
  const officer = await newPhone(LAPTOP);
  await officer.signIn(COMMUNE_OFFICER);
  await officer.page.goto('/ca-truc/quy-dinh');
  const point = officer.page.getByLabel('Điểm trực');
  await expect(officer.page.getByText('Điểm này chưa có quy định trực')).toBeVisible();
  await point.selectOption('Trung tâm Phục vụ hành chính công');
  await expect(officer.page.getByText('Mỗi ca 2–3 người')).toBeVisible();
  await point.selectOption({ index: 0 });
  await officer.button('Thêm quy định').click();
  const sheet = officer.sheet('Thêm quy định');
  await sheet.getByLabel('Thứ Bảy').check();
  await sheet.getByLabel('Chiều').uncheck();
  await sheet.getByLabel('Ít nhất (người)').fill('0');
  await sheet.getByLabel('Tên thỏa thuận, kế hoạch').fill('Kế hoạch Ngày thứ Bảy tình nguyện');
  await sheet.getByLabel('Số', { exact: true }).fill('45-KH/ĐTN');
  await officer.button('Lưu quy định', sheet).click();
  await expect(sheet).toContainText('Ít nhất 1 người');
  await sheet.getByLabel('Ít nhất (người)').fill('1');
  await officer.button('Lưu quy định', sheet).click();
  await expect(officer.toast('Đã lưu quy định.')).toBeVisible();
  const card = officer.page
    .getByRole('article')
    .filter({ hasText: 'Kế hoạch Ngày thứ Bảy tình nguyện, số 45-KH/ĐTN' });
  await expect(card).toContainText('Thứ Hai–Thứ Bảy · Sáng');
  await officer.button('Kết thúc', card).click();
  await officer.button('Hoàn tác').click();
  await expect(card).toContainText('báo thiếu trước 72, 24 giờ');
  await officer.page.goto('/ca-truc/xep');
  await officer.button('Tạo ca theo quy định').click();
  await expect(officer.toast(/^Đã tạo [1-9]\d* ca/)).toBeVisible();
});

test('a volunteer says without a network when they are free', async ({ phone }) => {
  await phone.signIn(VOLUNTEER);
  await phone.offline();
  await phone.openMore('Ca trực');
  await phone.page.getByRole('link', { name: 'Lịch rảnh của tôi' }).tap();
  const sunday = phone.button(/^Chủ nhật, Sáng:/);
  await expect(sunday).toContainText('Bận');
  await sunday.tap();
  await sunday.tap();
  await expect(sunday).toContainText('Thích');
  await phone.page.getByLabel('Từ ngày').fill('2024-10-20');
  await phone.button('Thêm ngày vắng').tap();
  await expect(phone.page.getByText('20/10/2024')).toBeVisible();
  await expect(phone.page.getByText('Chờ gửi')).toBeVisible();
  await phone.online();
  await expect(phone.page.getByText('Chờ gửi')).toBeHidden();
  const kept = await phone.page.request.get('/api/v1/rosters/availability');
  const { availability } = (await kept.json()) as {
    availability: { prefers: unknown[]; away: unknown[] };
  };
  expect(availability.prefers).toContainEqual({ weekday: 7, half: 'morning' });
  expect(availability.away).toContainEqual({
    from: '2024-10-20',
    to: '2024-10-20',
  });
});
