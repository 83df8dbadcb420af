/** The shifts on the phone, with what its member did about them and has not been sent yet. */
import type { Causo } from '@/app/causo';
import { msOf } from '@/i18n/format';
import type { FactRow } from '@/sync/db';
import { live } from '@/sync/live.svelte';
import type { RosterAction, Shift } from '@/wire';

export interface Seen {
  shift: Shift;
  /** Where the member stands, counting what still waits to be sent. */
  stands: boolean;
  offered: boolean;
  /** Others who look for somebody to take over. */
  wanted: boolean;
  pending: boolean;
}

/** A shift as its member's own steps leave it. */
export function see(shift: Shift, member: string, steps: RosterAction[]): Seen {
  const own = shift.people.find((one) => one.member.id === member);
  const seen = {
    shift,
    stands: own !== undefined,
    offered: own?.offered ?? false,
    wanted: shift.people.some((one) => one.offered && one.member.id !== member),
    pending: steps.length > 0,
  };
  for (const action of steps) {
    if (action === 'offer' || action === 'keep') seen.offered = action === 'offer';
    else seen.stands = action !== 'leave';
    if (action === 'leave') seen.offered = false;
  }
  return seen;
}

export function liveShifts(causo: Causo) {
  const { db, clock, session } = causo;
  const member = () => session.me?.member.id ?? '';
  const shifts = live<string, Shift[]>(member, (id) => db.shifts.where('member').equals(id).toArray(), []);
  const away = live<string, Shift[]>(member, async (id) => (await db.members.get(id))?.away_shifts ?? [], []);
  const unsent = live<string, FactRow[]>(
    member,
    (id) => db.facts.where('[member+state]').equals([id, 'unsent']).toArray(),
    [],
  );
  const steps = $derived.by(() => {
    const found = new Map<string, RosterAction[]>();
    for (const { fact } of [...unsent.value].sort((a, b) => a.seq - b.seq)) {
      if (fact.kind !== 'roster.v1') continue;
      found.set(fact.body.shift, [...(found.get(fact.body.shift) ?? []), fact.body.action]);
    }
    return found;
  });
  const all = $derived(
    [...shifts.value, ...away.value]
      .filter((shift) => !shift.cancelled)
      .sort((a, b) => a.starts_at.localeCompare(b.starts_at) || a.id.localeCompare(b.id))
      .map((shift) => see(shift, member(), steps.get(shift.id) ?? [])),
  );
  const ahead = $derived(all.filter(({ shift }) => msOf(shift.starts_at) > clock.nowMs()));
  const now = $derived(
    all.filter(
      ({ shift, stands }) =>
        stands && msOf(shift.starts_at) <= clock.nowMs() && clock.nowMs() < msOf(shift.ends_at),
    ),
  );
  return {
    get ahead() {
      return ahead;
    },
    /** Where they stand while it goes on: nothing about it can be changed any more. */
    get now() {
      return now;
    },
    get ready() {
      return shifts.ready && away.ready && unsent.ready;
    },
  };
}
