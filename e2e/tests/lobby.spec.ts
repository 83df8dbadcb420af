/** What residents see of the queue: a kiosk in three languages, a board that calls, a ticket's page, one's own phone. */
import type { Page } from '@playwright/test';
import { check } from '../support/faults.ts';
import { Office } from '../support/office.ts';
import { COMMUNE_OFFICER, LAPTOP, type Phone } from '../support/phone.ts';
import { expect, test } from '../support/test.ts';

const POINT = crypto.randomUUID();
const POINT_NAME = 'Trung tâm hành chính công thử';
const GROUPS = ['civil_status', 'certification', 'residence', 'land', 'social', 'identity', 'other'];
const SCREEN = { viewport: { width: 1280, height: 800 }, hasTouch: true, isMobile: false };
const uuid = () => crypto.randomUUID();

interface Ticket {
  id: string;
  number: string;
  code: string;
}

/** A desk with three counters at the centre, open at any hour. */
async function openDesk(url: string): Promise<{ officer: Office; code: string }> {
  const officer = await Office.open(url, COMMUNE_OFFICER);
  const point = { place_id: '63-21907', name: POINT_NAME, kind: 'commune_centre' };
  await officer.put(`/points/${POINT}`, { ...point, hours: {} });
  const counter = (code: string, groups: string[]) => ({ code, name: '', groups, quick: false });
  const desk = await officer.put<{ code: string }>(`/desk/points/${POINT}`, {
    counters: [
      counter('1', ['civil_status', 'residence']),
      counter('2', ['land', 'other']),
      counter('3', ['certification', 'social', 'identity']),
    ],
    groups: GROUPS.map((group, at) => ({ group, letter: 'ABCDEGH'[at], expected_min: 10 })),
    priority: ['elderly', 'with_child', 'disability'],
    priority_run: 2,
    quick_min: 6,
    calls: 3,
    languages: ['vi', 'en', 'km'],
    voice: true,
  });
  return { officer, code: desk.code };
}

async function device(officer: Office, kind: 'kiosk' | 'board'): Promise<string> {
  const made = await officer.post<{ url: string }>(`/desk/points/${POINT}/devices`, {
    id: uuid(),
    kind,
    name: 'Ở cửa',
  });
  return made?.url ?? '';
}

const take = (officer: Office, group: string, language = 'vi') =>
  officer.post<Ticket>(`/desk/points/${POINT}/tickets`, {
    id: uuid(),
    wanted: [{ group }],
    priority: null,
    language,
    source: 'volunteer',
    triage: null,
  });
const callTo = (officer: Office, counter: string) =>
  officer.post<{ ticket: Ticket }>(`/desk/points/${POINT}/next`, { id: uuid(), counter });

/** Notes what would be printed, spoken and played; the browser here has neither printer nor voice. */
async function listen(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const heard = ((globalThis as { heard?: string[] }).heard = [] as string[]);
    window.print = () => void heard.push('print');
    HTMLMediaElement.prototype.play = function (this: HTMLMediaElement) {
      heard.push(new URL(this.src).pathname);
      setTimeout(() => this.dispatchEvent(new Event('ended')), 0);
      return Promise.resolve();
    };
  });
}
const heard = (page: Page) => page.evaluate(() => (globalThis as { heard?: string[] }).heard ?? []);

/** Every button is as large as a finger that trembles needs, and nothing sticks out. */
async function needLarge(phone: Phone): Promise<void> {
  const small = await phone.page.evaluate(() =>
    [...document.querySelectorAll('main a, main button')]
      .map((one) => one.getBoundingClientRect())
      .filter(({ height, width }) => height > 0 && (height < 72 || width < 72)),
  );
  expect(small).toEqual([]);
  const wide = await phone.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wide).toBeLessThanOrEqual(0);
}

