/** Triage to a ticket in a few taps; a card that fills a form and leaves no trace; a slip that is late and apologises. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from '@playwright/test';
import encodeQR from '../../web/node_modules/qr/index.js';
import { launchOptions } from '../support/chromium.ts';
import { check } from '../support/faults.ts';
import { COMMUNE_OFFICER, LAPTOP, Phone, VOLUNTEER } from '../support/phone.ts';
import { expect, test } from '../support/test.ts';

test('a volunteer sends somebody where they are best served, in a few taps and without a network', async ({
  newPhone,
}) => {
  const phone = await newPhone();
  await phone.signIn(VOLUNTEER);
  await phone.page.goto('/phan-luong');
  await expect(phone.button('Hộ tịch')).toBeVisible();
  await check(phone, '/phan-luong');
  const { taps } = phone;
  await phone.tap(phone.button('Hộ tịch'));
  await phone.tap(phone.button('Đăng ký khai sinh'));
  await expect(phone.page.getByRole('heading', { name: 'Vào quầy 1' })).toBeVisible();
  await check(phone, '/phan-luong?viec');
  // Two things in one visit; found as people call them, without tones.
  await phone.tap(phone.button('Thêm một việc nữa'));
  await phone.page.getByRole('searchbox').fill('pho to');
  await phone.tap(phone.button('Chứng thực bản sao từ bản chính'));
  await phone.tap(phone.button('Lấy số (2 việc)'));
  await expect(phone.page.getByRole('heading', { name: /^A\d{3}$/ })).toBeVisible();
  expect(phone.taps - taps).toBeLessThanOrEqual(5);
  await check(phone, '/phan-luong, ticket');

  await phone.tap(phone.button('Người tiếp theo').first());
  await phone.offline();
  await phone.page.reload();
  await phone.page.getByRole('searchbox').fill('khai sinh');
  await phone.tap(phone.button('Đăng ký khai sinh'));
  await expect(phone.page.getByRole('heading', { name: 'Lấy số vào quầy' })).toBeVisible();
  await phone.tap(phone.button('Đủ giấy tờ cần mang'));
  await expect(phone.page.getByRole('heading', { name: 'Hẹn quay lại khi có' })).toBeVisible();
  await phone.tap(phone.button('Điện thoại thông minh'));
  await phone.tap(phone.button('SIM chính chủ'));
  await expect(phone.page.getByRole('heading', { name: 'Làm trực tuyến ở nhà được' })).toBeVisible();
  await expect(phone.page.getByRole('img', { name: 'Mã QR của danh mục giấy tờ' })).toBeVisible();
});

const CARD = '052191000123|215000111|Nguyễn Thị An|05031991|Nữ|Thôn 1, An Tân, An Lão, Bình Định|10052021';
const WIDTH = 640;
const HEIGHT = 480;

/** What a camera in front of the card would see, over and over. */
function film(text: string): Buffer {
  const modules = encodeQR(text, 'raw', { ecc: 'medium', border: 2 });
  const side = Math.floor((HEIGHT - 40) / modules.length);
  const [left, top] = [WIDTH, HEIGHT].map((whole) => Math.floor((whole - side * modules.length) / 2)) as [
    number,
    number,
  ];
  const grey = Buffer.alloc(WIDTH * HEIGHT, 235);
  modules.forEach((row, y) =>
    row.forEach((dark, x) => {
      for (let line = 0; line < side && dark; line += 1) {
        const at = (top + y * side + line) * WIDTH + left + x * side;
        grey.fill(16, at, at + side);
      }
    }),
  );
  const head = `YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\nFRAME\n`;
  return Buffer.concat([Buffer.from(head), grey, Buffer.alloc((WIDTH * HEIGHT) / 2, 128)]);
}

