/**
 * The last answers, kept on the phone so that the screen opens without a network and says how old its figures are.
 * They are sums, never about a person. Each member has their own, and only the newest few stay.
 */
import type { LocalDb } from '@/sync/db';

export interface Kept<T> {
  value: T;
  at_ms: number;
}

const KEPT_MAX = 40;
const prefixOf = (member: string) => `progress/${member}/`;
const keyOf = (member: string, question: unknown) => prefixOf(member) + JSON.stringify(question);

export async function recall<T>(db: LocalDb, member: string, question: unknown): Promise<Kept<T> | null> {
  const row = await db.meta.get(keyOf(member, question));
  return row === undefined ? null : (row.value as Kept<T>);
}

export async function keep<T>(db: LocalDb, member: string, question: unknown, kept: Kept<T>): Promise<void> {
  await db.write(['meta'], async ({ meta }) => {
    await meta.put({ key: keyOf(member, question), value: kept });
    const rows = await meta.where('key').startsWith(prefixOf(member)).toArray();
    const old = rows.sort((a, b) => (b.value as Kept<T>).at_ms - (a.value as Kept<T>).at_ms).slice(KEPT_MAX);
    for (const row of old) await meta.delete(row.key);
  });
}
