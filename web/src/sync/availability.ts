/**
 * When a member can and would like to stand at a point. They say it on the phone, with or without a network; it goes to
 * the server with the next round, and the last word counts.
 */
import type { Reply } from '@/api/client';
import type { Availability } from '@/wire';
import { readMeta, writeMeta, type LocalDb, type Tables } from './db';

export interface KeptAvailability {
  said: Availability;
  /** Not at the server yet. */
  pending: boolean;
}

const keyOf = (member: string) => `availability.${member}`;

export const availabilityOf = (db: Pick<Tables, 'meta'>, member: string) =>
  readMeta<KeptAvailability>(db, keyOf(member));

/** Keeps what somebody has just said. */
export const sayAvailability = (db: LocalDb, member: string, said: Availability) =>
  writeMeta(db, keyOf(member), { said, pending: true } satisfies KeptAvailability);

/** Keeps what the server says, unless there is something newer to send. */
export async function learnAvailability(db: LocalDb, member: string, said: Availability): Promise<void> {
  await db.write(['meta'], async (tx) => {
    if ((await availabilityOf(tx, member))?.pending === true) return;
    await writeMeta(tx, keyOf(member), { said, pending: false } satisfies KeptAvailability);
  });
}

/** Sends what waits. What is said while it is on its way waits for the next round. */
export async function sendAvailability(
  db: LocalDb,
  put: (said: Availability) => Promise<Reply<unknown>>,
  member: string,
): Promise<void> {
  const kept = await availabilityOf(db, member);
  if (kept?.pending !== true) return;
  const reply = await put(kept.said);
  if (!reply.ok) return;
  await db.write(['meta'], async (tx) => {
    const now = await availabilityOf(tx, member);
    if (JSON.stringify(now?.said) === JSON.stringify(kept.said))
      await writeMeta(tx, keyOf(member), { said: kept.said, pending: false } satisfies KeptAvailability);
  });
}
