import { describe, expect, it } from 'vitest';
import type { Reply } from '@/api/client';
import { freshClock, freshDb, problem } from '@/sync/testing';
import type { Notice } from '@/wire';
import { Inbox, joined } from './inbox';

const notice = (id: string, read_at: string | null = null): Notice => ({
  id,
  kind: 'invitation_accepted',
  title: id,
  text: '',
  link: '/thanh-vien',
  at: '2024-10-13T08:00:00+07:00',
  read_at,
});
const row = (notices: Notice[], next: string | null) => ({
  member: 'an',
  notices,
  unread: 0,
  next,
  read: [],
  through: null,
  at_ms: 0,
});

describe('pages', () => {
  it('join what the phone has when they reach it, and drop what lies behind a gap', () => {
    const kept = row([notice('4'), notice('3'), notice('2')], '2');
    const ids = (found: { notices: Notice[] }) => found.notices.map(({ id }) => id).join('');
    expect(ids(joined([notice('5'), notice('4')], '4', kept))).toBe('5432');
    expect(joined([notice('5'), notice('4')], '4', kept).next).toBe('2');
    expect(ids(joined([notice('9'), notice('8')], '8', kept))).toBe('98');
    expect(ids(joined([notice('3')], null, kept))).toBe('3');
  });
});

/** A server with some notices, that can be out of reach. */
function server(notices: Notice[]) {
  const calls: string[] = [];
  const state = { up: true };
  const answer = <T>(data: T): Promise<Reply<T>> =>
    Promise.resolve(state.up ? { ok: true, data } : { ok: false, problem: problem('net.offline', 0, true) });
  const readThrough = (test: (one: Notice) => boolean) => {
    if (state.up) for (const one of notices) if (test(one)) one.read_at ??= '2024-10-13T09:00:00+07:00';
  };
  const api = {
    get: () =>
      answer({
        notifications: notices.map((one) => ({ ...one })),
        unread: notices.filter((one) => one.read_at === null).length,
        next: null,
      }),
    post: (path: string, body?: { through: string }) => {
      if (state.up) calls.push(path);
      readThrough((one) => (body === undefined ? path.includes(`/${one.id}/`) : one.id <= body.through));
      return answer(undefined);
    },
  };
  return { api, calls, state };
}

function phone(notices: Notice[]) {
  const db = freshDb();
  const { api, calls, state } = server(notices);
  const inbox = new Inbox({
    db,
    api: api as never,
    clock: freshClock().clock,
    session: { senderNow: () => Promise.resolve('an') },
    lock: (work) => work(),
  });
  const unread = async () => {
    const kept = await db.inbox.get('an');
    return [kept?.unread, kept?.notices.filter(({ read_at }) => read_at === null).map(({ id }) => id)];
  };
  return { inbox, db, calls, state, unread };
}

describe('the inbox', () => {
  it('keeps what was read with no signal, and tells it once there is one', async () => {
    const { inbox, calls, state, unread } = phone([notice('3'), notice('2'), notice('1')]);
    await inbox.refresh();
    expect(await unread()).toEqual([3, ['3', '2', '1']]);
    state.up = false;
    await inbox.read('an', '2');
    await inbox.read('an', '2');
    expect(await unread()).toEqual([2, ['3', '1']]);
    state.up = true;
    expect(await inbox.refresh()).toBeNull();
    expect(calls).toEqual(['/notifications/2/read']);
    expect(await unread()).toEqual([2, ['3', '1']]);
    await inbox.refresh();
    expect(calls).toHaveLength(1);
  });

  it('marks all read up to the newest that was seen: one that came meanwhile stays unread', async () => {
    const notices = [notice('2'), notice('1')];
    const { inbox, db, calls, state, unread } = phone(notices);
    await inbox.refresh();
    state.up = false;
    await inbox.readAll('an');
    expect(await unread()).toEqual([0, []]);
    notices.unshift(notice('3'));
    state.up = true;
    await inbox.refresh();
    expect(calls).toEqual(['/notifications/read']);
    expect(await unread()).toEqual([1, ['3']]);
    expect((await db.inbox.get('an'))?.through).toBeNull();
  });
});
