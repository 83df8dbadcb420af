/** The parts of the app, put together once in main.ts and handed down by context: no module holds a global. */
import { createContext } from 'svelte';
import { createApi, type Api } from '@/api/client';
import { Inbox } from '@/features/notifications/inbox';
import { Push } from '@/features/notifications/push';
import { Clock, localOffsetStore } from '@/sync/clock';
import { Courier } from '@/sync/courier.svelte';
import { localDb, readMeta, writeMeta, type LocalDb } from '@/sync/db';
import { uuidv7 } from '@/sync/ids';
import { Ledger } from '@/sync/ledger';
import { sessionLock } from '@/sync/lock';
import { Session } from '@/sync/session.svelte';
import { Router } from './router.svelte';
import type { Settings } from './settings.svelte';
import { Toasts } from './toasts.svelte';
import { Version } from './version.svelte';

export interface Causo {
  db: LocalDb;
  api: Api;
  clock: Clock;
  session: Session;
  courier: Courier;
  ledger: Ledger;
  inbox: Inbox;
  push: Push;
  router: Router;
  toasts: Toasts;
  settings: Settings;
  version: Version;
}

export const [useCauso, provideCauso] = createContext<Causo>();

const DEVICE_KEY = 'device.id';

async function deviceOf(db: LocalDb, nowMs: number): Promise<string> {
  const kept = await readMeta<string>(db, DEVICE_KEY);
  if (kept !== null) return kept;
  const made = uuidv7(nowMs);
  await writeMeta(db, DEVICE_KEY, made);
  return made;
}

export async function assemble(settings: Settings): Promise<Causo> {
  const db = localDb();
  // eslint-disable-next-line no-restricted-syntax -- the one reading of the phone's clock; everything else asks `clock`
  const clock = new Clock(() => Date.now(), localOffsetStore(localStorage));
  const device = deviceOf(db, clock.nowMs());
  const lock = sessionLock(navigator.locks);
  const api = createApi({
    fetch: (input, init) => fetch(input, init),
    onServerTime: (time, sentMs, gotMs) => clock.learn(time, sentMs, gotMs),
    onUnauthorised: () => {
      if (session.sender !== null) void session.confirm();
    },
    rawNowMs: () => clock.rawNowMs(),
  });
  const session = new Session({ db, api, clock, lock, device });
  const courier = new Courier({ db, api, clock, session, lock, random: Math.random });
  const ledger = new Ledger(db, clock, device, () => courier.poke());
  await session.open();
  const router = new Router();
  return {
    db,
    api,
    clock,
    session,
    courier,
    ledger,
    inbox: new Inbox({ db, api, clock, session, lock }),
    push: new Push({ db, api, session, lock }),
    router,
    toasts: new Toasts(),
    settings,
    version: new Version(),
  };
}
