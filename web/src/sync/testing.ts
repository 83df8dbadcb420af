/** Shared beginnings for the tests of this folder: a fresh database, a clock that stands still, and plain facts. */
import type { AssistBody, FactsReply, FactsRequest, Me, Outcome, Problem } from '@/wire';
import type { Reply } from '@/api/client';
import { Clock } from './clock';
import { localDb, type LocalDb } from './db';
import { Ledger, type Entry } from './ledger';

let made = 0;
export const freshDb = (): LocalDb => localDb(`test-${(made += 1)}`);

export const NOW_MS = Date.parse('2024-10-13T08:05:00+07:00');

/** A phone whose own clock reads `rawMs`; move it by changing `phone.ms`. */
export function freshClock(rawMs = NOW_MS) {
  const phone = { ms: rawMs };
  let kept: number | null = null;
  const clock = new Clock(() => phone.ms, { read: () => kept, write: (offset) => (kept = offset) });
  return { clock, phone };
}

export const body = (person: string | null = null, service = 'vneid_2'): AssistBody => ({
  beneficiary: { kind: 'person', age_band: null, person, household: null, organisation: null },
  consent: null,
  setting: 'door',
  language: null,
  items: [
    { service, outcome: 'activated', reason: null, follow_up_on: null, dossier_code: null, channel: null },
  ],
  note: null,
});
export const entry = (person: string | null = null, service?: string): Entry => ({
  kind: 'assist.v1',
  place: '63-21553',
  team: null,
  body: body(person, service),
});

export function freshPhone(rawMs?: number) {
  const db = freshDb();
  const { clock, phone } = freshClock(rawMs);
  return { db, clock, phone, ledger: new Ledger(db, clock, Promise.resolve('device-1')) };
}

export const problem = (code: string, status: number, retryable = false): Problem => ({
  code,
  status,
  title: code,
  next: '',
  facts: {},
  retryable,
});
export const OFFLINE: Reply<FactsReply> = { ok: false, problem: problem('net.offline', 0, true) };

const answer = (id: string, part: Partial<Outcome>): Outcome => ({
  id,
  outcome: 'counted',
  counted_in: [],
  credited_before: [],
  needs: null,
  problem: null,
  ...part,
});

/** The server's side of `POST /facts`, as far as a phone can tell: remembers ids, and judges each fact by `judge`. */
export function ledgerServer(judge: (id: string) => Partial<Outcome> = () => ({})) {
  const stored = new Set<string>();
  const requests: FactsRequest[] = [];
  const post = async (request: FactsRequest): Promise<Reply<FactsReply>> => {
    requests.push(request);
    const outcomes = request.facts.map(({ id }) => {
      if (stored.has(id)) return answer(id, { outcome: 'duplicate', ...judge(id) });
      const judged = answer(id, judge(id));
      if (judged.outcome !== 'refused') stored.add(id);
      return judged;
    });
    return { ok: true, data: { server_time: '2024-10-13T08:05:00+07:00', outcomes } };
  };
  return { post, stored, requests };
}

export const me = (id: string, login = id): Me => ({
  member: { id, login, name: `Nguyễn Văn ${login}` },
  grants: [],
  server_time: '2024-10-13T08:05:00+07:00',
  demo: false,
});
