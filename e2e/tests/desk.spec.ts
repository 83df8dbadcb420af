/** A commune's desk: set up in one tap, run by two counters, and by one device when the network is gone. */
import { randomUUID } from 'node:crypto';
import type { Locator } from '@playwright/test';
import { check } from '../support/faults.ts';
import { Office } from '../support/office.ts';
import { COMMUNE_OFFICER, LAPTOP, type Phone } from '../support/phone.ts';
import { expect, test } from '../support/test.ts';

const POINT = 'Bàn tiếp dân thử';
const NEXT = 'Mời người tiếp theo';

/** A service point of the officer's commune, that has no desk yet. */
async function openPoint(office: Office): Promise<string> {
  const me = await office.get<{ grants: { place: { id: string } }[] }>('/session');
  const id = randomUUID();
  const spans = [{ from: '07:00', to: '11:30' }];
  await office.put(`/points/${id}`, {
    place_id: me.grants[0]?.place.id,
    name: POINT,
    kind: 'commune_centre',
    hours: { mon: spans },
  });
  return id;
}
async function setUp(phone: Phone): Promise<void> {
  await phone.page.goto('/quay/cai-dat');
  await phone.page.getByLabel('Điểm hỗ trợ').selectOption({ label: POINT });
  await phone.button('Dùng mẫu cho trung tâm xã').click();
  await expect(phone.toast(/^Đã lưu bàn tiếp dân/)).toBeVisible();
}
async function sitAt(phone: Phone, counter: string): Promise<void> {
  await phone.page.goto('/quay');
  await phone.page.getByLabel('Bạn đang ở điểm nào?').selectOption({ label: POINT });
  await phone.page.getByRole('radio', { name: new RegExp(`^Quầy ${counter}`) }).click();
  await expect(phone.heading(`Quầy ${counter}`)).toBeVisible();
}
async function take(phone: Phone, what: string[], priority?: string): Promise<string> {
  await phone.button('Lấy số').first().click();
  const sheet = phone.sheet('Lấy số giúp bà con');
  for (const one of what) {
    await sheet.getByRole('searchbox').fill(one.split(',')[0] ?? '');
    await sheet.getByRole('checkbox', { name: one, exact: true }).check();
  }
  if (priority !== undefined) await sheet.getByRole('radio', { name: priority }).check();
  await phone.button('Lấy số', sheet).click();
  const number = await sheet.getByRole('status').locator('.number').innerText();
  await sheet.getByRole('button', { name: 'Đóng' }).click();
  return number;
}
const current = (phone: Phone): Locator => phone.page.locator('#current');
async function call(phone: Phone, number: string): Promise<void> {
  await phone.button(NEXT).click();
  await expect(current(phone)).toHaveText(number);
}
async function serve(phone: Phone): Promise<void> {
  await phone.button(/^Bắt đầu/).click();
  await phone.button(/^Xong/).click();
}

test('an officer sets a desk up; two counters call, hold, transfer, miss and count what they did', async ({
  newPhone,
  server,
}) => {
  const office = await Office.open(server.url, COMMUNE_OFFICER);
  await openPoint(office);
  const one = await newPhone(LAPTOP);
  await one.signIn(COMMUNE_OFFICER);
  await setUp(one);
  await check(one, 'set-up');
  await one.button('Bỏ quầy 2').click();
  await one.button('Lưu cài đặt').click();
  await expect(one.page.getByRole('alert')).toContainText('chưa quầy nào nhận');
  await sitAt(one, '1');
  const two = await newPhone();
  await two.signIn(COMMUNE_OFFICER);
  await sitAt(two, '2');

  const first = await take(one, ['Hộ tịch']);
  const elder = await take(one, ['Chứng thực', 'Đất đai, xây dựng'], 'Từ 60 tuổi');
  expect([first, elder]).toEqual(['A001', 'B001']);
  await expect(one.page.getByRole('heading', { name: 'Đang chờ quầy này: 2' })).toBeVisible();
  await check(one, 'a free counter');

  // Priority first, by the keyboard; the second errand is another counter's.
  await one.heading('Quầy 1').click();
  await one.page.keyboard.press('Enter');
  await expect(current(one)).toHaveText(elder);
  await check(one, 'a called number');
  await serve(one);
  const done = one.sheet(`Đã xong số ${elder}`);
  await expect(done).toContainText('Chờ tiếp ở quầy khác: Đất đai');
  await check(one, 'what follows');
  await one.button('Đóng', done).last().click();
  await call(two, elder);
  await check(two, 'a counter on a phone');

  // Called twice in vain; comes back after all; is transferred.
  await call(one, first);
  await one.button(/^Gọi lại/).click();
  await one.button(/^Không đến/).click();
  await expect(one.page.getByRole('heading', { name: 'Vắng hoặc đã về: 1' })).toBeVisible();
  await one.button(/^Đã quay lại/).click();
  await call(one, first);
  await one.button(/^Giữ lại/).click();
  await one.button(/^Tiếp tục/).click();
  await one.button(/^Chuyển quầy/).click();
  await one.button('Chứng thực', one.sheet(`Chuyển số ${first}`)).click();
  await call(one, first);
  await serve(one);
  await one
    .button('Đóng', one.sheet(`Đã xong số ${first}`))
    .last()
    .click();

  // A known procedure becomes an assist in one tap.
  const known = await take(one, ['Chứng thực bản sao từ bản chính']);
  await call(one, known);
  await serve(one);
  const sheet = one.sheet(`Đã xong số ${known}`);
  await one.button(/^Ghi: /, sheet).click();
  await expect(sheet).toContainText('Đã ghi lượt hỗ trợ');
  await expect.poll(async () => (await one.facts()).filter(({ state }) => state === 'unsent').length).toBe(0);
  await sheet.getByRole('link', { name: 'Xem phiếu' }).click();
  await expect(one.page.getByRole('region', { name: 'Lượt hỗ trợ' })).not.toContainText('Chưa ghi');
  await expect(one.page.getByRole('region', { name: 'Từng bước' })).toContainText('Xong một việc');
  await check(one, 'a ticket');
  await one.page.goto('/quay/thoi-gian');
  await expect(one.page.getByRole('region', { name: 'Chờ theo giờ trong ngày' }).first()).toBeVisible();
  await check(one, 'times');
  await office.close();
});

