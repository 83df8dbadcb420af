/** Takes the README's pictures. Not a test of anything; it lives here because it needs the same server and phones. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { CAMPAIGN, Office, PROVINCE } from '../support/office.ts';
import {
  COMMUNE_OFFICER,
  LAPTOP,
  LEADER,
  PHONE,
  PROVINCE_OFFICER,
  VOLUNTEER,
  type Phone,
} from '../support/phone.ts';
import { expect, test } from '../support/test.ts';

const FOLDER = fileURLToPath(new URL('../../docs/screenshots/', import.meta.url));
/** The demonstration's desk. */
const DESK = '0bd20240-0000-7000-8000-00d000000001';
const BYTES_MAX = 150_000;
// Touch would leave its highlight in the pictures.
const SIZES = { phone: { ...PHONE, hasTouch: false }, laptop: LAPTOP };

for (const [size, options] of Object.entries(SIZES)) {
  const shoot = async ({ page }: Phone, name: string): Promise<void> => {
    await page.waitForFunction(() => document.fonts.status === 'loaded');
    await page.mouse.move(0, 0);
    const path = `${FOLDER}${name}-${size}.png`;
    await page.screenshot({ path, animations: 'disabled', scale: 'css' });
    const picture = await readFile(path);
    expect(picture.length, `${name}-${size}.png`).toBeLessThanOrEqual(BYTES_MAX);
  };

  test(`what a volunteer sees (${size})`, async ({ newPhone }) => {
    const phone = await newPhone({ ...options, reducedMotion: 'reduce' });
    const { page } = phone;
    await phone.signIn(VOLUNTEER);
    for (const service of ['VNeID mức 2', 'TK thanh toán', 'Đăng nhập DVC']) {
      await page.goto('/');
      await phone.record(service);
    }
    await page.goto('/');
    await phone.expectCounts({ phone: 0, received: 3, counted: 2 });
    await phone.offline();
    await phone.record('Giới thiệu DVC');
    await page.goto('/');
    await phone.expectCounts({ phone: 1, received: 3, counted: 2 });
    await expect(page.getByRole('heading', { name: /^Tiến độ/ })).toBeVisible();
    await shoot(phone, 'home');

    await page.goto('/ghi');
    await phone.tap(phone.tile('TK thanh toán'));
    await shoot(phone, 'record');
    await phone.tap(phone.tile('TK thanh toán'));

    await page.goto('/nhat-ky');
    await phone.tap(page.getByRole('main').getByRole('button', { name: /TK thanh toán/ }));
    await expect(page.getByText('Được tính vào')).toBeVisible();
    await page.evaluate(() => scrollTo(0, 0));
    await shoot(phone, 'log');

    await page.goto('/huong-dan/vneid_l2_activate?buoc=2');
    await expect(page.getByText(/^Bước 2 trên/)).toBeVisible();
    await shoot(phone, 'guide');
  });

  test(`what a leader and an officer see (${size})`, async ({ newPhone }) => {
    const phone = await newPhone({ ...options, reducedMotion: 'reduce' });
    const { page } = phone;
    await phone.signIn(PROVINCE_OFFICER);
    await expect(page.getByRole('article').first()).toBeVisible();
    await expect(page.getByText('Đang cập nhật trực tiếp')).toBeVisible();
    await shoot(phone, 'progress');

    await page.goto(`/chien-dich/${CAMPAIGN}/chi-tieu?place=${PROVINCE}&indicator=ind_payment_account_count`);
    await expect(phone.button('Chia xuống')).toBeVisible();
    await shoot(phone, 'targets');
    await phone.tap(phone.button('Chia xuống'));
    await page.getByLabel('Lý do').fill('Giao theo dân số 14 tuổi trở lên');
    await expect(page.getByRole('row', { name: /^Cộng/ })).toBeAttached();
    await shoot(phone, 'split');

    await page.goto('/dia-ban/63-21634');
    await page.getByText('Cần chọn').scrollIntoViewIfNeeded();
    await page.getByRole('link', { name: 'Xã An Hòa' }).scrollIntoViewIfNeeded();
    await shoot(phone, 'territory');

    const leader = await newPhone({ ...options, reducedMotion: 'reduce' });
    await leader.signIn(LEADER);
    await leader.page.goto('/thanh-vien/moi');
    await leader.page.getByLabel('Họ và tên').fill('Phan Thị Mơ');
    await leader.tap(leader.button('Tạo lời mời'));
    await expect(leader.page.getByRole('img', { name: 'Mã QR của lời mời' })).toBeVisible();
    await shoot(leader, 'invite');

    await leader.page.goto('/ca-truc/xep');
    await expect(leader.page.getByText(/^Còn thiếu/)).toBeVisible();
    await shoot(leader, 'roster');
    await leader.page.goto('/chi-doan');
    await expect(leader.page.getByRole('heading', { name: 'Việc của tổ' })).toBeVisible();
    await shoot(leader, 'branch');
  });

  test(`what a desk and its residents see (${size})`, async ({ newPhone, server }) => {
    const phone = await newPhone({ ...options, reducedMotion: 'reduce' });
    const { page } = phone;
    await phone.signIn(COMMUNE_OFFICER);
    await page.goto('/quay/dieu-phoi');
    await expect(phone.button(/^Điều người/).first()).toBeVisible();
    await shoot(phone, 'moving');
    await page.goto('/quay/thoi-gian');
    const hours = page.getByRole('region', { name: 'Chờ theo giờ trong ngày' }).first();
    await hours.evaluate((part) => part.scrollIntoView());
    await shoot(phone, 'times');
    await page.goto('/hai-long');
    const index = page.getByText(/\(n = \d+\)/);
    await index.evaluate((part) => part.scrollIntoView({ block: 'center' }));
    await shoot(phone, 'ratings');
    await page.goto('/phan-luong');
    await phone.tap(phone.button('Hộ tịch'));
    await phone.tap(phone.button('Đăng ký khai sinh'));
    await expect(page.getByRole('heading', { name: /^Vào quầy/ })).toBeVisible();
    await shoot(phone, 'triage');

    const office = await Office.open(server.url, COMMUNE_OFFICER);
    const device = await office.post<{ url: string }>(`/desk/points/${DESK}/devices`, {
      id: crypto.randomUUID(),
      kind: 'kiosk',
      name: 'Ở cửa',
    });
    const wanted = [{ procedure: '1.001193' }, { procedure: '2.000815' }];
    const about = {
      id: crypto.randomUUID(),
      wanted,
      priority: null,
      language: 'vi',
      source: 'volunteer',
      triage: null,
    };
    const ticket = await office.post<{ code: string }>(`/desk/points/${DESK}/tickets`, about);
    await office.close();
    const resident = await newPhone({ ...options, reducedMotion: 'reduce' });
    await resident.page.goto(device?.url ?? '');
    await shoot(resident, 'kiosk');
    await resident.page.goto(`/phieu/${ticket?.code ?? ''}`);
    await shoot(resident, 'ticket');
  });
}
