/** Requests in an expert's hand, as the phone carries them, with what they did and has not been sent yet. */
import type { Causo } from '@/app/causo';
import type { FactRow } from '@/sync/db';
import { live } from '@/sync/live.svelte';
import type { ExpertAction, ExpertRequest, ExpertWorkBody, RequestStage } from '@/wire';

export interface Job {
  request: ExpertRequest;
  /** As their own steps leave it. */
  stage: RequestStage;
  pending: boolean;
}

const LEADS: Record<ExpertAction, { from: RequestStage[]; to: RequestStage | null }> = {
  accept: { from: ['offered'], to: 'accepted' },
  decline: { from: ['offered', 'accepted'], to: null },
  finish: { from: ['dispatched'], to: 'done' },
};

/** A request as unsent steps leave it; nothing once it was declined. */
export function see(request: ExpertRequest, steps: ExpertAction[]): Job | null {
  let stage = request.stage;
  for (const action of steps) {
    const { from, to } = LEADS[action];
    if (!from.includes(stage)) continue;
    if (to === null) return null;
    stage = to;
  }
  return { request, stage, pending: steps.length > 0 };
}

/** An entry of the work log that lies on this phone. */
export interface LocalWork {
  row: FactRow;
  body: ExpertWorkBody;
}

export function liveJobs(causo: Causo) {
  const { db, session } = causo;
  const member = () => session.me?.member.id ?? '';
  const requests = live<string, ExpertRequest[]>(
    member,
    (id) => db.expert_jobs.where('member').equals(id).toArray(),
    [],
  );
  const rows = live<string, FactRow[]>(member, (id) => db.facts.where('member').equals(id).toArray(), []);
  const steps = $derived.by(() => {
    const found = new Map<string, ExpertAction[]>();
    for (const { fact, state } of [...rows.value].sort((a, b) => a.seq - b.seq)) {
      if (fact.kind !== 'expert_step.v1' || state !== 'unsent') continue;
      found.set(fact.body.request, [...(found.get(fact.body.request) ?? []), fact.body.action]);
    }
    return found;
  });
  const all = $derived(
    requests.value
      .map((request) => see(request, steps.get(request.id) ?? []))
      .filter((job) => job !== null)
      .sort((a, b) => b.request.asked_at.localeCompare(a.request.asked_at)),
  );
  return {
    get all() {
      return all;
    },
    find: (id: string) => all.find(({ request }) => request.id === id) ?? null,
    /** Entries for a request that were not refused or taken back, in order. */
    workOf: (id: string): LocalWork[] =>
      rows.value
        .filter((row) => row.state !== 'refused' && row.voided_by === null && row.superseded_by === null)
        .flatMap((row) =>
          row.fact.kind === 'expert_work.v1' && row.fact.body.request === id
            ? [{ row, body: row.fact.body }]
            : [],
        )
        .sort((a, b) => a.row.at_ms - b.row.at_ms),
    get ready() {
      return requests.ready && rows.ready;
    },
  };
}