test('an officer makes a kiosk, pairs it by its code, and it gives tickets until it is removed', async ({
  newPhone,
  server,
}) => {
  const { officer } = await openDesk(server.url);
  await officer.close();
  const laptop = await newPhone(LAPTOP);
  await laptop.signIn(COMMUNE_OFFICER);
  await laptop.page.goto(`/quay/thiet-bi?diem=${POINT}`);
  await expect(laptop.page.getByText('Chưa có máy nào')).toBeVisible();
  await check(laptop, '/quay/thiet-bi');
  await laptop.button('Thêm máy lấy số').click();
  const sheet = laptop.sheet('Mở Máy lấy số');
  await sheet.getByLabel('Tên máy').fill('Máy ở cửa chính');
  await laptop.button('Tạo mã cho máy', sheet).click();
  const code = (await sheet.getByText(/^[0-9A-Z]{3} [0-9A-Z]{3}$/).textContent()) ?? '';
  await check(laptop, '/quay/thiet-bi, keys');

  const kiosk = await newPhone(SCREEN);
  await listen(kiosk.page);
  await kiosk.page.goto('/lay-so');
  await check(kiosk, '/lay-so');
  await kiosk.page.getByLabel('Mã ghép máy').fill(code.toLowerCase());
  await kiosk.button('Ghép máy').click();
  await expect(kiosk.heading('Bà con đến làm việc gì?')).toBeVisible();
  await needLarge(kiosk);
  await check(kiosk, '/lay-so/…');
  await kiosk.page.getByRole('link', { name: /^Đất đai/ }).click();
  await kiosk.page.getByRole('link', { name: 'Thêm việc khác' }).click();
  await kiosk.page.getByRole('link', { name: /^Hộ tịch/ }).click();
  await expect(kiosk.heading('Bà con có thuộc diện được mời sớm không?')).toBeVisible();
  await needLarge(kiosk);
  await check(kiosk, '/lay-so/…, priority');
  await kiosk.button('Nghe đọc').click();
  await expect.poll(() => heard(kiosk.page)).toContain('/giong-noi/vi/ask-priority');
  await kiosk.button('Tôi từ 60 tuổi trở lên').click();
  await expect(kiosk.page.getByText('D001', { exact: true })).toBeVisible();
  await expect(kiosk.page.getByText('Đất đai, xây dựng, Hộ tịch')).toBeVisible();
  await check(kiosk, '/lay-so/…/…');
  expect(await heard(kiosk.page)).toEqual(['print']);
  await kiosk.page.reload();
  expect(await heard(kiosk.page)).toEqual([]);
  // On paper 58 mm wide nothing is cut off, and only the ticket is there.
  await kiosk.page.emulateMedia({ media: 'print' });
  await kiosk.page.setViewportSize({ width: 204, height: 600 });
  expect(await kiosk.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(204);
  await expect(kiosk.page.getByText(POINT_NAME).last()).toBeVisible();
  await expect(kiosk.page.getByRole('link', { name: 'Xong' })).toBeHidden();
  await kiosk.page.emulateMedia({ media: null });
  await kiosk.page.getByRole('link', { name: 'Xong' }).click();
  await expect(kiosk.heading('Bà con đến làm việc gì?')).toBeVisible();

  await laptop.page.reload();
  await expect(laptop.page.getByText(/Thấy lúc/)).toBeVisible();
  await laptop.button('Gỡ máy').click();
  await laptop.button('Gỡ máy', laptop.sheet('Gỡ Máy ở cửa chính?')).click();
  await expect(laptop.toast('Đã gỡ Máy ở cửa chính')).toBeVisible();
  await kiosk.page.reload();
  await expect(kiosk.heading('Máy này chưa được ghép')).toBeVisible();
});

test('a kiosk speaks English and Khmer, whose lines break between words in its own letters', async ({
  newPhone,
  server,
}) => {
  const { officer } = await openDesk(server.url);
  const kiosk = await newPhone(SCREEN);
  const { page } = kiosk;
  await listen(page);
  await page.goto(await device(officer, 'kiosk'));
  await officer.close();
  await page.getByRole('link', { name: 'English' }).click();
  await expect(kiosk.heading('What are you here for?')).toBeVisible();
  await check(kiosk, '/lay-so/…, English');
  await page.getByRole('link', { name: 'ខ្មែរ' }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'km');
  await expect(page.getByText('chưa kiểm duyệt')).toBeVisible();
  await needLarge(kiosk);
  await check(kiosk, '/lay-so/…, Khmer');
  // 300 px wide everything wraps: no line begins or ends inside a cluster, and nothing sticks out of its box.
  await page.setViewportSize({ width: 300, height: 800 });
  await page.evaluate(() => document.fonts.ready);
  const cut = await page.evaluate(() => {
    const faults: string[] = [];
    const words = new Intl.Segmenter('km', { granularity: 'grapheme' });
    const walker = document.createTreeWalker(document.querySelector('main')!, NodeFilter.SHOW_TEXT);
    let lines = 0;
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const text = node.textContent ?? '';
      if (!/[\u1780-\u17ff]/.test(text)) continue;
      const bounds = new Set([...words.segment(text)].map(({ index }) => index));
      const top = (at: number) => {
        const range = document.createRange();
        range.setStart(node!, at);
        range.setEnd(node!, at + 1);
        return range.getBoundingClientRect();
      };
      for (let at = 1; at < text.length; at += 1) {
        const [before, here] = [top(at - 1), top(at)];
        if (here.height === 0 || here.top < before.bottom - 2) continue;
        lines += 1;
        if (!bounds.has(at)) faults.push(`${text.slice(0, at)}|${text.slice(at)}`);
      }
    }
    for (const box of document.querySelectorAll('main *'))
      if (box.scrollWidth > box.clientWidth + 1 && box.clientWidth > 0) faults.push(box.outerHTML);
    return { faults, lines };
  });
  expect(cut.faults).toEqual([]);
  expect(cut.lines).toBeGreaterThan(0);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(300);
  await page.setViewportSize(SCREEN.viewport);
  await page.getByRole('link', { name: /^ទីលំនៅ/ }).click();
  await page.getByRole('button', { name: 'ទេ យកលេខ' }).click();
  await expect(page.getByText('C001', { exact: true })).toBeVisible();
  await check(kiosk, '/lay-so/…/…, Khmer');
});

