/**
 * The rules of a desk, as `domain::desk` has them, for a point that one device runs without a network. Both are held
 * against `crates/domain/data/next.json`.
 */
import { msOf, wireTime } from '@/i18n/format';
import type {
  Counter,
  Errand,
  Procedure,
  ProcedureGroup,
  QueueNow,
  Setup,
  Ticket,
  TicketAct,
  TicketStage,
  TicketStep,
  Wanted,
} from '@/wire';

/** A ticket in line, as far as it matters for who is next. */
export interface InLine {
  id: string;
  group: ProcedureGroup;
  since: string;
  priority: boolean;
  /** Minutes that what is left of it is expected to take. */
  minutes: number;
}
export type ProcedureOf = (code: string) => Procedure | undefined;

export const NO_RUN = 0;
const EXPECTED_MIN = 10;

/** What it waits or is served for, or was last. */
export const errandOf = ({ errands }: Pick<Ticket, 'errands'>): Errand =>
  errands.find(({ done }) => !done) ?? (errands.at(-1) as Errand);

export const expectedMin = (setup: Setup, { group, procedure }: Errand, find: ProcedureOf): number =>
  (procedure === null ? undefined : find(procedure)?.expected_min) ??
  setup.groups.find((offered) => offered.group === group)?.expected_min ??
  EXPECTED_MIN;

export const inLine = (ticket: Ticket, setup: Setup, find: ProcedureOf): InLine => ({
  id: ticket.id,
  group: errandOf(ticket).group,
  since: ticket.since,
  priority: ticket.priority !== null,
  minutes: ticket.errands
    .filter(({ done }) => !done)
    .reduce((sum, errand) => sum + expectedMin(setup, errand, find), 0),
});

export const suits = (one: InLine, counter: Counter, quick_min: number): boolean =>
  counter.groups.includes(one.group) && (!counter.quick || one.minutes <= quick_min);

const earlier = (a: InLine, b: InLine): boolean =>
  msOf(a.since) - msOf(b.since) < 0 || (msOf(a.since) === msOf(b.since) && a.id < b.id);

/** Who is next at a counter that called `run` priority tickets in a row before. */
export function next(
  line: InLine[],
  counter: Counter,
  { quick_min, priority_run }: Pick<Setup, 'quick_min' | 'priority_run'>,
  run: number,
): InLine | null {
  let first: InLine | null = null;
  let other: InLine | null = null;
  for (const one of line.filter((one) => suits(one, counter, quick_min)))
    if (one.priority) first = first === null || earlier(one, first) ? one : first;
    else other = other === null || earlier(one, other) ? one : other;
  return first !== null && run < priority_run ? first : (other ?? first);
}

export const runAfter = (run: number, priority: boolean): number => (priority ? run + 1 : NO_RUN);

/** Which group a ticket waits for once what it is served for is done: none when the counter goes on with it. */
export function onward(ticket: Ticket, setup: Setup): ProcedureGroup | null {
  const after = ticket.errands.filter(({ done }) => !done)[1];
  const here = setup.counters.find(({ code }) => code === ticket.counter);
  return after === undefined || here?.groups.includes(after.group) === true ? null : after.group;
}

export type Deed = Pick<TicketStep, 'act' | 'counter' | 'group'>;

/** From which stages an act can be done, and where it leads. */
const LEADS: Record<TicketAct, { from: TicketStage[]; to: TicketStage }> = {
  take: { from: [], to: 'waiting' },
  call: { from: ['waiting'], to: 'called' },
  recall: { from: ['called'], to: 'called' },
  start: { from: ['called'], to: 'serving' },
  hold: { from: ['called', 'serving'], to: 'held' },
  resume: { from: ['held'], to: 'serving' },
  transfer: { from: ['called', 'serving', 'held'], to: 'waiting' },
  no_show: { from: ['called'], to: 'no_show' },
  return: { from: ['no_show', 'left'], to: 'waiting' },
  finish: { from: ['serving'], to: 'done' },
  leave: { from: ['waiting', 'called', 'held'], to: 'left' },
  deliver: { from: ['done'], to: 'done' },
};

