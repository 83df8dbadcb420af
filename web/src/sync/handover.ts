/**
 * The last resort for a phone that cannot send: its unsent facts as a file only the member's passphrase opens, to be
 * imported on another phone of the same member. Both phones may send them later; the ids make it one.
 */
import { dayOf, msOf } from '@/i18n/format';
import type { Fact } from '@/wire';
import type { FactRow, LocalDb } from './db';
import { unsentOf } from './uploader';
import { fromBase64, toBase64 } from './verifier';

const FORMAT = 'causo.unsent.v1';
const ITERATIONS = 310_000;
export const PASSPHRASE_CHARS_MIN = 8;
const FILE_BYTES_MAX = 8 * 1024 * 1024;

interface Envelope {
  format: typeof FORMAT;
  salt: string;
  iv: string;
  iterations: number;
  data: string;
}
interface Content {
  member: string;
  rows: { fact: Fact; raw_ms: number }[];
}

export type ImportResult =
  | { kind: 'imported'; added: number; known: number }
  | { kind: 'unreadable' }
  | { kind: 'wrong_passphrase' }
  | { kind: 'other_member' };

async function keyOf(
  passphrase: string,
  salt: Uint8Array<ArrayBuffer>,
  iterations: number,
): Promise<CryptoKey> {
  const secret = new TextEncoder().encode(passphrase.normalize('NFC'));
  const base = await crypto.subtle.importKey('raw', secret, 'PBKDF2', false, ['deriveKey']);
  const derivation = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations };
  return crypto.subtle.deriveKey(derivation, base, { name: 'AES-GCM', length: 256 }, false, [
    'encrypt',
    'decrypt',
  ]);
}

export async function exportUnsent(
  db: LocalDb,
  member: string,
  passphrase: string,
  iterations = ITERATIONS,
): Promise<{ text: string; count: number }> {
  const rows = await db.write(['facts'], async (tx) => {
    const unsent = await unsentOf(tx, member);
    // Once a copy exists elsewhere the server may get it from there, so from now on undoing means voiding.
    for (const row of unsent) await tx.facts.update(row.id, { attempted: true });
    return unsent;
  });
  const content: Content = { member, rows: rows.map(({ fact, raw_ms }) => ({ fact, raw_ms })) };
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const plain = new TextEncoder().encode(JSON.stringify(content));
  const data = await crypto.subtle.encrypt(
    { name: 'AES-GCM', iv },
    await keyOf(passphrase, salt, iterations),
    plain,
  );
  const envelope: Envelope = {
    format: FORMAT,
    salt: toBase64(salt),
    iv: toBase64(iv),
    iterations,
    data: toBase64(new Uint8Array(data)),
  };
  return { text: JSON.stringify(envelope), count: rows.length };
}

function parseEnvelope(text: string): Envelope | null {
  try {
    const parsed = JSON.parse(text) as Partial<Envelope>;
    const whole =
      parsed.format === FORMAT &&
      typeof parsed.iterations === 'number' &&
      parsed.iterations <= ITERATIONS * 10 &&
      [parsed.salt, parsed.iv, parsed.data].every((part) => typeof part === 'string');
    return whole ? (parsed as Envelope) : null;
  } catch {
    return null;
  }
}

export async function importUnsent(
  db: LocalDb,
  member: string,
  text: string,
  passphrase: string,
): Promise<ImportResult> {
  const envelope = text.length <= FILE_BYTES_MAX ? parseEnvelope(text) : null;
  if (envelope === null) return { kind: 'unreadable' };
  let content: Content;
  try {
    const key = await keyOf(passphrase, fromBase64(envelope.salt), envelope.iterations);
    const iv = fromBase64(envelope.iv);
    const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, key, fromBase64(envelope.data));
    content = JSON.parse(new TextDecoder().decode(plain)) as Content;
  } catch {
    // AES-GCM authenticates: a wrong passphrase and a damaged file look the same, and both mean "not this file".
    return { kind: 'wrong_passphrase' };
  }
  if (content.member !== member) return { kind: 'other_member' };
  const rows = content.rows.map(({ fact, raw_ms }) => importedRow(member, fact, raw_ms));
  return db.write(['facts'], async ({ facts }) => {
    let added = 0;
    for (const row of rows) {
      if ((await facts.get(row.id)) !== undefined) continue;
      await facts.add(row);
      added += 1;
    }
    return { kind: 'imported', added, known: rows.length - added };
  });
}

function importedRow(member: string, fact: Fact, raw_ms: number): FactRow {
  const at_ms = msOf(fact.happened_at);
  return {
    id: fact.id,
    member,
    state: 'unsent',
    at_ms,
    day: dayOf(at_ms),
    raw_ms,
    seq: fact.seq,
    fact,
    // The other phone may be sending the same fact this minute.
    attempted: true,
    counted_in: [],
    credited_before: [],
    needs: null,
    problem: null,
    voided_by: null,
    superseded_by: null,
    identity_wiped: false,
  };
}
