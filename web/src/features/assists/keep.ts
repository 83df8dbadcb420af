/** One way to save, whether something is new, was never sent, or is already at the server. */
import { teamAt } from '@/app/access';
import type { Causo } from '@/app/causo';
import type { FactRow } from '@/sync/db';
import { mayGo, type Entry } from '@/sync/ledger';
import type { Place } from '@/wire';

/** The team a fact is credited to; an old fact whose place left the phone keeps its own. */
export const teamFor = ({ session }: Causo, place: Place | undefined, old: FactRow | null): string | null =>
  place === undefined ? (old?.fact.team ?? null) : (teamAt(session.grants, place)?.id ?? null);

export function keep({ ledger, session }: Causo, old: FactRow | null, entry: Entry): Promise<FactRow> {
  const member = session.me?.member.id ?? '';
  if (old === null) return ledger.record(member, entry);
  return mayGo(old) ? ledger.replace(member, old.id, entry) : ledger.correct(member, old.id, entry);
}