test('whoever is not sure is asked what for and what they hold, and told where it is best done', async ({
  newPhone,
  server,
}) => {
  const { officer } = await openDesk(server.url);
  const kiosk = await newPhone(SCREEN);
  const { page } = kiosk;
  await listen(page);
  await page.goto(await device(officer, 'kiosk'));
  await officer.close();
  const choose = (name: string | RegExp) => page.getByRole('link', { name }).click();
  await choose(/nhờ hướng dẫn$/);
  await expect(kiosk.heading('Bà con đến vì việc gì?')).toBeVisible();
  await needLarge(kiosk);
  await check(kiosk, '/lay-so/…, in plain words');
  await choose('Khai sinh, kết hôn, khai tử');
  await needLarge(kiosk);
  await check(kiosk, '/lay-so/…, which');
  await choose(/^Đăng ký khai sinh$/);
  await page.getByLabel('Điện thoại thông minh').check();
  await page.getByLabel('SIM chính chủ').check();
  await check(kiosk, '/lay-so/…, holds');
  await kiosk.button('Tiếp tục').click();
  await expect(page.getByRole('heading', { name: /làm ở nhà được/ })).toBeVisible();
  await needLarge(kiosk);
  await check(kiosk, '/lay-so/…, told');
  await choose('Vẫn lấy số');
  await kiosk.button('Không, lấy số').click();
  await expect(page.getByText('A001', { exact: true })).toBeVisible();
});

