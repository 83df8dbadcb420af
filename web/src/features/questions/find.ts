/** Published answers on this phone: found without a network, whatever marks are typed. */
import type { Causo } from '@/app/causo';
import { fold } from '@/i18n/fold';
import type { FaqRow } from '@/sync/db';

const wordsOf = (text: string) => text.split(/[^\p{L}\p{N}]+/u).filter(Boolean);

/**
 * Answers that have more than half of the words asked for, a word of the question before one of the answer; the last
 * word may still be being typed. A word that every answer has says nothing.
 */
export function found<T extends Pick<FaqRow, 'question' | 'folded'>>(all: T[], query: string): T[] {
  const asked = [...new Set(wordsOf(fold(query)))];
  if (asked.length === 0) return all;
  const rows = all.map((row) => ({ row, words: wordsOf(row.folded), head: wordsOf(fold(row.question)) }));
  const has = (words: string[], word: string) =>
    word === asked.at(-1) ? words.some((known) => known.startsWith(word)) : words.includes(word);
  const rarity = new Map(
    asked.map((word) => [
      word,
      Math.log(1 + all.length / (1 + rows.filter(({ words }) => has(words, word)).length)),
    ]),
  );
  return rows
    .map(({ row, words, head }) => {
      const hits = asked.filter((word) => has(words, word));
      const score = hits.reduce((sum, word) => sum + (rarity.get(word) ?? 0) * (has(head, word) ? 3 : 1), 0);
      return { row, score, enough: hits.length * 2 > asked.length };
    })
    .filter(({ enough }) => enough)
    .sort((a, b) => b.score - a.score)
    .map(({ row }) => row);
}

/** Tells the server which answers were used, as far as there is a network; what is told goes. */
export async function tellUses({ api, db }: Pick<Causo, 'api' | 'db'>, member: string): Promise<void> {
  for (const use of await db.faq_uses.where('member').equals(member).toArray()) {
    const reply = await api.post(`/faq/${use.faq}/uses`, { id: use.id, place: use.place });
    // What is refused for good would be refused again.
    if (!reply.ok && reply.problem.retryable) return;
    await db.faq_uses.delete([member, use.id]);
  }
}
