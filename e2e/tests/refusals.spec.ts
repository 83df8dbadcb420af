import { INDICATORS } from '../support/office.ts';
import { sendsFacts } from '../support/network.ts';
import { VOLUNTEER, type Phone } from '../support/phone.ts';
import { expect, test } from '../support/test.ts';

const YEAR_MS = 365 * 86_400_000;
const CLOSE_MS = 120_000;

async function expectRefused(
  phone: Phone,
  said: { title: RegExp; next: RegExp; code: string },
): Promise<void> {
  await expect(phone.page.getByText('1 lượt cần sửa').last()).toBeVisible();
  await phone.page.getByRole('link', { name: 'Xem và sửa' }).tap();
  await expect(phone.heading('Nhật ký của tôi')).toBeVisible();
  await expect(phone.page.getByText(said.title)).toBeVisible();
  await expect(phone.page.getByText(said.next)).toBeVisible();
  await expect(phone.page.getByText(`Mã: ${said.code}`)).toBeVisible();
}

test('a fact the server refuses says what to do, with its code, and counts once put right', async ({
  phone,
  office,
}) => {
  const before = await office.result(INDICATORS.payment_account);
  await phone.signIn(VOLUNTEER);
  await phone.page.getByRole('link', { name: /^Ghi lượt hỗ trợ/ }).tap();
  await phone.tile('TK thanh toán').tap();
  await phone.button('Thêm chi tiết').tap();
  const details = phone.sheet('Thêm chi tiết');
  await details.getByLabel('Lúc khác').check();
  await details.getByLabel('Ngày, giờ hỗ trợ').fill('2024-02-01T09:00');
  await phone.button('Xong', details).tap();
  await phone.home();
  await expectRefused(phone, {
    title: /có ngày trước khi đợt bắt đầu \(03\/03\/2024\)/,
    next: /Xem lại ngày của lượt/,
    code: 'fact.before_campaign',
  });
  expect(await office.result(INDICATORS.payment_account)).toBe(before);

  await phone.page.getByRole('link', { name: 'Sửa', exact: true }).tap();
  await expect(phone.heading('Sửa lượt hỗ trợ')).toBeVisible();
  await phone.button('Thêm chi tiết').tap();
  await details.getByLabel('Ngay bây giờ').check();
  await phone.button('Lưu bản sửa', details).tap();
  await expect(phone.heading('Nhật ký của tôi')).toBeVisible();
  await phone.page.getByRole('link', { name: 'Hôm nay' }).tap();
  await phone.expectCounts({ phone: 0, received: 1, counted: 1 });
  expect(await office.result(INDICATORS.payment_account)).toBe(before + 1);
});

test('a refusal the phone has never heard of is still shown with its words and code, and the fact can be sent again', async ({
  phone,
  office,
}) => {
  const before = await office.result(INDICATORS.payment_account);
  await phone.signIn(VOLUNTEER);
  phone.network.answer(sendsFacts, 1, (body) => {
    const { facts } = JSON.parse(body) as { facts: { id: string; happened_at: string }[] };
    const problem = {
      code: 'fact.of_tomorrow',
      status: 422,
      title: 'Lượt này vướng một quy định mới.',
      next: 'Bấm Sửa rồi lưu lại.',
      facts: {},
      retryable: false,
    };
    const outcomes = facts.map(({ id }) => ({
      id,
      outcome: 'refused',
      counted_in: [],
      credited_before: [],
      needs: null,
      problem,
    }));
    return { status: 200, body: JSON.stringify({ server_time: facts[0]?.happened_at, outcomes }) };
  });
  await phone.record('TK thanh toán');
  await phone.home();
  await expectRefused(phone, {
    title: /quy định mới/,
    next: /Bấm Sửa rồi lưu lại/,
    code: 'fact.of_tomorrow',
  });
  await phone.page.getByRole('link', { name: 'Sửa', exact: true }).tap();
  await phone.button('Lưu bản sửa').tap();
  await expect(phone.heading('Nhật ký của tôi')).toBeVisible();
  await phone.page.getByRole('link', { name: 'Hôm nay' }).tap();
  await phone.expectCounts({ phone: 0, received: 1, counted: 1 });
  expect(await office.result(INDICATORS.payment_account)).toBe(before + 1);
});

test('an assist not sent yet can be corrected before it ever leaves the phone', async ({ phone, office }) => {
  await phone.signIn(VOLUNTEER);
  await phone.offline();
  await phone.forgetCookie();
  await phone.record('TK thanh toán');
  await phone.home();
  await phone.page.getByRole('link', { name: 'Nhật ký' }).first().tap();
  await phone.page
    .getByRole('main')
    .getByRole('button', { name: /TK thanh toán/ })
    .tap();
  await phone.page.getByRole('link', { name: 'Sửa', exact: true }).tap();
  await phone.page.getByLabel('Đã hướng dẫn').check();
  await phone.button('Lưu bản sửa').tap();
  await expect(phone.heading('Nhật ký của tôi')).toBeVisible();
  await expect(phone.page.getByText('Đã hướng dẫn')).toBeVisible();

  const before = await office.result(INDICATORS.payment_account);
  await phone.online();
  await phone.page.getByRole('link', { name: 'Hôm nay' }).tap();
  await phone.page.getByRole('link', { name: 'Đăng nhập để gửi' }).tap();
  await phone.page.getByLabel(/^Mã PIN của/).fill(VOLUNTEER.secret);
  await phone.button('Đăng nhập').tap();
  await phone.expectCounts({ phone: 0, received: 1, counted: 0 });
  expect(await office.result(INDICATORS.payment_account)).toBe(before);
});

test('a phone whose clock is a year behind stamps facts with the server’s time', async ({
  newPhone,
  office,
}) => {
  const serverMs = await office.nowMs();
  const phone = await newPhone({ clockShiftMs: serverMs - YEAR_MS - Date.now() });
  await phone.signIn(VOLUNTEER);
  await expect(phone.page.getByText(/13\/10\/2024/)).toBeVisible();
  await phone.offline();
  await phone.page.reload();
  await phone.record('TK thanh toán');
  await phone.home();
  await phone.online();
  await phone.expectCounts({ phone: 0, received: 1, counted: 1 });
  const [row] = await phone.facts();
  const stamped = Date.parse((await office.fact(row?.id ?? '')).happened_at);
  expect(Math.abs(stamped - serverMs)).toBeLessThan(CLOSE_MS);
});

test('a clock that jumps a year ahead without network is noticed by the server and put right in one tap', async ({
  newPhone,
  office,
}) => {
  const serverMs = await office.nowMs();
  const phone = await newPhone({ clockShiftMs: 0 });
  await phone.signIn(VOLUNTEER);
  await phone.offline();
  await phone.jumpClock(YEAR_MS);
  await phone.record('TK thanh toán');
  await phone.home();
  await phone.online();
  await expectRefused(phone, {
    title: /đang đi trước giờ máy chủ/,
    next: /Bật giờ tự động/,
    code: 'fact.future',
  });
  await phone.button('Sửa giờ').tap();
  await expect.poll(async () => (await phone.facts()).map((row) => row.state)).toEqual(['counted']);
  const [row] = await phone.facts();
  const stamped = Date.parse((await office.fact(row?.id ?? '')).happened_at);
  expect(Math.abs(stamped - serverMs)).toBeLessThan(CLOSE_MS);
});
