/**
 * The courier between phone and server: decides when to send and fetch, never what a screen shows. Screens read the
 * database; this class only reports how the last contact went.
 */
import type { Api } from '@/api/client';
import type { Changes, FactsReply, Problem } from '@/wire';
import { sendAvailability } from './availability';
import { applyChanges, download } from './changes';
import type { Clock } from './clock';
import type { LocalDb } from './db';
import type { Locked } from './lock';
import { backoffMs } from './outcomes';
import type { Session } from './session.svelte';
import { upload } from './uploader';

/** Just long enough for "undo" right after saving to stay a matter of this phone alone. */
const GRACE_MS = 1_500;
const ROUND_MS = 5 * 60_000;

export interface CourierDeps {
  db: LocalDb;
  api: Api;
  clock: Clock;
  session: Session;
  lock: Locked;
  random: () => number;
}

export class Courier {
  sending = $state(false);
  problem = $state.raw<Problem | null>(null);
  lastContactMs = $state<number | null>(null);

  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dueMs = Infinity;
  #running: Promise<void> | null = null;
  #again = false;

  constructor(private readonly deps: CourierDeps) {}

  /**
   * Starts following the phone: network back, app in view again, and a slow round while it stays open. Resolves when the
   * server has said whose cookie the phone holds, or could not be asked.
   */
  async start(): Promise<void> {
    window.addEventListener('online', () => this.now());
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.now();
    });
    await this.#greet();
    if (this.deps.session.sender !== null) void this.now();
  }

  /** Something was written: leave soon. */
  poke(): void {
    this.#schedule(GRACE_MS);
  }

  now(): Promise<void> {
    clearTimeout(this.#timer);
    this.#dueMs = Infinity;
    if (this.#running !== null) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#round().finally(() => {
      this.#running = null;
      if (this.#again) {
        this.#again = false;
        void this.now();
      }
    });
    return this.#running;
  }

  /** Learns whose cookie the phone holds. One that knows nobody gets the registers in the same answer: a trip less. */
  async #greet(): Promise<void> {
    const { db, api, clock, session, lock } = this.deps;
    if (session.people.length > 0) return session.confirm();
    await lock(async () => {
      const reply = await api.get<Changes>('/changes');
      if (!reply.ok) return;
      await session.meet(reply.data.me);
      await applyChanges(db, reply.data.me.member.id, reply.data, clock.nowMs());
    });
  }

  /** What is due sooner stays: who wrote something while a round was under way does not wait for the next slow one. */
  #schedule(delayMs: number): void {
    const dueMs = performance.now() + delayMs;
    if (dueMs >= this.#dueMs) return;
    clearTimeout(this.#timer);
    this.#dueMs = dueMs;
    this.#timer = setTimeout(() => void this.now(), delayMs);
  }

  async #round(): Promise<void> {
    const { db, api, clock, session, lock } = this.deps;
    if (session.sender === null && (session.person !== null || this.lastContactMs === null))
      await this.#greet();
    this.sending = true;
    try {
      const up = await lock(async () => {
        const sender = await session.senderNow();
        if (sender === null) return { kind: 'sign_in' as const, sent: 0 };
        await sendAvailability(db, (said) => api.put('/rosters/availability', said), sender);
        const post = (body: unknown) => api.post<FactsReply>('/facts', body);
        return upload({ db, post }, sender);
      });
      const sender = await session.senderNow();
      const down =
        up.kind !== 'done' || sender === null
          ? up
          : await download(
              { db, get: (since) => api.get<Changes>('/changes', { since }), nowMs: () => clock.nowMs() },
              sender,
            );
      if (down.kind === 'wait') return this.#failed(down.problem);
      this.#failures = 0;
      this.problem = null;
      if (down.kind === 'sign_in') {
        if (sender !== null) await session.cookieLost();
        return;
      }
      this.lastContactMs = clock.nowMs();
      if (document.visibilityState === 'visible') this.#schedule(ROUND_MS);
    } finally {
      this.sending = false;
    }
  }

  #failed(problem: Problem): void {
    this.problem = problem;
    this.#failures += 1;
    this.#schedule(backoffMs(this.#failures, this.deps.random()));
  }
}