test('without a network one device goes on, and everything arrives once', async ({ newPhone, server }) => {
  const office = await Office.open(server.url, COMMUNE_OFFICER);
  const point = await openPoint(office);
  const phone = await newPhone(LAPTOP);
  await phone.signIn(COMMUNE_OFFICER);
  await setUp(phone);
  await sitAt(phone, '1');
  expect(await take(phone, ['Hộ tịch'])).toBe('A001');
  await expect(phone.page.getByRole('link', { name: 'A001' })).toBeVisible();

  await phone.offline();
  await expect(phone.page.getByText('Mất kết nối với máy chủ')).toBeVisible();
  await phone.button('Làm tiếp trên máy này').click();
  const warning = phone.sheet('Chỉ một máy được làm tiếp');
  await expect(warning).toContainText('MỘT máy');
  await phone.button('Làm tiếp trên máy này', warning).click();
  await expect(phone.page.getByText('Đang chạy trên máy này')).toBeVisible();
  const own = await take(phone, ['Hộ tịch']);
  const elder = await take(phone, ['Chứng thực'], 'Từ 60 tuổi');
  // A series of the device's own, which others have seldom.
  const series = own.slice(2, 3);
  expect([own, elder]).toEqual([`A-${series}01`, `B-${series}01`]);
  for (const number of [elder, 'A001', own]) {
    await call(phone, number);
    await serve(phone);
    await phone
      .button('Đóng', phone.sheet(`Đã xong số ${number}`))
      .last()
      .click();
  }
  await check(phone, 'a desk without a network');
  // A reload loses nothing.
  await phone.page.reload();
  await expect(phone.page.getByText('Đang chạy trên máy này')).toBeVisible();
  expect(await take(phone, ['Hộ tịch'])).toBe(`A-${series}02`);
  await phone.page.goto('/quay/bang');
  await expect(phone.page.getByText('Đang chờ: 1')).toBeVisible();
  await check(phone, 'the board of this device');

  await phone.online();
  await phone.page.goto('/quay');
  await expect
    .poll(async () => (await phone.facts()).filter(({ state }) => state === 'unsent').length)
    .toBe(0);
  await expect(phone.page.getByText('Đang chạy trên máy này')).toBeHidden();
  const { queue } = await office.get<{
    queue: { tickets: { number: string; stage: string }[] };
  }>(`/desk/points/${point}/queue`);
  const stages = queue.tickets.map(({ number, stage }) => [number, stage]).sort();
  expect(stages).toEqual([
    [own, 'done'],
    [`A-${series}02`, 'waiting'],
    ['A001', 'done'],
    [elder, 'done'],
  ]);
  await expect(phone.page.getByText(/^Đã gọi ở cả hai nơi/)).toBeHidden();
  await call(phone, `A-${series}02`);
  await office.close();
});

test('when two devices went on alone, each keeps what it did, and both say what was done twice', async ({
  newPhone,
  server,
}) => {
  const office = await Office.open(server.url, COMMUNE_OFFICER);
  const point = await openPoint(office);
  const one = await newPhone(LAPTOP);
  await one.signIn(COMMUNE_OFFICER);
  await setUp(one);
  const two = await newPhone(LAPTOP);
  await two.signIn(COMMUNE_OFFICER);
  for (const phone of [one, two]) await sitAt(phone, '1');
  const shared = await take(one, ['Hộ tịch']);
  await expect(two.page.getByRole('link', { name: shared })).toBeVisible();
  const own: string[] = [];
  for (const phone of [one, two]) {
    await phone.offline();
    await phone.button('Làm tiếp trên máy này').click();
    await phone.button('Làm tiếp trên máy này', phone.sheet('Chỉ một máy được làm tiếp')).click();
    await expect(phone.page.getByText('Đang chạy trên máy này')).toBeVisible();
    own.push(await take(phone, ['Hộ tịch']));
    await call(phone, shared);
    await serve(phone);
    await phone
      .button('Đóng', phone.sheet(`Đã xong số ${shared}`))
      .last()
      .click();
  }
  for (const phone of [one, two]) {
    await phone.online();
    await phone.page.goto('/quay');
    await expect
      .poll(async () => (await phone.facts()).filter(({ state }) => state === 'unsent').length)
      .toBe(0);
    await expect(phone.page.getByText('Đang chạy trên máy này')).toBeHidden();
  }
  // Whoever was served by both counts once; the second is told, and both newcomers are in line.
  await expect(one.page.getByText(/^Đã gọi ở cả hai nơi/)).toBeHidden();
  await expect(two.page.getByText(`Đã gọi ở cả hai nơi: ${shared}`)).toBeVisible();
  await check(two, 'what was called twice');
  const { queue } = await office.get<{
    queue: { tickets: { number: string; stage: string }[] };
  }>(`/desk/points/${point}/queue`);
  const stages = queue.tickets.map(({ number, stage }) => `${number} ${stage}`);
  expect(stages.sort()).toEqual([...own.map((number) => `${number} waiting`), `${shared} done`].sort());
  await office.close();
});
