/** Residents rate how they were served, with or without scripts and network; an officer sees the index and mends what is low. */
import { check } from '../support/faults.ts';
import { Office } from '../support/office.ts';
import { COMMUNE_OFFICER, LAPTOP, VOLUNTEER } from '../support/phone.ts';
import { expect, test } from '../support/test.ts';

const DESK = '0bd20240-0000-7000-8000-00d000000001';
const id = () => crypto.randomUUID();

interface Ticket {
  id: string;
  code: string;
  number: string;
}
/** Somebody served at a counter that the demonstration has nobody at: their ticket. */
async function served(officer: Office): Promise<Ticket> {
  await officer.put(`/desk/points/${DESK}`, {
    counters: [{ code: '9', name: '', groups: ['civil_status'], quick: false }],
    groups: [{ group: 'civil_status', letter: 'A', expected_min: 12 }],
    priority: ['elderly'],
    priority_run: 2,
    quick_min: 6,
    calls: 2,
    languages: ['vi', 'km'],
    voice: true,
  });
  const wanted = [{ procedure: '1.001193' }];
  const taken = { id: id(), wanted, priority: null, language: 'vi', source: 'volunteer', triage: null };
  await officer.post(`/desk/points/${DESK}/tickets`, taken);
  const called = await officer.post<{ ticket: Ticket }>(`/desk/points/${DESK}/next`, {
    id: id(),
    counter: '9',
  });
  if (called === null) throw new Error('nobody was called');
  for (const act of ['start', 'finish'])
    await officer.post(`/desk/tickets/${called.ticket.id}/steps`, { id: id(), act });
  return called.ticket;
}

