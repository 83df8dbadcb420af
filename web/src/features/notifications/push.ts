/**
 * Whether this phone rings. It takes messages for the person whose session it holds, if they asked for it here, and for
 * nobody else: whoever signs in next on a shared phone ends them.
 */
import type { Api } from '@/api/client';
import { readMeta, writeMeta, type LocalDb } from '@/sync/db';
import type { Locked } from '@/sync/lock';
import type { Session } from '@/sync/session.svelte';
import type { NoticeChoices, Problem } from '@/wire';

/** `missing`: this browser cannot; `blocked`: it was told not to. */
export type Ringing = 'missing' | 'blocked' | 'off' | 'on';
export type Asked = { kind: Ringing } | { kind: 'unreachable' } | { kind: 'refused'; problem: Problem };

const WANTED_KEY = 'push.wanted';

export interface PushDeps {
  db: LocalDb;
  api: Api;
  session: Pick<Session, 'senderNow'>;
  lock: Locked;
}

const canPush = () => 'serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window;

const bytesOf = (base64url: string) =>
  Uint8Array.from(atob(base64url.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
const sameBytes = (a: ArrayBuffer | null, b: Uint8Array) =>
  a !== null && new Uint8Array(a).join() === b.join();

export class Push {
  constructor(private readonly deps: PushDeps) {}

  async state(): Promise<Ringing> {
    if (!canPush()) return 'missing';
    if (Notification.permission === 'denied') return 'blocked';
    const [held, wanted, sender] = await Promise.all([
      this.#held(),
      this.#wanted(),
      this.deps.session.senderNow(),
    ]);
    return held !== null && sender !== null && wanted.includes(sender) ? 'on' : 'off';
  }

  /** On a tap only: the browser asks the person. */
  async begin(): Promise<Asked> {
    if (!canPush()) return { kind: 'missing' };
    const answer = await Notification.requestPermission();
    if (answer !== 'granted') return { kind: answer === 'denied' ? 'blocked' : 'off' };
    return this.deps.lock(async () => {
      const member = await this.deps.session.senderNow();
      return member === null ? { kind: 'off' } : this.#subscribe(member);
    });
  }

  /** No more on this phone. Needs no network: the server learns of it from the push service, or at once by `off`. */
  async end(): Promise<void> {
    if (!canPush()) return;
    await this.deps.lock(async () => {
      const member = await this.deps.session.senderNow();
      await this.#want((wanted) => wanted.filter((one) => one !== member));
      await (await this.#held())?.unsubscribe();
    });
  }
  async off(): Promise<void> {
    await this.end();
    await this.deps.api.del('/push');
  }

  /** At each start and change of session: the subscription is renewed, or ended when it is another's. */
  async settle(): Promise<void> {
    if (!canPush()) return;
    await this.deps.lock(async () => {
      const member = await this.deps.session.senderNow();
      if (member === null) return;
      const wanted = (await this.#wanted()).includes(member);
      if (wanted && Notification.permission === 'granted') await this.#subscribe(member);
      else await (await this.#held())?.unsubscribe();
    });
  }

  async #subscribe(member: string): Promise<Asked> {
    const { api } = this.deps;
    const choices = await api.get<NoticeChoices>('/notification_choices');
    if (!choices.ok) return { kind: 'refused', problem: choices.problem };
    if (choices.data.push_key === null) return { kind: 'off' };
    const key = bytesOf(choices.data.push_key);
    const worker = await navigator.serviceWorker.getRegistration();
    if (worker === undefined) return { kind: 'missing' };
    try {
      const held = await worker.pushManager.getSubscription();
      if (held !== null && !sameBytes(held.options.applicationServerKey, key)) await held.unsubscribe();
      const taken = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
      const { endpoint, keys } = taken.toJSON();
      const reply = await api.put('/push', { endpoint, p256dh: keys?.p256dh, auth: keys?.auth });
      if (!reply.ok) return { kind: 'refused', problem: reply.problem };
    } catch {
      // The browser could not reach its own maker's push service.
      return { kind: 'unreachable' };
    }
    await this.#want((wanted) => (wanted.includes(member) ? wanted : [...wanted, member]));
    return { kind: 'on' };
  }

  async #held(): Promise<PushSubscription | null> {
    const worker = await navigator.serviceWorker.getRegistration();
    return (await worker?.pushManager.getSubscription()) ?? null;
  }
  async #wanted(): Promise<string[]> {
    return (await readMeta<string[]>(this.deps.db, WANTED_KEY)) ?? [];
  }
  async #want(change: (wanted: string[]) => string[]): Promise<void> {
    await writeMeta(this.deps.db, WANTED_KEY, change(await this.#wanted()));
  }
}
