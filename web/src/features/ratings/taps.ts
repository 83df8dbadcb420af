/**
 * Answers given on a device that somebody at the desk handed to a resident. They wait on this device and are sent
 * like those of a resident's own phone: nobody's name goes with them, so they are no facts of the ledger. The id is
 * minted with the tap: sent twice, it counts once.
 */
import type { RatingStep } from '@/wire';

export interface Tap {
  id: string;
  /** Of the ticket. */
  code: string;
  step: RatingStep;
  atMs: number;
}
type Store = Pick<Storage, 'getItem' | 'setItem'>;
type Send = (path: string, form: URLSearchParams) => Promise<number | null>;

const KEY = 'causo.taps';
/** A ticket taken without a network may reach the server later than what was thought of it. */
const UNKNOWN_MS_MAX = 7 * 24 * 60 * 60 * 1000;

export const waiting = (store: Store): Tap[] => JSON.parse(store.getItem(KEY) ?? '[]') as Tap[];
const keep = (store: Store, taps: Tap[]) => store.setItem(KEY, JSON.stringify(taps));

/** Keeps a tap; another one on the same ticket takes its place. */
export function add(store: Store, tap: Tap): void {
  keep(store, [...waiting(store).filter(({ code }) => code !== tap.code), tap]);
}

/** Sends what waits; what the server does not know yet, or cannot take now, stays. */
export async function sendTaps(store: Store, send: Send, nowMs: number): Promise<void> {
  for (const tap of waiting(store)) {
    const form = new URLSearchParams({ id: tap.id, topic: 'overall', step: tap.step, handed: 'true' });
    const status = await send(`/danh-gia/${tap.code}`, form);
    if (status === null) return;
    const later = status >= 500 || status === 429 || (status === 404 && nowMs - tap.atMs < UNKNOWN_MS_MAX);
    if (!later)
      keep(
        store,
        waiting(store).filter(({ id }) => id !== tap.id),
      );
  }
}

/** The status the server answers with; null without a network. */
export const post: Send = async (path, form) => {
  try {
    return (await fetch(path, { method: 'POST', body: form, redirect: 'manual' })).status;
  } catch {
    return null;
  }
};
