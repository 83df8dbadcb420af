import { INDICATORS } from '../support/office.ts';
import { sendsFacts } from '../support/network.ts';
import { LEADER, VOLUNTEER } from '../support/phone.ts';
import { expect, test } from '../support/test.ts';

test('when the acknowledgement is lost the phone sends again and the assist counts once', async ({
  phone,
  office,
}) => {
  const before = await office.result(INDICATORS.payment_account);
  await phone.signIn(VOLUNTEER);
  const lost = phone.network.loseReply(sendsFacts);
  await phone.record('TK thanh toán');
  await phone.home();
  await lost;
  const [row] = await phone.facts();
  const id = row?.id ?? '';
  expect(await office.has(id)).toBe(true);
  await phone.expectCounts({ phone: 1, received: 0, counted: 0 });

  phone.network.restore();
  await phone.expectCounts({ phone: 0, received: 1, counted: 1 });
  const sent = phone.network.seen.filter((one) => sendsFacts(one.method, one.path) && one.body.includes(id));
  expect(sent.length).toBeGreaterThanOrEqual(2);
  expect(await office.result(INDICATORS.payment_account)).toBe(before + 1);
});

test('two people on one phone: what one left unsent is neither lost nor sent under the other name', async ({
  phone,
  office,
}) => {
  await phone.signIn(VOLUNTEER);
  await phone.offline();
  await phone.record('TK thanh toán');
  await phone.home();
  await phone.expectCounts({ phone: 1, received: 0, counted: 0 });
  const [first] = await phone.facts();
  await phone.openMore('Máy này');
  await phone.button('Đăng xuất').tap();
  const sheet = phone.sheet('Đăng xuất khỏi máy này?');
  await expect(sheet).toContainText('Còn 1 lượt chưa gửi');
  await phone.button('Đăng xuất', sheet).tap();
  await expect(phone.heading('Ai đang cầm máy?')).toBeVisible();
  await expect(phone.button(/còn 1 lượt chưa gửi trên máy này/)).toBeVisible();

  await phone.online();
  await phone.button('Người khác').tap();
  await phone.fillSignIn(LEADER);
  await phone.record('TK thanh toán');
  await phone.home();
  await phone.expectCounts({ phone: 0, received: 1, counted: 1 });
  const second = (await phone.facts()).find((row) => row.id !== first?.id);
  expect((await phone.facts()).find((row) => row.id === first?.id)?.state).toBe('unsent');
  expect(await office.has(first?.id ?? '')).toBe(false);

  await phone.openMore('Máy này');
  await phone.button('Đổi người').tap();
  await phone.choosePerson(/còn 1 lượt chưa gửi trên máy này/, VOLUNTEER.secret);
  await expect(phone.heading(`Chào ${VOLUNTEER.given}`)).toBeVisible();
  await phone.expectCounts({ phone: 0, received: 1, counted: 1 });
  expect((await office.fact(first?.id ?? '')).actor.id).toBe(await office.memberId(VOLUNTEER.login));
  expect((await office.fact(second?.id ?? '')).actor.id).toBe(await office.memberId(LEADER.login));
});

test('a session ended by the office loses nothing: the phone asks to sign in and sends afterwards', async ({
  phone,
  office,
}) => {
  const before = await office.result(INDICATORS.payment_account);
  const member = await office.memberId(VOLUNTEER.login);
  await phone.signIn(VOLUNTEER);
  await phone.offline();
  await phone.record('TK thanh toán');
  await phone.home();
  await office.post(`/members/${member}/disable`);
  await office.post(`/members/${member}/enable`);

  await phone.online();
  await expect(phone.page.getByText('Cần đăng nhập để gửi')).toBeVisible();
  await phone.expectCounts({ phone: 1, received: 0, counted: 0 });
  await phone.record('VNeID mức 2');
  await phone.home();
  await phone.expectCounts({ phone: 2, received: 0, counted: 0 });
  expect(await office.result(INDICATORS.payment_account)).toBe(before);

  await phone.page.getByRole('link', { name: 'Đăng nhập để gửi' }).tap();
  await phone.page.getByLabel(/^Mã PIN của/).fill(VOLUNTEER.secret);
  await phone.button('Đăng nhập').tap();
  await phone.expectCounts({ phone: 0, received: 2, counted: 2 });
  expect(await office.result(INDICATORS.payment_account)).toBe(before + 1);
});