test('a resident rates on a small phone without scripts, and an officer puts right what was low', async ({
  newPhone,
  server,
}) => {
  const officer = await Office.open(server.url, COMMUNE_OFFICER);
  const ticket = await served(officer);
  const old = await newPhone({ javaScriptEnabled: false, viewport: { width: 360, height: 740 } });
  const { page } = old;
  await page.goto(`/danh-gia/${ticket.code}`);
  await expect(page.getByText(`Phiếu ${ticket.number}`)).toBeVisible();
  for (const face of await page.getByRole('button').all()) {
    const box = await face.boundingBox();
    expect(box?.height).toBeGreaterThanOrEqual(64);
    expect(box?.width).toBeGreaterThanOrEqual(64);
  }
  await page.getByRole('button', { name: 'Không hài lòng', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Đã ghi nhận: Không hài lòng' })).toBeVisible();
  // What follows may be left out; this resident says two things more.
  const staff = page.locator('details', { hasText: 'nắm rõ việc' });
  await staff.locator('summary').click();
  await staff.getByRole('button', { name: 'Hài lòng', exact: true }).click();
  await expect(page.getByText('✓ Hài lòng')).toBeVisible();
  await page.locator('summary', { hasText: 'Góp ý bằng lời' }).click();
  await page.getByRole('textbox').fill('Chờ lâu quá, gọi 0905 123 456');
  await page.getByRole('button', { name: 'Gửi góp ý' }).click();
  await expect(page.getByRole('textbox')).toHaveValue('Chờ lâu quá, gọi •••');
  await page.getByRole('link', { name: 'ខ្មែរ' }).click();
  await expect(page.getByText('chưa kiểm duyệt')).toBeVisible();

  const whole = await officer.get<{ rating: { answers: { topic: string; step: string }[] } }>(
    `/desk/tickets/${ticket.id}`,
  );
  expect(whole.rating.answers.map(({ topic, step }) => `${topic} ${step}`)).toEqual([
    'overall dissatisfied',
    'staff satisfied',
  ]);

  const laptop = await newPhone(LAPTOP);
  await laptop.signIn(COMMUNE_OFFICER);
  await laptop.page.goto('/hai-long');
  await laptop.page.getByRole('radio', { name: 'Không gắn số' }).check();
  await expect(laptop.page.getByText(/\(n = \d+\)/)).toBeVisible();
  await check(laptop, '/hai-long');
  for (const form of ['Excel', 'CSV']) {
    const saving = laptop.page.waitForEvent('download');
    await laptop.button(`Tải ${form}`).click();
    expect((await saving).suggestedFilename()).toContain('Ý kiến của bà con');
  }

  const { actions } = await officer.get<{ actions: { id: string; stage: string; topic: string }[] }>(
    '/ratings/actions',
    {
      place:
        (await officer.get<{ grants: { place: { id: string } }[] }>('/session')).grants[0]?.place.id ?? '',
    },
  );
  const action = actions.find(({ stage, topic }) => topic === 'overall' && stage === 'opened');
  expect(action).toBeDefined();
  await laptop.page.goto('/hai-long/viec');
  await expect(laptop.page.getByRole('main').getByRole('link').first()).toBeVisible();
  await check(laptop, '/hai-long/viec');
  await laptop.page.goto(`/hai-long/viec/${action?.id ?? ''}`);
  await expect(laptop.page.getByText('Chờ lâu quá, gọi •••')).toBeVisible();
  for (const [label, said, stage] of [
    ['Ghi nguyên nhân', 'Quầy 1 thiếu người đầu giờ', 'Đã rõ nguyên nhân'],
    ['Ghi việc đã làm', 'Thêm một bạn trực từ 7 giờ', 'Đã xử lý'],
    ['Đóng với kết quả', 'Không còn ai chờ quá 10 phút', 'Đã đóng'],
  ] as const) {
    await laptop.button(label).click();
    const sheet = laptop.sheet(label);
    await sheet.getByRole('textbox').fill(said);
    await laptop.button(label, sheet).click();
    await expect(laptop.page.getByText(stage, { exact: true }).first()).toBeVisible();
    await expect(laptop.page.getByText(said)).toBeVisible();
  }
  await laptop.button('Duyệt').click();
  await expect(laptop.button('Duyệt')).toHaveCount(0);
  await check(laptop, '/hai-long/viec/…');
  await officer.close();
});

test('a tap without a network waits on the phone, and counts once', async ({ newPhone, server }) => {
  const officer = await Office.open(server.url, COMMUNE_OFFICER);
  const ticket = await served(officer);
  const phone = await newPhone({ viewport: { width: 360, height: 740 } });
  const { page, network } = phone;
  await page.goto(`/danh-gia/${ticket.code}`);
  await check(phone, '/danh-gia');
  await phone.offline();
  await page.getByRole('button', { name: 'Rất hài lòng' }).click();
  await expect(page.getByRole('status')).toContainText('Đã giữ lại trên máy');
  const rating = async () => (await officer.get<{ rating: unknown }>(`/desk/tickets/${ticket.id}`)).rating;
  expect(await rating()).toBeNull();
  // The tap arrives, its answer does not: sent again, it is the same.
  const lost = network.loseReply((method) => method === 'POST');
  await phone.online();
  await lost;
  await phone.online();
  await expect(page.getByRole('heading', { name: 'Đã ghi nhận: Rất hài lòng' })).toBeVisible();
  await check(phone, '/danh-gia, rated');
  expect(network.seen.filter(({ method }) => method === 'POST').length).toBeGreaterThan(1);
  expect(await rating()).toMatchObject({ answers: [{ topic: 'overall', step: 'very_satisfied' }] });
  await officer.close();
});

test('a volunteer hands the phone over, and a poster leads to the page', async ({ newPhone, server }) => {
  const officer = await Office.open(server.url, COMMUNE_OFFICER);
  const ticket = await served(officer);
  const phone = await newPhone();
  const { page } = phone;
  await phone.signIn(VOLUNTEER);
  await page.goto(`/hai-long/dua-may/${ticket.code}`);
  await check(phone, '/hai-long/dua-may');
  await phone.offline();
  await page.getByRole('button', { name: 'Hài lòng', exact: true }).click();
  await expect(page.getByText('Cảm ơn bác: Hài lòng')).toBeVisible();
  await phone.online();
  await expect
    .poll(async () => (await officer.get<{ rating: unknown }>(`/desk/tickets/${ticket.id}`)).rating)
    .toMatchObject({ answers: [{ topic: 'overall', step: 'satisfied' }] });

  const laptop = await newPhone(LAPTOP);
  await laptop.signIn(COMMUNE_OFFICER);
  await laptop.page.goto('/hai-long/ap-phich');
  await laptop.page.getByRole('radio', { name: 'Kèm kết quả quý trước' }).check();
  const poster = laptop.page.getByRole('article', { name: 'Áp phích' });
  await expect(poster.getByText(/theo \d+ ý kiến|Chưa đủ ý kiến/)).toBeVisible();
  await check(laptop, '/hai-long/ap-phich');
  const url = (await poster.getByText(/\/danh-gia\/diem\//).textContent()) ?? '';
  await page.goto(new URL(url).pathname);
  await expect(page.getByText('Chạm một mặt cười')).toBeVisible();
  await officer.close();
});
