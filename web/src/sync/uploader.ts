/**
 * Sends unsent facts, oldest first. Safe to run twice and safe to lose an answer: the server knows a fact by its id
 * and says `duplicate`. Must be called under the session lock, by a caller who knows whose cookie the phone holds.
 */
import type { Reply } from '@/api/client';
import type { FactsReply, FactsRequest, Problem } from '@/wire';
import type { FactRow, LocalDb } from './db';
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

async function nextBatch(db: LocalDb, member: string, size: number): Promise<FactRow[]> {
  return db.transaction('rw', db.facts, async () => {
    const unsent = await db.facts.where('[member+state]').equals([member, 'unsent']).sortBy('seq');
    const batch = unsent.slice(0, size);
    // Marked before the request leaves: from here on "undo" must be a void, for the server may already have it.
    const fresh = batch.filter((row) => !row.attempted).map((row) => row.id);
    if (fresh.length > 0) await db.facts.where('id').anyOf(fresh).modify({ attempted: true });
    return batch;
  });
}

async function apply(db: LocalDb, changes: Map<string, FactChange>): Promise<void> {
  await db.transaction('rw', db.facts, async () => {
    for (const [id, change] of changes) await db.facts.update(id, change);
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
      const asked = new Set(batch.map((row) => row.id));
      const answered = reply.data.outcomes.filter((outcome) => asked.has(outcome.id));
      await apply(deps.db, new Map(answered.map((outcome) => [outcome.id, changeAfter(outcome)])));
      sent += answered.length;
      size = BATCH_MAX;
      // A server that answers for none of them would loop us for ever; treat it as a failure to wait out.
      if (answered.length === 0) return { kind: 'wait', sent, problem: unanswered() };
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
