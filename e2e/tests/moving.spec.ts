/** A crowded desk and a quiet one: a leader sends somebody over, who works at the desk they were sent to. */
import { randomUUID } from 'node:crypto';
import { check } from '../support/faults.ts';
import { Office } from '../support/office.ts';
import { COMMUNE_OFFICER, LAPTOP, LEADER, VOLUNTEER } from '../support/phone.ts';
import { expect, test } from '../support/test.ts';

const CROWDED = 'Điểm hỗ trợ tại chợ';
const QUIET = 'Nhà văn hóa khu phố';
/** Phường Đập Đá, next to the home of those who sign in. */
const PLACE = '63-21910';

test('a leader sees where it is crowded, sends somebody over in one tap, and takes it back', async ({
  newPhone,
}) => {
  const phone = await newPhone();
  await phone.signIn(LEADER);
  await phone.page.goto('/quay');
  await phone.page.getByRole('link', { name: 'Điều phối' }).click();
  await expect(phone.heading('Điều phối')).toBeVisible();
  const idea = phone.page.getByRole('region', { name: `có thể sang ${CROWDED}` });
  await expect(idea).toContainText(`${QUIET}: chờ dưới 1 phút, có 3 người trực, cần 1`);
  const desks = phone.page.getByRole('list', { name: 'Các điểm, nơi chờ lâu nhất trước' });
  const crowded = desks.getByRole('listitem').filter({ hasText: CROWDED });
  const quiet = desks.getByRole('listitem').filter({ hasText: QUIET });
  await expect(desks.getByRole('listitem').first()).toContainText(CROWDED);
  await expect(crowded).toContainText('8 người đang chờ · 1/2 quầy đang tiếp');
  await expect(crowded).toContainText('Đang trực 1, cần 1');
  await check(phone, '/quay/dieu-phoi with a proposal');

  await phone.button(/^Điều người/, idea).tap();
  await expect(phone.toast(/^Đã điều .* và báo cho người đó/)).toBeVisible();
  await expect(crowded).toContainText('Đang trực 2, cần 1');
  await expect(quiet).toContainText('Đang trực 2, cần 1');
  await phone.button('Hoàn tác').tap();
  await expect(phone.toast(/ở lại/)).toBeVisible();
  await expect(crowded).toContainText('Đang trực 1, cần 1');
  await expect(quiet).toContainText('Đang trực 3, cần 1');

  // As it looks when there is no need.
  await phone.page.route('**/api/v1/desk/load?*', async (route) => {
    const reply = await route.fetch();
    const now = (await reply.json()) as { points: { is_crowded: boolean }[]; proposals: unknown[] };
    const points = now.points.map((one) => ({ ...one, is_crowded: false }));
    await route.fulfill({ response: reply, json: { points, proposals: [] } });
  });
  await phone.page.reload();
  await expect(phone.page.getByText('Không nơi nào quá đông')).toBeVisible();
  await check(phone, '/quay/dieu-phoi when all is calm');
});

test('an officer at a laptop is told, and finds the same', async ({ newPhone }) => {
  const phone = await newPhone(LAPTOP);
  await phone.signIn(COMMUNE_OFFICER);
  await phone.page.getByRole('link', { name: /^Thông báo/ }).click();
  await phone.page
    .getByRole('link', { name: `${CROWDED} đang đông` })
    .first()
    .click();
  await expect(phone.page.getByRole('region', { name: `có thể sang ${CROWDED}` })).toBeVisible();
  await check(phone, '/quay/dieu-phoi on a laptop');
});

test('who helps in the next commune works at its desk today', async ({ phone, server }) => {
  const office = await Office.open(server.url);
  const volunteer = await Office.open(server.url, VOLUNTEER);
  const me = await volunteer.get<{ member: { id: string } }>('/session');
  const [point, rule] = [randomUUID(), randomUUID()];
  const hours = { sun: [{ from: '07:00', to: '17:00' }] };
  await office.put(`/points/${point}`, { place_id: PLACE, name: 'Một cửa Đập Đá', kind: 'one_stop', hours });
  await office.put(`/desk/points/${point}`, {
    counters: [{ code: '1', name: '', groups: ['certification'], quick: false }],
    groups: [{ group: 'certification', letter: 'A', expected_min: 10 }],
    priority: ['elderly'],
    priority_run: 2,
    quick_min: 8,
    calls: 2,
    languages: ['vi'],
    voice: false,
  });
  const today = '2024-10-13';
  await office.put(`/rosters/rules/${rule}`, {
    point,
    source: { title: 'Kế hoạch', number: '1', signed_on: null },
    valid_from: today,
    valid_to: today,
    rule: { weekdays: [7], times: [{ from: '12:00', to: '17:00' }], people_min: 1, people_max: 2 },
  });
  await office.post('/rosters/generate', { place: PLACE, month: today });
  const { shifts } = await office.get<{ shifts: { id: string }[] }>('/rosters/shifts', {
    place: PLACE,
    point,
    from: today,
    to: today,
  });
  await office.put(`/rosters/shifts/${shifts[0]?.id ?? ''}/people`, { member: me.member.id, stands: true });

  await phone.signIn(VOLUNTEER);
  await phone.page.goto('/ca-truc');
  await expect(phone.page.getByRole('heading', { name: 'Ca của tôi' })).toBeVisible();
  await expect(phone.page.getByText('Một cửa Đập Đá')).toBeVisible();
  await check(phone, '/ca-truc with a shift elsewhere');
  await phone.page.goto('/quay');
  // The roster has them there today.
  await expect(phone.page.getByLabel('Bạn đang ở điểm nào?')).toHaveValue(point);
  await phone.page.getByRole('radio', { name: /^Quầy 1/ }).click();
  await expect(phone.heading('Quầy 1')).toBeVisible();
  await phone.button('Lấy số').first().tap();
  const sheet = phone.sheet('Lấy số giúp bà con');
  await sheet.getByRole('searchbox').fill('Chứng thực bản sao');
  await sheet.getByRole('checkbox', { name: 'Chứng thực bản sao từ bản chính', exact: true }).check();
  await phone.button('Lấy số', sheet).tap();
  await sheet.getByRole('button', { name: 'Đóng' }).tap();
  await phone.button('Mời người tiếp theo').tap();
  await expect(phone.page.locator('#current')).toHaveText('A001');
  await phone.button(/^Bắt đầu/).tap();
  await phone.button(/^Xong/).tap();
  const done = phone.sheet('Đã xong số A001');
  await expect(done).toContainText('lượt hỗ trợ được tính cho nơi này');
  await check(phone, '/quay in the next commune');
  await phone.button(/^Ghi: /, done).tap();
  await expect(done).toContainText('Đã ghi lượt hỗ trợ');
  await expect.poll(async () => (await phone.facts()).map(({ state }) => state)).not.toContain('unsent');
  const [row] = await phone.facts();
  expect([row?.state, row?.fact.place, row?.fact.team]).toEqual(['received', PLACE, null]);
  // A slip from there is printed like any other.
  await done.getByRole('link', { name: 'Ghi phiếu nhắc hẹn' }).tap();
  await expect(phone.page.getByLabel('Điểm phục vụ')).toHaveValue(point);
  await phone.button('Lập phiếu hẹn').tap();
  await expect(phone.page.getByText('Một cửa Đập Đá')).toBeVisible();
  await check(phone, 'a slip in the next commune');
  await Promise.all([office.close(), volunteer.close()]);
});
