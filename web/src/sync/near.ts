/**
 * Near-duplicates on one phone: the same service for the same person or household on the same day, whoever of the
 * phone's members recorded it. Keeps only a salted hash, so the index names nobody.
 */
import type { AssistBody, Day, FactId } from '@/wire';
import { readMeta, writeMeta, type LocalDb, type NearMark } from './db';
import { fromBase64, toBase64 } from './verifier';

const SALT_KEY = 'near.salt';
/** Yesterday's marks may still matter to a phone whose clock is being corrected; older ones never do. */
const KEEP_MS = 2 * 86_400_000;

export function subjectOf(body: AssistBody): string | null {
  const { kind, person, household, organisation } = body.beneficiary;
  const identity = { person, household, organisation, official: person }[kind];
  return identity === null ? null : `${kind}|${identity}`;
}

async function saltOf(db: LocalDb): Promise<Uint8Array<ArrayBuffer>> {
  const kept = await readMeta<string>(db, SALT_KEY);
  if (kept !== null) return fromBase64(kept);
  const salt = crypto.getRandomValues(new Uint8Array(16));
  await writeMeta(db, SALT_KEY, toBase64(salt));
  return salt;
}

/** One key per service in the assist; none for an anonymous one, and none where the browser cannot hash. */
export async function nearKeys(db: LocalDb, body: AssistBody, day: Day): Promise<Map<string, string>> {
  const subject = subjectOf(body);
  const keys = new Map<string, string>();
  if (subject === null || globalThis.crypto?.subtle === undefined) return keys;
  const salt = await saltOf(db);
  for (const item of body.items) {
    const text = new TextEncoder().encode(`${subject}|${item.service}|${day}`);
    const salted = new Uint8Array(salt.length + text.length);
    salted.set(salt);
    salted.set(text, salt.length);
    const digest = await crypto.subtle.digest('SHA-256', salted);
    keys.set(item.service, toBase64(new Uint8Array(digest).slice(0, 12)));
  }
  return keys;
}

export interface NearDuplicate {
  service: string;
  mark: NearMark;
}

/** `except` is the fact being edited, which must not be warned about itself. */
export async function findNear(
  db: LocalDb,
  body: AssistBody,
  day: Day,
  except: FactId | null = null,
): Promise<NearDuplicate[]> {
  const found: NearDuplicate[] = [];
  for (const [service, key] of await nearKeys(db, body, day)) {
    const marks = await db.marks.where('key').equals(key).toArray();
    const mark = marks.find((row) => row.fact !== except);
    if (mark !== undefined) found.push({ service, mark });
  }
  return found;
}

export const forgetOldMarks = (db: LocalDb, nowMs: number) =>
  db.marks
    .where('at_ms')
    .below(nowMs - KEEP_MS)
    .delete();