/** Everything this origin keeps in the browser, as text. */
const kept = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const all: unknown[] = [
      { ...localStorage },
      { ...sessionStorage },
      location.href,
      JSON.stringify(history.state),
    ];
    for (const { name } of await indexedDB.databases()) {
      const db = await new Promise<IDBDatabase>((resolve, reject) => {
        const opening = indexedDB.open(name ?? '');
        opening.onsuccess = () => resolve(opening.result);
        opening.onerror = () => reject(opening.error ?? new Error('not opened'));
      });
      for (const store of db.objectStoreNames) {
        const asked = db.transaction(store).objectStore(store).getAll();
        await new Promise((resolve) => (asked.onsuccess = resolve));
        all.push(asked.result);
      }
      db.close();
    }
    for (const name of await caches.keys())
      for (const request of await (await caches.open(name)).keys()) all.push(request.url);
    return JSON.stringify(all);
  });

test("a card's code fills a form with the network gone, is printed, and leaves no trace", async ({
  server,
}) => {
  const folder = await mkdtemp(join(tmpdir(), 'causo-card-'));
  const path = join(folder, 'card.y4m');
  await writeFile(path, film(CARD));
  const browser = await chromium.launch({
    ...launchOptions,
    args: [
      ...(launchOptions.args ?? []),
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      `--use-file-for-fake-video-capture=${path}`,
    ],
  });
  const phone = await Phone.take(browser, server.port, {
    permissions: ['camera'],
  });
  const { page } = phone;
  const said: string[] = [];
  page.on('request', (request) => said.push(`${request.url()} ${request.postData() ?? ''}`));
  page.on('console', (message) => said.push(message.text()));
  try {
    await phone.signIn(VOLUNTEER);
    await page.goto('/khong-viet');
    await expect(phone.heading('Không phải viết')).toBeVisible();
    await check(phone, '/khong-viet');
    await phone.offline();
    await page.reload();
    await phone.tap(
      page.getByRole('link', {
        name: /^Cấp giấy xác nhận tình trạng hôn nhân/,
      }),
    );
    await check(phone, '/khong-viet/1.004873');
    await phone.tap(phone.button('Đọc thẻ căn cước').first());
    const name = page.getByLabel('Họ và tên').first();
    await expect(name).toHaveValue('Nguyễn Thị An');
    await expect(page.getByLabel('Số định danh').first()).toHaveValue('052191000123');
    await expect(page.getByLabel('Ngày sinh').first()).toHaveValue('05/03/1991');
    // What is typed over the card is compared with the number.
    await page.getByLabel('Giới tính').first().fill('Nam');
    await expect(page.getByText('Giới tính không khớp với số định danh.')).toBeVisible();
    await page.getByLabel('Giới tính').first().fill('Nữ');
    await page.getByLabel('Mục đích sử dụng').fill('Vay vốn ngân hàng');
    await phone.tap(phone.button('Xem tờ để in'));
    const sheet = page.getByRole('article', {
      name: 'PHIẾU THÔNG TIN ĐIỀN SẴN',
    });
    await expect(sheet).toContainText('Nguyễn Thị An');
    await expect(sheet).toContainText('không phải mẫu tờ khai của cơ quan nhà nước');
    await check(phone, '/khong-viet/1.004873, sheet');
    await page.evaluate(() => (window.print = () => void window.dispatchEvent(new Event('afterprint'))));
    await phone.tap(phone.button('In để ký'));
    await expect(page.getByRole('timer')).toHaveText(/0:(20|1\d)$/);
    await phone.tap(phone.button('Quên ngay'));
    await expect(page.getByText('Đã quên mọi thông tin vừa nhập')).toBeVisible();
    await expect(name).toHaveValue('');

    // By a reader that types, and gone when the page is left.
    await phone.tap(phone.button('Đọc thẻ căn cước').first());
    await expect(name).toHaveValue('Nguyễn Thị An');
    await page.getByRole('button', { name: 'Quay lại' }).click();
    await phone.tap(
      page.getByRole('link', {
        name: /^Cấp giấy xác nhận tình trạng hôn nhân/,
      }),
    );
    await expect(name).toHaveValue('');
    await phone.online();
    await page.reload();
    await expect(name).toHaveValue('');
    const trace = `${said.join('\n')}\n${await kept(page)}`;
    for (const secret of [
      '052191000123',
      'Nguyễn Thị An',
      encodeURIComponent('Nguyễn Thị An'),
      '05031991',
      '215000111',
    ])
      expect(trace).not.toContain(secret);
    // The look itself would find something.
    expect(trace).toContain('VNeID');
  } finally {
    await phone.throwAway();
    await browser.close();
    await rm(folder, { recursive: true });
  }
});

