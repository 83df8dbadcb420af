/**
 * The server's time, on a phone whose own clock may be a year off. Every date on screen and every `happened_at`
 * comes from here; nothing else in the app may ask the phone for the time (eslint refuses it).
 */
import { dayOf, msOf, wireTime } from '@/i18n/format';
import type { Day, WireTime } from '@/wire';

/** Beyond this a reply took too long to say much about the time; an older, closer reading is kept. */
const ROUND_TRIP_MS_MAX = 10_000;
const OFFSET_KEY = 'causo.clock.offset_ms';

export interface OffsetStore {
  read: () => number | null;
  write: (offsetMs: number) => void;
}

export const localOffsetStore = (storage: Storage): OffsetStore => ({
  read: () => {
    const text = storage.getItem(OFFSET_KEY);
    const offset = text === null ? NaN : Number(text);
    return Number.isFinite(offset) ? offset : null;
  },
  write: (offsetMs) => storage.setItem(OFFSET_KEY, String(offsetMs)),
});

export class Clock {
  #offsetMs: number | null;

  constructor(
    private readonly rawNow: () => number,
    private readonly store: OffsetStore,
  ) {
    this.#offsetMs = store.read();
  }

  /** The phone's own reading, kept beside each fact so that a wrong offset can be put right afterwards. */
  rawNowMs(): number {
    return this.rawNow();
  }
  /** Another tab may have learned a newer offset, so the store is asked each time. */
  offsetMs(): number {
    return this.store.read() ?? this.#offsetMs ?? 0;
  }
  nowMs(): number {
    return this.rawNow() + this.offsetMs();
  }
  now(): Date {
    return new Date(this.nowMs());
  }
  today(): Day {
    return dayOf(this.nowMs());
  }
  wireNow(): WireTime {
    return wireTime(this.nowMs());
  }

  /** Learns from one reply: the server read its clock about half-way between sending and getting. */
  learn(serverTime: WireTime, sentMs: number, gotMs: number): void {
    const serverMs = msOf(serverTime);
    const roundTripMs = gotMs - sentMs;
    if (!Number.isFinite(serverMs) || roundTripMs < 0) return;
    if (roundTripMs > ROUND_TRIP_MS_MAX && this.#offsetMs !== null) return;
    this.#offsetMs = Math.round(serverMs - (sentMs + roundTripMs / 2));
    this.store.write(this.#offsetMs);
  }
}
