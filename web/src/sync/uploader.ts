/**
 * Sends unsent facts, oldest first. Safe to run twice and safe to lose an answer: the server knows a fact by its id
 * and says `duplicate`. Must be called under the session lock, by a caller who knows whose cookie the phone holds.
 */
import type { Reply } from '@/api/client';
import type { FactsReply, FactsRequest, Problem } from '@/wire';
import type { FactRow, LocalDb, Tables } from './db';
import { changeAfter, failureOf, refusedWith, type FactChange } from './outcomes';

export const BATCH_MAX = 100;

export interface UploaderDeps {
  db: LocalDb;
  post: (body: FactsRequest) => Promise<Reply<FactsReply>>;
}

export type UploadResult =
  | { kind: 'done'; sent: number }
  | { kind: 'wait'; sent: number; problem: Problem }
  | { kind: 'sign_in'; sent: number };

/** The member's unsent facts in the order of writing. */
export async function unsentOf({ facts }: Pick<Tables, 'facts'>, member: string): Promise<FactRow[]> {
  const unsent = await facts.where('[member+state]').equals([member, 'unsent']).toArray();
  return unsent.sort((a, b) => a.seq - b.seq);
}

async function nextBatch(db: LocalDb, member: string, size: number): Promise<FactRow[]> {
  // Most rounds have nothing to send, and a look takes no lock.
  if ((await db.facts.where('[member+state]').equals([member, 'unsent']).count()) === 0) return [];
  return db.write(['facts'], async (tx) => {
    const batch = (await unsentOf(tx, member)).slice(0, size);
    // Marked before the request leaves: from here on "undo" must be a void, for the server may already have it.
    for (const row of batch) if (!row.attempted) await tx.facts.update(row.id, { attempted: true });
    return batch;
  });
}

async function apply(db: LocalDb, changes: Map<string, FactChange>): Promise<void> {
  await db.write(['facts'], async ({ facts }) => {
    for (const [id, change] of changes) await facts.update(id, change);
  });
}

export async function upload(deps: UploaderDeps, member: string): Promise<UploadResult> {
  let size = BATCH_MAX;
  let sent = 0;
  for (;;) {
    const batch = await nextBatch(deps.db, member, size);
    if (batch.length === 0) return { kind: 'done', sent };
    const reply = await deps.post({ facts: batch.map((row) => row.fact) });
    if (reply.ok) {
      const asked = new Map(batch.map((row) => [row.id, row.fact]));
      const changes = new Map<string, FactChange>();
      for (const outcome of reply.data.outcomes) {
        const fact = asked.get(outcome.id);
        if (fact !== undefined) changes.set(outcome.id, changeAfter(outcome, fact));
      }
      await apply(deps.db, changes);
      sent += changes.size;
      size = BATCH_MAX;
      // A server that answers for none of them would loop us for ever; treat it as a failure to wait out.
      if (changes.size === 0) return { kind: 'wait', sent, problem: unanswered() };
      continue;
    }
    switch (failureOf(reply.problem, batch.length)) {
      case 'sign_in':
        return { kind: 'sign_in', sent };
      case 'wait':
        return { kind: 'wait', sent, problem: reply.problem };
      case 'halve':
        size = Math.max(1, Math.floor(batch.length / 2));
        break;
      case 'refuse':
        await apply(deps.db, new Map(batch.map((row) => [row.id, refusedWith(reply.problem)])));
        break;
    }
  }
}

const unanswered = (): Problem => ({
  code: 'net.unreadable',
  status: 200,
  title: '',
  next: '',
  facts: {},
  retryable: true,
});
