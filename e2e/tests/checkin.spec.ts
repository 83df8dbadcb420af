/** Being there: the code at the point and the phone that scans it need no network; the officer sees who came. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { launchOptions } from '../support/chromium.ts';
import { check } from '../support/faults.ts';
import { COMMUNE_OFFICER, LAPTOP, LEADER, Phone, VOLUNTEER } from '../support/phone.ts';
import type { Server } from '../support/server.ts';
import { expect, test } from '../support/test.ts';

const POINT = '019280000000700080000000000000a1';
const SHIFT = '019280000000700080000000000000a2';
const NAME = 'Quầy hỗ trợ số';

/** A point in the commune of the demonstration's people, and a shift there that its leader has now. */
async function open(server: Server): Promise<void> {
  const eight = Date.parse('2024-10-13T08:00:00+07:00');
  const leader = `(select id from member where login = '${LEADER.login}')`;
  await server.sql(`
    insert into service_point (id, place_id, name, fold, kind, address, hours, secret, rev)
      select x'${POINT}', place_id, '${NAME}', 'quay ho tro so', 'one_stop', '', '{}', zeroblob(32), 1
        from member_grant where member_id = ${leader};
    insert into shift (id, point_id, day, starts_at, ends_at, people_min, people_max, skills, rev)
      values (x'${SHIFT}', x'${POINT}', cast(julianday('2024-10-13') + 0.5 as integer), ${eight - 1_800_000},
        ${eight + 14_400_000}, 2, 4, '[]', 1);
    insert into assignment (shift_id, member_id, source, at, by_id)
      values (x'${SHIFT}', ${leader}, 'assigned', ${eight - 86_400_000}, ${leader});
    insert into assignment_change (shift_id, member_id, change, at, by_id)
      values (x'${SHIFT}', ${leader}, 'assigned', ${eight - 86_400_000}, ${leader});`);
}

const WIDTH = 640;
const HEIGHT = 480;

/** What a camera in front of the tablet would see: grey values of a picture with the code in its middle. */
async function photograph(tablet: Phone): Promise<Buffer> {
  const grey = await tablet.page.getByRole('img', { name: 'Mã QR để điểm danh' }).evaluate(
    async (svg, { width, height }) => {
      const copy = svg.cloneNode(true) as SVGElement;
      copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
      copy.setAttribute('width', '400');
      copy.setAttribute('height', '400');
      const image = new Image();
      image.src = `data:image/svg+xml,${encodeURIComponent(copy.outerHTML)}`;
      await image.decode();
      const canvas = document.createElement('canvas');
      canvas.width = width;
      canvas.height = height;
      const pen = canvas.getContext('2d') as CanvasRenderingContext2D;
      pen.fillStyle = '#ccc';
      pen.fillRect(0, 0, width, height);
      pen.fillStyle = '#fff';
      pen.fillRect((width - 400) / 2, (height - 400) / 2, 400, 400);
      pen.drawImage(image, (width - 400) / 2, (height - 400) / 2);
      const { data } = pen.getImageData(0, 0, width, height);
      return Array.from({ length: width * height }, (_, at) => data[at * 4] ?? 0);
    },
    { width: WIDTH, height: HEIGHT },
  );
  return Buffer.from(grey);
}

