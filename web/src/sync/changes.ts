/** Brings the registers of the member's scope down. One answer is one transaction: rows and cursor move together. */
import type { Reply } from '@/api/client';
import { fold } from '@/i18n/fold';
import type { Changes, Problem } from '@/wire';
import { REGISTERS, type LocalDb } from './db';

export interface ChangesDeps {
  db: LocalDb;
  get: (since: string | null) => Promise<Reply<Changes>>;
  nowMs: () => number;
}
export type DownloadResult = { kind: 'done' } | { kind: 'wait'; problem: Problem } | { kind: 'sign_in' };

export async function applyChanges(
  db: LocalDb,
  member: string,
  answer: Changes,
  nowMs: number,
): Promise<void> {
  await db.write(['members', ...REGISTERS], async (tx) => {
    if (answer.reset) for (const name of REGISTERS) await tx[name].where('member').equals(member).delete();
    await tx.places.bulkPut(answer.places.map((row) => ({ ...row, member, folded: fold(row.full_name) })));
    await tx.teams.bulkPut(answer.teams.map((row) => ({ ...row, member })));
    await tx.services.bulkPut(answer.services.map((row) => ({ ...row, member })));
    await tx.guides.bulkPut(answer.guides.map((row) => ({ ...row, member })));
    await tx.objections.bulkPut(answer.objections.map((row) => ({ ...row, member })));
    await tx.campaigns.bulkPut(answer.campaigns.map((row) => ({ ...row, member })));
    await tx.points.bulkPut(answer.points.map((row) => ({ ...row, member })));
    await tx.activities.bulkPut(answer.activities.map((row) => ({ ...row, member })));
    await tx.holidays.bulkPut(answer.holidays.map((row) => ({ ...row, member })));
    await tx.commemorations.bulkPut(answer.commemorations.map((row) => ({ ...row, member })));
    // All of them each time: what is no longer theirs just goes.
    await tx.expert_jobs.where('member').equals(member).delete();
    await tx.expert_jobs.bulkPut(answer.expert_jobs.map((row) => ({ ...row, member })));
    await tx.shifts.bulkPut(answer.shifts.map((row) => ({ ...row, member })));
    await tx.tasks.bulkPut(answer.tasks.map((row) => ({ ...row, member })));
    await tx.directives.bulkPut(answer.directives.map((row) => ({ ...row, member })));
    for (const row of answer.faq) {
      if (row.withdrawn) await tx.faq.delete([member, row.id]);
      else await tx.faq.put({ ...row, member, folded: fold(`${row.question}\n${row.answer}`) });
    }
    await tx.members.update(member, {
      me: answer.me,
      cursor: answer.cursor,
      last_contact_ms: nowMs,
      card: answer.card,
      away_shifts: answer.away_shifts,
    });
  });
}

export async function download(deps: ChangesDeps, member: string): Promise<DownloadResult> {
  const row = await deps.db.members.get(member);
  if (row === undefined) return { kind: 'done' };
  let { cursor } = row;
  for (;;) {
    const reply = await deps.get(cursor);
    if (!reply.ok) {
      return reply.problem.status === 401 ? { kind: 'sign_in' } : { kind: 'wait', problem: reply.problem };
    }
    // The cookie may have changed hands between reading it and this answer; never file one member's scope under another.
    if (reply.data.me.member.id !== member) return { kind: 'sign_in' };
    await applyChanges(deps.db, member, reply.data, deps.nowMs());
    if (!reply.data.more) return { kind: 'done' };
    ({ cursor } = reply.data);
  }
}
