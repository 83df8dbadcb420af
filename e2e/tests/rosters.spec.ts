import { check } from '../support/faults.ts';
import { LEADER, VOLUNTEER, type Phone } from '../support/phone.ts';
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
  const who = phone.sheet('Ai có thể trực ca này?');
  await expect(who).toContainText('ở gần');
  await phone.button(/^Giao ca cho/, who).first().tap();
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
