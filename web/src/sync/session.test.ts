import { beforeEach, describe, expect, it } from 'vitest';
import type { Api, Reply } from '@/api/client';
import type { Changes } from '@/wire';
import { download } from './changes';
import type { LocalDb } from './db';
import { sessionLock } from './lock';
import { Session } from './session.svelte';
import { freshClock, freshDb, me, problem } from './testing';

type Answer = Reply<unknown>;
const offline: Answer = { ok: false, problem: problem('net.offline', 0, true) };

let db: LocalDb;
let online: boolean;
let ended: number;
let session: Session;
const { clock } = freshClock();

beforeEach(() => {
  db = freshDb();
  online = true;
  ended = 0;
  const answer = (data: unknown): Answer => (online ? { ok: true, data } : offline);
  const api = {
    get: async () => (online ? { ok: false, problem: problem('auth.required', 401) } : offline),
    post: async (_path: string, asked: { login: string; password: string }) =>
      online && asked.password !== '246810'
        ? { ok: false, problem: problem('auth.wrong', 401) }
        : answer(me(asked.login)),
    put: async () => offline,
    del: async () => {
      if (online) ended += 1;
      return answer(undefined);
    },
  } as unknown as Api;
  session = new Session({ db, api, clock, lock: sessionLock(undefined), device: Promise.resolve('d') });
});

describe('session', () => {
  it('opens a known person without the network, with the right PIN only', async () => {
    expect((await session.signIn('an', '246810')).kind).toBe('online');
    await session.stepAside();
    online = false;
    expect((await session.signIn('an', '111111')).kind).toBe('offline_wrong');
    expect((await session.signIn('AN', '246810')).kind).toBe('offline');
    expect(session.me?.member.id).toBe('an');
    expect((await session.signIn('binh', '246810')).kind).toBe('offline_unknown');
  });

  it('makes a guesser wait after five wrong tries', async () => {
    await session.signIn('an', '246810');
    await session.stepAside();
    online = false;
    for (let n = 0; n < 5; n += 1) await session.signIn('an', '000000');
    expect((await session.signIn('an', '246810')).kind).toBe('offline_wait');
  });

  it('survives a restart and a network failure', async () => {
    await session.signIn('an', '246810');
    online = false;
    await session.open();
    await session.confirm();
    expect(session.me?.member.id).toBe('an');
    expect(session.needsSignIn).toBe(false);
  });

  it('keeps the person on screen when the server forgets the session', async () => {
    await session.signIn('an', '246810');
    await session.confirm();
    expect(session.me?.member.id).toBe('an');
    expect(session.needsSignIn).toBe(true);
  });

  it('keeps one cookie: the one on screen and the sender may differ', async () => {
    await session.signIn('an', '246810');
    await session.signIn('binh', '246810');
    expect(session.sender).toBe('binh');
    await session.stepAside();
    online = false;
    await session.signIn('an', '246810');
    expect(session.me?.member.id).toBe('an');
    expect(session.sender).toBe('binh');
    expect(session.needsSignIn).toBe(true);
  });

  it('owes the server a log-out made without the network', async () => {
    await session.signIn('an', '246810');
    online = false;
    await session.signOut();
    expect(session.me).toBeNull();
    expect(session.people).toHaveLength(1);
    online = true;
    await session.confirm();
    expect(ended).toBe(1);
  });
});

describe('changes', () => {
  const page = (part: Partial<Changes>): Changes => ({
    cursor: '1',
    reset: false,
    more: false,
    me: me('an'),
    places: [],
    teams: [],
    services: [],
    guides: [],
    objections: [],
    campaigns: [],
    points: [],
    activities: [],
    holidays: [],
    commemorations: [],
    shifts: [],
    expert_jobs: [],
    faq: [],
    card: null,
    away_shifts: [],
    tasks: [],
    directives: [],
    ...part,
  });
  const team = (id: string) => ({
    id,
    name: id,
    kind: 'cnstn' as const,
    founded_on: null,
    dissolved_on: null,
    place_id: '63-540',
  });
  const pull = (pages: Changes[]) => {
    const asked: (string | null)[] = [];
    const get = async (since: string | null): Promise<Reply<Changes>> => {
      asked.push(since);
      const next = pages.shift();
      return next === undefined
        ? { ok: false, problem: problem('net.offline', 0, true) }
        : { ok: true, data: next };
    };
    return { asked, run: () => download({ db, get, nowMs: () => clock.nowMs() }, 'an') };
  };

  beforeEach(() => session.signIn('an', '246810'));

  it('keeps what it has, adds what is new, and starts over on reset', async () => {
    const first = pull([page({ teams: [team('a'), team('b')] })]);
    expect(await first.run()).toEqual({ kind: 'done' });
    expect(first.asked).toEqual([null]);
    const second = pull([page({ cursor: '2', teams: [team('c')] })]);
    await second.run();
    expect(second.asked).toEqual(['1']);
    expect((await db.teams.toArray()).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    await pull([page({ cursor: '9', reset: true, teams: [team('z')] })]).run();
    expect((await db.teams.toArray()).map(({ id }) => id)).toEqual(['z']);
    expect((await db.members.get('an'))?.cursor).toBe('9');
  });

  it('asks on at once while there is more', async () => {
    const { asked, run } = pull([
      page({ cursor: '1.more', reset: true, more: true, teams: [team('a')] }),
      page({ teams: [team('b')] }),
    ]);
    expect(await run()).toEqual({ kind: 'done' });
    expect(asked).toEqual([null, '1.more']);
    expect(await db.teams.count()).toBe(2);
    expect((await db.members.get('an'))?.cursor).toBe('1');
  });

  it('never files another member’s scope', async () => {
    expect(await pull([page({ me: me('binh'), teams: [team('x')] })]).run()).toEqual({ kind: 'sign_in' });
    expect(await db.teams.count()).toBe(0);
  });
});