/** One picture as the video a camera without a lens plays over and over. */
const asVideo = (grey: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\nFRAME\n`),
    grey,
    Buffer.alloc((WIDTH * HEIGHT) / 2, 128),
  ]);

test('a volunteer checks in by the code at the point with the network gone, and the officer sees who is where', async ({
  newPhone,
  server,
  office,
}) => {
  await open(server);
  const tablet = await newPhone();
  await tablet.signIn(LEADER);
  await tablet.page.goto('/diem-danh');
  await tablet.tap(tablet.page.getByRole('link', { name: NAME }));
  await tablet.tap(tablet.button('Hiện mã trên máy này'));
  const digits = tablet.page.getByLabel('Sáu số của mã');
  await expect(digits).toHaveText(/^\d{3} \d{3}$/);
  await check(tablet, '/diem-danh/ma');
  // From here on the tablet has no network either; it goes on after a reload.
  await tablet.offline();
  await tablet.page.reload();
  await expect(digits).toHaveText(/^\d{3} \d{3}$/);

  const folder = await mkdtemp(join(tmpdir(), 'causo-camera-'));
  const film = join(folder, 'code.y4m');
  await writeFile(film, asVideo(await photograph(tablet)));
  const browser = await chromium.launch({
    ...launchOptions,
    args: [
      ...(launchOptions.args ?? []),
      '--use-fake-device-for-media-stream',
      '--use-fake-ui-for-media-stream',
      `--use-file-for-fake-video-capture=${film}`,
    ],
  });
  const phone = await Phone.take(browser, server.port, { permissions: ['camera'] });
  try {
    await phone.signIn(VOLUNTEER);
    await phone.offline();
    await phone.tap(phone.page.getByRole('link', { name: 'Điểm danh' }).first());
    await expect(phone.page.getByRole('heading', { name: 'Bạn chưa điểm danh' })).toBeVisible();
    await phone.tap(phone.page.getByRole('link', { name: 'Quét mã tại điểm' }));
    await expect(phone.page.getByRole('heading', { name: 'Đã ghi bạn có mặt' })).toBeVisible();
    await check(phone, '/diem-danh/quet');
    expect((await phone.facts()).map(({ state, fact }) => [fact.kind, state])).toEqual([
      ['attendance.v1', 'unsent'],
    ]);
    await phone.tap(phone.button('Xong'));
    await expect(phone.page.getByRole('heading', { name: /^Có mặt từ/ })).toBeVisible();

    await phone.online();
    await expect.poll(async () => (await phone.facts())[0]?.state).toBe('received');
    const member = await office.memberId(VOLUNTEER.login);
    const seen = await office.get<{ stays: { standing: string; doubts: string[] }[] }>('/attendance', {
      member,
    });
    expect(seen.stays).toMatchObject([{ standing: 'verified', doubts: [] }]);
    await phone.page.reload();
    await expect(phone.page.getByText('ngày có mặt')).toBeVisible();
    await check(phone, '/diem-danh');
  } finally {
    await phone.throwAway();
    await browser.close();
    await rm(folder, { recursive: true });
  }

  const laptop = await newPhone(LAPTOP);
  await laptop.signIn(COMMUNE_OFFICER);
  await laptop.page.goto('/diem-danh/bang');
  const point = laptop.page.getByRole('region', { name: NAME });
  await expect(point.getByRole('listitem')).toHaveText([
    /^Trần Minh Quân\s*ca 07:30–12:00/,
    /^Nguyễn Thị Hạnh\s*từ/,
  ]);
  await check(laptop, '/diem-danh/bang');
  await laptop.page.goto('/diem-danh/chu-nhat');
  await expect(laptop.page.getByText(/^1\/\d+ tổ ra quân/)).toBeVisible();
  await check(laptop, '/diem-danh/chu-nhat');
  const all = await laptop.page.getByText(/^1\/\d+ tổ ra quân/).textContent();
  await laptop.page.getByLabel('Loại tổ, đội').selectOption({ label: 'Chi đoàn' });
  await expect(laptop.page.getByText('Địa bàn này chưa có tổ')).toBeVisible();
  await laptop.page.goto('/diem-danh/chu-nhat');
  await expect(laptop.page.getByText(all ?? '')).toBeVisible();
});

test('who has no camera types the six digits; a leader ticks their team, and takes a tick back', async ({
  newPhone,
  server,
  office,
}) => {
  await open(server);
  const leader = await newPhone();
  await leader.signIn(LEADER);
  await leader.page.goto('/diem-danh/to');
  await expect(leader.button(/^Nguyễn Thị Hạnh/)).toBeVisible();
  await leader.offline();
  await leader.tap(leader.button(/^Nguyễn Thị Hạnh/));
  await expect(leader.toast('Nguyễn Thị Hạnh: có mặt')).toBeVisible();
  await expect(leader.button(/^Nguyễn Thị Hạnh/)).toHaveAttribute('aria-pressed', 'true');
  await check(leader, '/diem-danh/to');
  await leader.tap(leader.button('Hoàn tác'));
  await expect(leader.button(/^Nguyễn Thị Hạnh/)).toHaveAttribute('aria-pressed', 'false');
  await leader.tap(leader.button(/^Nguyễn Thị Hạnh/));
  await leader.online();
  const member = await office.memberId(VOLUNTEER.login);
  const stays = async () =>
    (await office.get<{ stays: { standing: string; doubts: string[] }[] }>('/attendance', { member })).stays;
  await expect.poll(stays).toMatchObject([{ standing: 'verified' }]);

  const phone = await newPhone();
  await phone.signIn(VOLUNTEER);
  await phone.page.goto('/diem-danh/quet');
  await phone.tap(phone.button('Nhập sáu số thay cho quét'));
  await phone.page.getByLabel('Điểm trực').selectOption({ label: NAME });
  await phone.page.getByLabel('Sáu số của mã').fill('12');
  await phone.tap(phone.button('Điểm danh'));
  await expect(phone.page.getByText('Nhập đủ sáu số đang hiện')).toBeVisible();
  await phone.page.getByLabel('Sáu số của mã').fill('000 000');
  await phone.tap(phone.button('Điểm danh'));
  await expect(phone.page.getByRole('heading', { name: 'Đã ghi bạn có mặt' })).toBeVisible();
  // Kept all the same, and shown to whoever leads them as doubtful.
  await expect
    .poll(async () => (await stays())[0])
    .toMatchObject({ standing: 'doubtful', doubts: ['code_wrong'] });
});
