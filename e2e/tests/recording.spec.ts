import { INDICATORS } from '../support/office.ts';
import { LEADER, VOLUNTEER } from '../support/phone.ts';
import { expect, test } from '../support/test.ts';

test('one visit with several services, details, consent and a follow-up arrives whole', async ({
  phone,
  office,
}) => {
  const before = await office.result(INDICATORS.payment_account);
  await phone.signIn(VOLUNTEER);
  await phone.offline();
  await phone.page.getByRole('link', { name: /^Ghi lượt hỗ trợ/ }).tap();
  await expect(phone.page.getByText('Phường Bình Định · Tại nhà dân')).toBeVisible();
  await phone.tile('TK thanh toán').tap();
  await phone.tile('VNeID mức 2').tap();
  await phone.tile('Nộp hồ sơ').tap();
  const item = (name: string) => phone.page.getByRole('region', { name, exact: true });
  await item('VNeID mức 2').getByLabel('Đã vận động, chưa đồng ý').check();
  await item('VNeID mức 2').getByLabel('Lý do').selectOption({ label: 'Sợ bị lừa đảo' });
  await item('VNeID mức 2').getByLabel('Chủ nhật tới').check();
  await item('Nộp hồ sơ').getByRole('radio', { name: 'Trực tuyến', exact: true }).check();
  await item('Nộp hồ sơ').getByLabel('Mã hồ sơ (nếu có)').fill('000.00.12.H08-241013-0007');

  await phone.button('Thêm chi tiết').tap();
  const details = phone.sheet('Thêm chi tiết');
  await details.getByLabel('Từ 60').check();
  await details.getByLabel('Tại quầy').check();
  await details.getByLabel('Ngôn ngữ khi hỗ trợ').selectOption({ label: 'Tiếng Ba Na' });
  await phone.identify({ number: '0912 345 678', given: 'Lan' });
  await details.getByLabel('Ghi chú').fill('Nhà có bậc cửa cao.');
  await phone.button('Xong 3 việc', details).tap();
  await expect(phone.toast(/^Đã ghi: /)).toBeVisible();
  await phone.home();
  await phone.expectCounts({ phone: 1, received: 0, counted: 0 });

  await phone.online();
  await phone.expectCounts({ phone: 0, received: 1, counted: 1 });
  const [row] = await phone.facts();
  // Of the person the server says only that it can tell them from others.
  const { body, state } = await office.get<{ state: string; body: Record<string, unknown> }>(
    `/facts/${row?.id}`,
  );
  expect(state).toBe('live');
  expect(body).toMatchObject({
    beneficiary: { kind: 'person', age_band: '60_plus', person: true },
    consent: { method: 'read_aloud', purposes: ['count_once'] },
    setting: 'desk',
    language: 'bdq',
    note: 'Nhà có bậc cửa cao.',
  });
  expect(body.items).toMatchObject([
    { service: 'payment_account', outcome: 'opened' },
    { service: 'vneid_l2', outcome: 'declined', reason: 'fears_scam', follow_up_on: '2024-10-20' },
    {
      service: 'dvc_dossier',
      outcome: 'submitted',
      channel: 'online',
      dossier_code: '000.00.12.H08-241013-0007',
    },
  ]);
  expect(JSON.stringify(body)).not.toContain('912345678');
  expect(await office.result(INDICATORS.payment_account)).toBe(before + 1);
});

test('a half-written assist is still there after the browser was closed', async ({ newPhone }) => {
  const phone = await newPhone({ lasting: true });
  await phone.signIn(VOLUNTEER);
  await phone.offline();
  await phone.page.getByRole('link', { name: /^Ghi lượt hỗ trợ/ }).tap();
  await phone.tile('Chữ ký số').tap();
  await expect.poll(() => phone.count('drafts')).toBe(1);
  await phone.closeBrowser();
  await phone.openBrowser();
  await phone.page.goto('/ghi');
  await expect(phone.tile('Chữ ký số')).toHaveAttribute('aria-pressed', 'true');
  await phone.button('Bỏ bản dở').tap();
  await expect(phone.tile('Chữ ký số')).toHaveAttribute('aria-pressed', 'false');
  await expect.poll(() => phone.count('drafts')).toBe(0);
});

test('an invitation opened on another phone becomes an account that records at once', async ({
  newPhone,
}) => {
  const leader = await newPhone();
  await leader.signIn(LEADER);
  await leader.page.goto('/thanh-vien');
  await leader.page.getByRole('link', { name: 'Mời', exact: true }).tap();
  await leader.page.getByLabel('Họ và tên').fill('Phan Thị Mơ');
  await leader.button('Tạo lời mời').tap();
  const card = leader.page.getByRole('article', { name: 'Thẻ mời' });
  await expect(card.getByRole('img', { name: 'Mã QR của lời mời' })).toBeVisible();
  const link = await card.getByText(/\/moi\//).textContent();
  const phone = await newPhone();
  await phone.page.goto(new URL(link ?? '').pathname);
  await expect(phone.heading('Phan Thị Mơ được mời tham gia')).toBeVisible();
  await expect(phone.page.getByLabel('Chọn tên đăng nhập')).toHaveValue('phanthimo');
  await phone.page.getByLabel('Đặt mã PIN 6 số').fill('135790');
  await phone.page.getByLabel('Nhập lại lần nữa').fill('135791');
  await phone.button('Nhận lời mời').tap();
  await expect(phone.page.getByText('Hai lần nhập chưa giống nhau')).toBeVisible();
  await phone.page.getByLabel('Nhập lại lần nữa').fill('135790');
  await phone.button('Nhận lời mời').tap();
  await phone.ready();
  await phone.record('TK thanh toán');
  await phone.home();
  await phone.expectCounts({ phone: 0, received: 1, counted: 1 });

  await phone.offline();
  await phone.openMore('Máy này');
  await phone.button('Đổi người').tap();
  await phone.choosePerson(/Phan Thị Mơ/, '135790');
  await expect(phone.heading('Chào Mơ')).toBeVisible();
});

test('a phone that kept nothing but the cookie opens the record screen with one question to the server', async ({
  phone,
}) => {
  const { url, seen } = phone.network;
  await phone.page.request.post(`${url}/api/v1/session`, {
    headers: { 'x-causo': '1', origin: url },
    data: {
      login: VOLUNTEER.login,
      password: VOLUNTEER.secret,
      device_id: '01928000-0000-7000-8000-0000000000fe',
    },
  });
  const told = seen.length;
  await phone.page.goto('/ghi');
  await expect(phone.tile('VNeID mức 2')).toBeVisible();
  const asked = seen.slice(told).filter((one) => one.path.startsWith('/api/'));
  expect(asked[0]?.path).toBe('/api/v1/changes');
  expect(asked.some((one) => one.path === '/api/v1/session')).toBe(false);
  await phone.tap(phone.tile('VNeID mức 2'));
  await phone.tap(phone.button('Xong'));
  await expect(phone.toast(/^Đã ghi: /)).toBeVisible();
});
