/** What people are told: in the app, and by Web Push through a push service of the tests' own. */
import type { APIRequestContext } from '@playwright/test';
import { request } from '@playwright/test';
import { check } from '../support/faults.ts';
import { Office } from '../support/office.ts';
import { LAPTOP, LEADER, PHONE, VOLUNTEER, type Phone } from '../support/phone.ts';
import { PushService } from '../support/push.ts';
import type { Server } from '../support/server.ts';
import { expect, test as base } from '../support/test.ts';

/** A leader who invites, and people who come. */
class Doorway {
  private constructor(
    private readonly leader: Office,
    private readonly outside: APIRequestContext,
    private readonly at: { place_id: string; team_id: string | null },
  ) {}
  static async open(server: Server): Promise<Doorway> {
    const leader = await Office.open(server.url, LEADER);
    const me = await leader.get<{ grants: { place: { id: string }; team: { id: string } | null }[] }>(
      '/session',
    );
    const [grant] = me.grants;
    if (grant === undefined) throw new Error('the leader has no grant');
    const outside = await request.newContext({
      baseURL: server.url,
      extraHTTPHeaders: { 'x-causo': '1', origin: server.url },
    });
    return new Doorway(leader, outside, { place_id: grant.place.id, team_id: grant.team?.id ?? null });
  }
  /** Somebody new is invited and comes in: the leader is told. */
  async enters(name: string, login: string): Promise<void> {
    const invited = await this.leader.post<{ token: string }>('/invitations', {
      name,
      role: 'volunteer',
      ...this.at,
    });
    const accepted = await this.outside.post(`/api/v1/invitations/${invited?.token}/accept`, {
      data: { login, password: '482913', device_id: '01928000-0000-7000-8000-0000000000fe' },
    });
    expect(accepted.ok(), await accepted.text()).toBe(true);
    // Whoever accepts is signed in by it; the next one comes with hands free.
    await this.outside.delete('/api/v1/session');
  }
  async close(): Promise<void> {
    await this.leader.close();
    await this.outside.dispose();
  }
}

const test = base.extend<{ push: PushService; door: Doorway }>({
  push: async ({}, use) => {
    const push = await PushService.start();
    await use(push);
    await push.stop();
  },
  door: async ({ server }, use) => {
    const door = await Doorway.open(server);
    await use(door);
    await door.close();
  },
});

const bell = (phone: Phone) => phone.page.getByRole('banner').getByRole('link', { name: /^Thông báo/ });
/** What the phone shows outside the app. */
const shown = (phone: Phone) =>
  phone.page.evaluate(async () => {
    const worker = await navigator.serviceWorker.ready;
    return (await worker.getNotifications()).map(({ title, body }) => `${title} | ${body}`);
  });

test('a leader has the phone ring: the message comes sealed from the server, is shown, leads to its screen, and ends with signing out', async ({
  newPhone,
  push,
  door,
}) => {
  const phone = await newPhone({ lasting: true, push });
  await phone.signIn(LEADER);
  await bell(phone).tap();
  // What the demonstration has told them is not what this is about.
  await phone.tap(phone.button('Đã đọc hết'));
  await expect(bell(phone)).toHaveAccessibleName('Thông báo');
  await phone.page.getByRole('link', { name: 'Cách báo cho tôi' }).first().tap();
  await phone.tap(phone.button('Bật báo trên máy này'));
  await expect(phone.page.getByText(/^Máy này báo ngay khi có tin/)).toBeVisible();

  await phone.page.goto('/');
  await door.enters('Nguyễn Thị Bưởi', 'buoi');
  await expect
    .poll(() => shown(phone))
    .toEqual([
      'Nguyễn Thị Bưởi đã vào Cầu Số | Lời mời của bạn đã được nhận. Hãy chào và chỉ giúp việc đầu tiên nhé.',
    ]);
  expect(push.posted).toHaveLength(1);
  expect(push.posted[0]?.authorization).toMatch(/^vapid t=/);
  expect(push.posted[0]?.sealed.includes('Nguyễn')).toBe(false);
  await expect(bell(phone)).toHaveAccessibleName(/1 tin chưa đọc$/);

  // No hand can tap what a headless browser shows, so the worker is told that one did.
  await phone.tapNotification();
  await expect(phone.page).toHaveURL(/\/thanh-vien$/);
  await expect(bell(phone)).toHaveAccessibleName('Thông báo');
  expect(await shown(phone)).toEqual([]);

  // What cannot be read is not passed over in silence: that would cost the right to ring.
  push.deliver(null);
  await expect.poll(() => shown(phone)).toEqual(['Cầu Số | Có tin mới. Chạm để xem.']);

  await phone.page.goto('/may-nay');
  await phone.tap(phone.button('Đăng xuất'));
  await phone.tap(phone.button('Đăng xuất', phone.page.getByRole('dialog')));
  await expect(phone.heading('Ai đang cầm máy?')).toBeVisible();
  const subscription = () =>
    phone.page.evaluate(async () => (await navigator.serviceWorker.ready).pushManager.getSubscription());
  await expect.poll(subscription).toBeNull();
});

