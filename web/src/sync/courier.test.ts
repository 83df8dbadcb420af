import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Api, Reply } from '@/api/client';
import type { Changes, FactsRequest } from '@/wire';
import { Courier } from './courier.svelte';
import { sessionLock } from './lock';
import type { Session } from './session.svelte';
import { entry, freshPhone, ledgerServer, me, OFFLINE } from './testing';

const ROUND_MS = 5 * 60_000;

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

/** A courier whose server answers what the phone fetches only when let. */
function underWay() {
  const { db, clock, ledger } = freshPhone();
  const server = ledgerServer();
  let fetched = () => {};
  const fetching = new Promise<Reply<Changes>>((resolve) => (fetched = () => resolve(OFFLINE as never)));
  let online = true;
  let asked = 0;
  const api = {
    get: async () => {
      asked += 1;
      return asked === 1 ? fetching : (OFFLINE as never);
    },
    post: async (_path: string, body: FactsRequest) => (online ? server.post(body) : OFFLINE),
    put: async () => OFFLINE,
  } as unknown as Api;
  const session = { sender: 'an', person: 'an', senderNow: async () => 'an' } as unknown as Session;
  const lock = sessionLock(undefined);
  const courier = new Courier({ db, api, clock, session, lock, random: () => 0.5 });
  return {
    db,
    ledger,
    server,
    courier,
    fetched: () => fetched(),
    asked: () => asked,
    signal: (there: boolean) => (online = there),
  };
}
const known = { id: 'an', me: me('an'), cursor: null } as never;

it('sends what was written while a round was under way as soon as anything else', async () => {
  const { db, ledger, server, courier, fetched, asked } = underWay();
  await db.members.put(known);
  const round = courier.now();
  await vi.waitUntil(() => asked() === 1);
  const row = await ledger.record('an', entry());
  courier.poke();
  fetched();
  await round;
  expect(server.stored.size).toBe(0);
  await vi.advanceTimersByTimeAsync(2_000);
  await vi.waitUntil(() => server.stored.has(row.id));
});

it('tries again by itself after a failure, and at once when asked', async () => {
  const { db, ledger, server, courier, fetched, signal } = underWay();
  await db.members.put(known);
  fetched();
  signal(false);
  const row = await ledger.record('an', entry());
  await courier.now();
  expect(courier.problem?.code).toBe('net.offline');
  signal(true);
  await vi.advanceTimersByTimeAsync(ROUND_MS);
  await vi.waitUntil(() => server.stored.has(row.id));
});