test('the same help for the same person on the same day is pointed out before saving, and counts once', async ({
  phone,
  office,
}) => {
  const before = await office.result(INDICATORS.payment_account);
  await phone.signIn(VOLUNTEER);
  await phone.offline();
  const helpSamePerson = async () => {
    await phone.page.getByRole('link', { name: /^Ghi lượt hỗ trợ/ }).tap();
    await phone.tile('TK thanh toán').tap();
    await phone.button('Thêm chi tiết').tap();
    await phone.identify({ number: '0905 123 456', given: 'An' });
    await phone.button('Xong', phone.sheet('Thêm chi tiết')).tap();
  };
  await helpSamePerson();
  await expect(phone.toast(/^Đã ghi: /)).toBeVisible();
  await phone.home();
  await helpSamePerson();
  const warning = phone.sheet('Hình như đã ghi rồi');
  await expect(warning).toContainText('TK thanh toán');
  expect(await phone.count('facts')).toBe(1);
  await phone.button('Vẫn ghi', warning).tap();
  await expect.poll(() => phone.count('facts')).toBe(2);
  await phone.home();
  await phone.expectCounts({ phone: 2, received: 0, counted: 0 });

  await phone.online();
  await phone.expectCounts({ phone: 0, received: 2, counted: 1 });
  expect(await office.result(INDICATORS.payment_account)).toBe(before + 1);
});

test('unsent facts and a half-written assist survive an update of the app', async ({ phone, office }) => {
  const busy = {
    code: 'storage.busy',
    status: 503,
    title: 'Máy chủ đang bận',
    next: 'Thử lại sau.',
    facts: {},
    retryable: true,
    request_id: '',
  };
  const before = await office.result(INDICATORS.payment_account);
  await phone.signIn(VOLUNTEER);
  phone.network.answer(sendsFacts, Infinity, () => ({ status: 503, body: JSON.stringify(busy) }));
  await phone.record('TK thanh toán');
  await phone.tile('Đăng nhập DVC').tap();
  await phone.home();
  await phone.expectCounts({ phone: 1, received: 0, counted: 0 });

  phone.network.rewrite(
    (_, path) => path === '/sw.js',
    (script) => `${script}\n// next version`,
  );
  await phone.page.reload();
  await phone.button('Dùng bản mới').tap();
  await expect(phone.button('Dùng bản mới')).toBeHidden();
  await expect(phone.heading(/^Chào/)).toBeVisible();
  await phone.expectCounts({ phone: 1, received: 0, counted: 0 });
  await phone.page.getByRole('link', { name: /^Ghi lượt hỗ trợ/ }).tap();
  await expect(phone.tile('Đăng nhập DVC')).toHaveAttribute('aria-pressed', 'true');
  await phone.home();

  phone.network.behave();
  await phone.expectCounts({ phone: 0, received: 1, counted: 1 });
  expect(await office.result(INDICATORS.payment_account)).toBe(before + 1);
});

test('unsent facts handed over in a locked file are sent by both phones and count once', async ({
  newPhone,
  office,
}, info) => {
  const before = await office.result(INDICATORS.payment_account);
  const passphrase = 'ba con vịt xanh';
  const broken = await newPhone();
  await broken.signIn(VOLUNTEER);
  await broken.offline();
  await broken.record('TK thanh toán');
  await broken.home();
  await broken.openMore('Máy này');
  await broken.page.getByLabel('Câu bí mật cho tệp').fill(passphrase);
  const saving = broken.page.waitForEvent('download');
  await broken.button('Lưu 1 lượt thành tệp').tap();
  const file = info.outputPath('handover.json');
  await (await saving).saveAs(file);

  const other = await newPhone();
  await other.signIn(VOLUNTEER);
  await other.openMore('Máy này');
  const choose = async (secret: string) => {
    await other.page.getByLabel('Câu bí mật cho tệp').fill(secret);
    const choosing = other.page.waitForEvent('filechooser');
    await other.button('Nhận tệp từ máy khác').first().tap();
    await (await choosing).setFiles(file);
  };
  await choose('không phải câu này');
  await expect(other.toast('Không mở được tệp: sai câu bí mật hoặc tệp hỏng')).toBeVisible();
  expect(await other.count('facts')).toBe(0);
  await choose(passphrase);
  await expect(other.toast('Đã nhận 1 lượt, sẽ gửi khi có mạng')).toBeVisible();
  await other.page.getByRole('link', { name: 'Hôm nay' }).tap();
  await other.expectCounts({ phone: 0, received: 1, counted: 1 });

  await broken.online();
  await broken.page.getByRole('link', { name: 'Hôm nay' }).tap();
  await broken.expectCounts({ phone: 0, received: 1, counted: 1 });
  expect(await office.result(INDICATORS.payment_account)).toBe(before + 1);
});