test('what was told is read with the network gone, and is read everywhere once it is back', async ({
  newPhone,
  door,
}) => {
  await door.enters('Trần Văn Cam', 'cam');
  await door.enters('Lê Thị Đào', 'dao');
  const phone = await newPhone();
  await phone.signIn(LEADER);
  await expect(bell(phone)).toHaveAccessibleName(/tin chưa đọc$/);
  await bell(phone).tap();
  const line = (name: string) => phone.page.getByRole('link', { name: new RegExp(name) });
  await expect(line('Lê Thị Đào')).toContainText('Chưa đọc');

  await phone.offline();
  await phone.page.reload();
  await expect(phone.page.getByText(/^Đang không có mạng/)).toBeVisible();
  await phone.tap(line('Lê Thị Đào'));
  await expect(phone.page).toHaveURL(/\/thanh-vien$/);
  await phone.page.goBack();
  await expect(line('Lê Thị Đào')).not.toContainText('Chưa đọc');
  await expect(line('Trần Văn Cam')).toContainText('Chưa đọc');

  await phone.online();
  const laptop = await newPhone(LAPTOP);
  await laptop.signIn(LEADER);
  await laptop.page.goto('/thong-bao');
  const there = (name: string) => laptop.page.getByRole('link', { name: new RegExp(name) });
  await expect(async () => {
    await phone.page.reload();
    await laptop.page.reload();
    await expect(there('Trần Văn Cam')).toContainText('Chưa đọc');
    await expect(there('Lê Thị Đào')).not.toContainText('Chưa đọc', { timeout: 1_000 });
  }).toPass();
  await laptop.button('Đã đọc hết').click();
  await expect(there('Trần Văn Cam')).not.toContainText('Chưa đọc');
  await expect(bell(laptop)).toHaveAccessibleName('Thông báo');
});

for (const [size, options] of Object.entries({ phone: PHONE, laptop: LAPTOP })) {
  test(`bell, list and choices are free of serious faults (${size})`, async ({ newPhone, door }) => {
    await door.enters('Trần Văn Cam', 'cam');
    const leader = await newPhone(options);
    await leader.signIn(LEADER);
    await leader.page.goto('/thong-bao');
    await expect(leader.page.getByText('Chưa đọc').first()).toBeAttached();
    await check(leader, 'list');
    const box = await bell(leader).boundingBox();
    expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(48);
    await leader.page.goto('/thong-bao/cach-bao');
    await leader.page.getByLabel('Zalo').first().check();
    await expect(leader.toast('Đã lưu cách báo')).toBeVisible();
    await leader.page.reload();
    await expect(leader.page.getByLabel('Zalo').first()).toBeChecked();
    await check(leader, 'choices');

    const volunteer = await newPhone(options);
    await volunteer.signIn(VOLUNTEER);
    await volunteer.page.goto('/thong-bao');
    await expect(volunteer.heading('Thông báo')).toBeVisible();
    await check(volunteer, "a volunteer's list");
  });
}
