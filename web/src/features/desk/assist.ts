/** A served errand as an assist of the ordinary ledger. */
import type { Causo } from '@/app/causo';
import { bodyOf, defaultOutcome, emptyDraft, newItem, type Draft } from '@/features/assists/draft';
import { keep, teamFor } from '@/features/assists/keep';
import type { FactRow } from '@/sync/db';
import type { Service, Ticket } from '@/wire';

/** What is known of the help without asking: the service, its usual outcome, at a desk, in whose language. */
export function draftFor(ticket: Ticket, service: Service | undefined, place: string, today: string): Draft {
  const draft = emptyDraft({ setting: 'desk', place }, today);
  return {
    ...draft,
    items: service === undefined ? [] : [newItem(service)],
    language: ticket.language === 'vi' ? '' : ticket.language,
    ticket: ticket.id,
  };
}

/** Whether the usual outcome can be recorded without asking anything. */
export const inOneTap = (service: Service | undefined): boolean => {
  const outcome = service === undefined ? undefined : defaultOutcome(service);
  return outcome !== undefined && !outcome.asks.some((ask) => ask === 'reason' || ask === 'follow_up');
};

export async function recordAssist(
  causo: Causo,
  ticket: Ticket,
  service: Service,
  place: string,
): Promise<FactRow> {
  const { clock, db, session } = causo;
  const draft = draftFor(ticket, service, place, clock.today());
  const body = bodyOf(draft, () => defaultOutcome(service));
  const team = teamFor(causo, await db.places.get([session.me?.member.id ?? '', place]), null);
  return keep(causo, null, { kind: 'assist.v1', body, place, team });
}