test('a slip is made, opened without a script, becomes late, and is apologised for', async ({
  newPhone,
  server,
  browser,
}) => {
  const laptop = await newPhone(LAPTOP);
  await laptop.signIn(COMMUNE_OFFICER);
  const { page } = laptop;
  await page.goto('/lich-hen');
  await expect(laptop.heading('Lịch hẹn')).toBeVisible();
  await check(laptop, '/lich-hen');
  await laptop.tap(page.getByRole('link', { name: 'Phiếu hẹn mới' }));
  await page.getByRole('searchbox').fill('sao y');
  await laptop.tap(laptop.button('Chứng thực bản sao từ bản chính'));
  await expect(page.getByText('Theo quy định: 1 ngày làm việc.')).toBeVisible();
  await expect(page.getByLabel('Ngày hẹn')).toHaveValue('2024-10-14');
  await page.getByLabel('Mã hồ sơ').fill('h08.12-241013-0099');
  await check(laptop, '/lich-hen/moi');
  await laptop.tap(laptop.button('Lập phiếu hẹn'));
  const paper = page.getByRole('article', { name: 'Phiếu nhắc hẹn cá nhân' });
  await expect(paper).toContainText('14/10/2024');
  await expect(paper).toContainText('H08.12-241013-0099');
  await check(laptop, '/lich-hen/phieu');
  const code = (await paper.locator('p.code').textContent()) ?? '';
  expect(code).toMatch(/^[0-9A-Z]{10}$/);

  const context = await browser.newContext({
    javaScriptEnabled: false,
    locale: 'vi-VN',
  });
  const plain = await context.newPage();
  await plain.goto(`${server.url}/hen/${code}`);
  await expect(plain.getByRole('heading', { level: 1 })).toHaveText('Đang làm, hẹn trả đúng ngày');
  await expect(plain.getByText('14/10/2024')).toBeVisible();

  // Two days go by.
  const url = page.url();
  await server.down();
  await server.sql(
    `update setting set value = cast(cast(value as integer) + ${2 * 86_400_000} as text) where key = 'demo_shift_ms';`,
  );
  await server.up();
  await plain.reload();
  await expect(plain.getByRole('heading', { level: 1 })).toHaveText('Kết quả đang chậm');
  await page.goto('/lich-hen');
  const late = page.getByRole('region', { name: /^Quá hẹn/ });
  await expect(late.getByText('H08.12-241013-0099')).toBeVisible();
  await page.goto(url);
  await laptop.tap(laptop.button('Xin lỗi và hẹn lại'));
  const sheet = laptop.sheet('Xin lỗi và hẹn lại');
  await sheet.getByLabel('Ngày hẹn').fill('2024-10-17');
  await sheet.getByLabel('Vì sao').fill('Chờ lãnh đạo ký');
  await laptop.tap(laptop.button('Ghi lại', sheet));
  await expect(paper).toContainText('17/10/2024');
  await plain.reload();
  await expect(plain.getByText('Chúng tôi xin lỗi vì đã phải hẹn lại. Chờ lãnh đạo ký')).toBeVisible();
  await expect(plain.getByText('17/10/2024')).toBeVisible();
  await context.close();
  await page.goto('/khong-viet/ket-qua');
  await expect(page.getByText(/^Thứ Năm/)).toBeVisible();
  await check(laptop, '/khong-viet/ket-qua');
});