function open(errands: Errand[], change: Partial<Errand>): Errand[] {
  const at = errands.findIndex(({ done }) => !done);
  return errands.map((errand, here) => (here === at ? { ...errand, ...change } : errand));
}

/** A ticket after a deed; null when it cannot be done at its stage. */
export function after(ticket: Ticket, deed: Deed, at_ms: number): Ticket | null {
  const { act } = deed;
  const lead = LEADS[act];
  if (!lead.from.includes(ticket.stage) || (act === 'deliver' && ticket.returned_at !== null)) return null;
  if ((act === 'call' || act === 'resume') && deed.counter === undefined) return null;
  if (act === 'transfer' && deed.group === undefined) return null;
  const more = ticket.errands.filter(({ done }) => !done).length > 1;
  const stage = act === 'finish' && more ? (deed.group === undefined ? 'serving' : 'waiting') : lead.to;
  const at = wireTime(at_ms);
  // Clocks of several devices may disagree: nothing takes less than no time.
  const passed_s = Math.max(0, Math.floor((at_ms - msOf(ticket.stage_at)) / 1000));
  const now: Ticket = { ...ticket, stage };
  if (ticket.stage === 'waiting') now.waited_s += passed_s;
  if (ticket.stage === 'serving')
    now.errands = open(now.errands, { served_s: (errandOf(ticket).served_s ?? 0) + passed_s });
  if (act === 'call' || act === 'resume') {
    now.counter = deed.counter ?? null;
    now.calls = act === 'call' ? 1 : 0;
  }
  if (act === 'recall') now.calls += 1;
  if (act === 'transfer' && deed.group !== undefined) now.errands = open(now.errands, { group: deed.group });
  if (act === 'return') now.since = at;
  if (act === 'finish') {
    now.errands = open(now.errands, { done: true });
    if (stage === 'waiting' && deed.group !== undefined)
      now.errands = open(now.errands, { group: deed.group });
  }
  if (act === 'deliver') now.returned_at = at;
  if (stage !== ticket.stage || act === 'finish') now.stage_at = at;
  if (stage === 'called') now.called_at ??= at;
  if (stage === 'serving') {
    now.started_at ??= at;
    now.errands = open(now.errands, { counter: now.counter });
  }
  if (stage === 'done') now.finished_at ??= at;
  if (stage !== 'called' && stage !== 'serving' && stage !== 'done') now.counter = null;
  return now;
}

/** Who stands at a counter now. */
export const at = (tickets: Ticket[], counter: string): Ticket | null =>
  tickets.find((one) => one.counter === counter && (one.stage === 'called' || one.stage === 'serving')) ??
  null;

/** The ticket this counter would call. */
export function nextAt({ setup, tickets, runs }: QueueNow, code: string, find: ProcedureOf): Ticket | null {
  const counter = setup.counters.find((one) => one.code === code);
  if (counter === undefined) return null;
  const line = tickets.filter(({ stage }) => stage === 'waiting').map((one) => inLine(one, setup, find));
  const first = next(line, counter, setup, runs[code] ?? NO_RUN);
  return tickets.find(({ id }) => id === first?.id) ?? null;
}

/** What a wish is for. */
export const errandFor = (wanted: Wanted, find: ProcedureOf): Errand => ({
  group: wanted.group ?? find(wanted.procedure ?? '')?.group ?? 'other',
  procedure: wanted.procedure ?? null,
  counter: null,
  served_s: 0,
  done: false,
});

const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CODE_LETTERS = 10;
export const codeFrom = (bytes: Uint8Array): string =>
  [...bytes.slice(0, CODE_LETTERS)].map((byte) => LETTERS[byte & 31]).join('');
export const makeCode = (): string => codeFrom(crypto.getRandomValues(new Uint8Array(CODE_LETTERS)));

/** Letters of the series of devices that go on alone: two at one point seldom have the same. */
const SERIES = 'LNPQRSTVXY';
export const seriesFrom = (byte: number): string => SERIES[byte % SERIES.length] ?? 'N';
/** `A-N03`: a series of the device's own, because nobody else can be asked for a number. */
export const ownNumber = (letter: string, series: string, serial: number): string =>
  `${letter}-${series}${String(serial).padStart(2, '0')}`;