test('a board says who is called, outlives the network, and needs no script to show it', async ({
  browser,
  newPhone,
  server,
}) => {
  const { officer } = await openDesk(server.url);
  const address = await device(officer, 'board');
  const board = await newPhone({ viewport: { width: 1920, height: 1080 }, hasTouch: false, isMobile: false });
  const { page } = board;
  await listen(page);
  await page.goto(address);
  await expect(page.getByText('Chưa gọi số nào')).toBeVisible();
  await board.button('Bấm để bật tiếng gọi số').click();
  await take(officer, 'civil_status');
  await take(officer, 'land', 'en');
  await callTo(officer, '1');
  await expect(page.getByText('A001', { exact: true })).toBeVisible();
  const clips = ['call', 'a', '0', '0', '1', 'to-counter', '1'];
  await expect.poll(() => heard(page)).toEqual(clips.map((clip) => `/giong-noi/vi/${clip}`));
  await callTo(officer, '2');
  // Who speaks English is called in both languages.
  await expect.poll(() => heard(page)).toContain('/giong-noi/en/call');
  await check(board, '/bang/…');

  await page.context().setOffline(true);
  await expect(page.getByText(/^Mất kết nối/)).toBeVisible();
  await expect(page.getByText('A001', { exact: true })).toBeVisible();
  await page.context().setOffline(false);
  await expect(page.getByText(/^Mất kết nối/)).toBeHidden();

  const plain = await browser.newContext({ javaScriptEnabled: false });
  const old = await plain.newPage();
  await old.goto(address);
  await expect(old.getByText('A001', { exact: true })).toBeVisible();
  await plain.close();
  await officer.close();
});

test('a resident takes a ticket on their own phone and follows it without a script', async ({
  browser,
  newPhone,
  server,
}) => {
  const { officer, code } = await openDesk(server.url);
  await take(officer, 'residence');
  const context = await browser.newContext({
    javaScriptEnabled: false,
    viewport: { width: 360, height: 740 },
    locale: 'vi-VN',
  });
  const page = await context.newPage();
  await page.goto(`${server.url}/xep-hang/${code}`);
  await page.getByRole('link', { name: /^Cư trú/ }).click();
  await page.getByRole('button', { name: 'Không, lấy số' }).click();
  await expect(page.getByText('C002', { exact: true })).toBeVisible();
  await expect(page.getByText('Trước bà con còn 1 người')).toBeVisible();
  const ticket = page.url();
  await page.goto(`${server.url}/xep-hang/${code}`);
  await expect(page.getByRole('heading', { name: 'Máy này đã có số C002' })).toBeVisible();
  await page.getByRole('link', { name: 'Xem lượt của tôi' }).click();
  expect(page.url()).toBe(ticket);
  const first = await callTo(officer, '1');
  for (const act of ['start', 'finish'])
    await officer.post(`/desk/tickets/${first?.ticket.id}/steps`, { id: uuid(), act });
  await callTo(officer, '1');
  await page.reload();
  await expect(page.getByText('Quầy 1', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Tôi cần thêm ít phút' }).click();
  await expect(page.getByRole('heading', { name: 'Đang giữ chỗ cho bà con' })).toBeVisible();
  await page.getByRole('button', { name: 'Tôi đã sẵn sàng' }).click();
  await expect(page.getByRole('heading', { name: 'Bà con đang trong hàng đợi' })).toBeVisible();
  await page.getByText('Tôi về, không đợi nữa').click();
  await page.getByRole('button', { name: 'Đúng, trả lại số này' }).click();
  await expect(page.getByRole('heading', { name: 'Bà con đã trả lại số' })).toBeVisible();
  await context.close();

  const phone = await newPhone();
  await phone.page.goto(ticket);
  await check(phone, '/phieu/…');
  await phone.page.goto(`/xep-hang/${code}`);
  await check(phone, '/xep-hang/…');
  await phone.page.goto(`/xep-hang/${code}/to-dan`);
  await check(phone, '/xep-hang/…/to-dan');
  await officer.close();
});
