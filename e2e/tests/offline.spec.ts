import { INDICATORS } from '../support/office.ts';
import { LAPTOP, PROVINCE_OFFICER, VOLUNTEER } from '../support/phone.ts';
import { expect, test } from '../support/test.ts';

const TAPS_MAX = 3;

test('an assist recorded without network in three taps survives closing the browser, is sent when the network returns and moves an open progress screen', async ({
  newPhone,
  office,
}) => {
  const screen = await newPhone(LAPTOP);
  await screen.signIn(PROVINCE_OFFICER);
  const card = screen.page.getByRole('article', { name: 'Tài khoản thanh toán' });
  await expect(screen.page.getByText('Đang cập nhật trực tiếp')).toBeVisible();
  const before = await office.result(INDICATORS.payment_account);
  await expect(card.getByRole('link')).toHaveText(before.toLocaleString('vi-VN'));

  const phone = await newPhone({ lasting: true });
  await phone.signIn(VOLUNTEER);
  await phone.offline();
  phone.taps = 0;
  await phone.record('TK thanh toán');
  expect(phone.taps).toBeLessThanOrEqual(TAPS_MAX);
  await phone.home();
  await phone.expectCounts({ phone: 1, received: 0, counted: 0 });

  await phone.closeBrowser();
  await phone.openBrowser();
  await phone.page.goto('/');
  await expect(phone.heading(`Chào ${VOLUNTEER.given}`)).toBeVisible();
  await phone.expectCounts({ phone: 1, received: 0, counted: 0 });
  expect(await office.result(INDICATORS.payment_account)).toBe(before);

  const [row] = await phone.facts();
  const told = phone.network.seen.length;
  await phone.online();
  await expect
    .poll(
      () => phone.network.seen.slice(told).some((one) => one.path === '/api/v1/facts' && one.status === 200),
      { intervals: [20] },
    )
    .toBe(true);
  await expect(card.getByRole('link')).toHaveText((before + 1).toLocaleString('vi-VN'));
  await phone.expectCounts({ phone: 0, received: 1, counted: 1 });
  expect((await office.fact(row?.id ?? '')).state).toBe('live');
});

test('offline from the first sign-in on, "same again" and "undo" take one tap each, and what was undone does not count', async ({
  phone,
  office,
}) => {
  const before = await office.result(INDICATORS.payment_account);
  await phone.signIn(VOLUNTEER);
  await phone.offline();
  await phone.record('TK thanh toán');
  await phone.home();
  await phone.expectCounts({ phone: 1, received: 0, counted: 0 });

  phone.taps = 0;
  await phone.tap(phone.button(/^Làm lại như vừa rồi/));
  await phone.expectCounts({ phone: 2, received: 0, counted: 0 });
  expect(phone.taps).toBe(1);
  await phone.tap(phone.button('Hoàn tác'));
  await phone.expectCounts({ phone: 1, received: 0, counted: 0 });
  expect(phone.taps).toBe(2);

  // One that the phone already tried to send may be known to the server, so undoing it must reach the server, too.
  await phone.tap(phone.button(/^Làm lại như vừa rồi/));
  await phone.expectCounts({ phone: 2, received: 0, counted: 0 });
  await expect.poll(async () => (await phone.facts()).every((row) => row.attempted)).toBe(true);
  await phone.tap(phone.button(/^Hoàn tác: /).first());
  await phone.expectCounts({ phone: 1, received: 0, counted: 0 });

  await phone.online();
  await phone.expectCounts({ phone: 0, received: 1, counted: 1 });
  expect(await office.result(INDICATORS.payment_account)).toBe(before + 1);
  const undone = (await phone.facts()).find((row) => row.voided_by !== null);
  expect((await office.fact(undone?.id ?? '')).state).toBe('voided');
});

test('guides open step by step without network', async ({ phone }) => {
  await phone.signIn(VOLUNTEER);
  await phone.offline();
  await phone.closePage();
  await phone.openPage();
  await phone.page.goto('/huong-dan');
  await expect(phone.page.getByRole('main').getByRole('listitem')).toHaveCount(9);
  await phone.page.getByRole('searchbox', { name: 'Tìm hướng dẫn' }).fill('chu ky so');
  await phone.page.getByRole('link', { name: /chữ ký số/i }).tap();
  await phone.button('Bắt đầu').tap();
  await expect(phone.page.getByText(/^Bước 1 trên \d+$/)).toBeVisible();
  for (;;) {
    const next = phone.button('Tiếp theo');
    if (!(await next.isVisible())) break;
    await next.tap();
  }
  await phone.button('Xong').tap();
  await expect(phone.page.getByRole('heading', { name: 'Sau khi xong' })).toBeVisible();
  await expect(phone.page.getByRole('link', { name: 'Ghi lượt hỗ trợ' })).toBeVisible();
});

test('the program stops when asked though screens are listening, and they are live again after a restart', async ({
  newPhone,
  server,
}) => {
  const screen = await newPhone(LAPTOP);
  await screen.signIn(PROVINCE_OFFICER);
  const live = screen.page.getByText('Đang cập nhật trực tiếp');
  await expect(live).toBeVisible();
  await server.down();
  await expect(live).toBeHidden();
  await server.up();
  await expect(live).toBeVisible();
});
