/**
 * A point's desk on this device: its queue, and what is done about tickets. Screens see the device's own copy only. With
 * a network the server decides and the copy follows; without one this device decides by the same rules, and everything
 * it did goes up as facts when the network is back.
 */
import { onMount } from 'svelte';
import type { Causo } from '@/app/causo';
import { inForce } from '@/app/in-force';
import { teamFor } from '@/features/assists/keep';
import { dayOf, wireTime } from '@/i18n/format';
import { currentLanguage, t } from '@/i18n/words.svelte';
import { readMeta, writeMeta, type DeskRow } from '@/sync/db';
import { uuidv7 } from '@/sync/ids';
import type { DeskStep } from '@/sync/ledger';
import { live } from '@/sync/live.svelte';
import type {
  DeskLanguage,
  PriorityClass,
  Problem,
  Procedure,
  ProcedureGroup,
  Procedures,
  QueueReply,
  Ticket,
  TicketAct,
  Wanted,
} from '@/wire';
import {
  after,
  at,
  errandFor,
  makeCode,
  nextAt,
  onward,
  ownNumber,
  seriesFrom,
  runAfter,
  type Deed,
  type ProcedureOf,
} from './rules';

/** Where somebody works, chosen once on a device. */
export interface Mine {
  point: string;
  counter: string;
}
const mineKey = (member: string) => `desk.mine/${member}`;
const PROCEDURES_KEY = 'desk.procedures';
const NO_PROCEDURES: Procedures = { groups: [], procedures: [] };
const memberOf = ({ session }: Causo) => session.me?.member.id ?? '';

export function liveMine(causo: Causo) {
  const kept = live(
    () => memberOf(causo),
    (member) => readMeta<Mine>(causo.db, mineKey(member)),
    null,
  );
  return {
    get value() {
      return kept.value;
    },
    get ready() {
      return kept.ready;
    },
    choose: (mine: Mine | null) => writeMeta(causo.db, mineKey(memberOf(causo)), mine),
  };
}

/** What desks take in, kept for when there is no network. */
export function liveProcedures({ api, db }: Causo) {
  const kept = live(
    () => null,
    async () => (await readMeta<Procedures>(db, PROCEDURES_KEY)) ?? NO_PROCEDURES,
    NO_PROCEDURES,
  );
  void api.get<Procedures>('/desk/procedures').then(async (reply) => {
    if (reply.ok) await writeMeta(db, PROCEDURES_KEY, reply.data);
  });
  const byCode = $derived(new Map(kept.value.procedures.map((one) => [one.code, one])));
  const named = <T extends { name: string; name_en: string }>(one: T | undefined): string | undefined =>
    currentLanguage() === 'en' ? one?.name_en : one?.name;
  const find = (code: string): Procedure | undefined => byCode.get(code);
  const groupName = (group: ProcedureGroup): string =>
    named(kept.value.groups.find(({ code }) => code === group)) ?? group;
  return {
    get groups() {
      return kept.value.groups;
    },
    get list() {
      return kept.value.procedures;
    },
    find,
    groupName,
    /** A procedure by its name; where none is named, its group. */
    name: (group: ProcedureGroup, code: string | null | undefined): string =>
      named(code === null || code === undefined ? undefined : find(code)) ?? groupName(group),
    of: (group: ProcedureGroup, day: string): Procedure[] =>
      kept.value.procedures.filter((one) => one.group === group && inForce(one, day)),
  };
}

/** What a ticket is taken with. */
export interface Take {
  wanted: Wanted[];
  priority: PriorityClass | null;
  language: DeskLanguage;
}

const EVERY_MS = 2_500;
/** A refusal of the device's own, as the server says it. */
const notNow = (): Problem => ({
  code: 'desk.not_now',
  status: 409,
  title: t('desk.not_now'),
  next: t('desk.not_now_next'),
  facts: {},
  retryable: false,
});

export const newDesk = (member: string, point: string): Omit<DeskRow, 'queue' | 'version' | 'at_ms'> => ({
  member,
  point,
  alone_since_ms: null,
  series: 'N',
  serials: {},
  last: {},
  clashes: [],
});

/** The queue of a day: another day begins with nobody. */
export const ofDay = (row: DeskRow, day: string): DeskRow =>
  row.queue.day === day
    ? row
    : { ...row, serials: {}, last: {}, queue: { ...row.queue, day, runs: {}, tickets: [], outlook: [] } };

/** Something done about a ticket by this device alone; null when the rules do not allow it now. */
export function step(
  given: DeskRow,
  id: string,
  at_ms: number,
  ticketId: string,
  wanted: Deed,
): DeskStep | null {
  const row = ofDay(given, dayOf(at_ms));
  const { setup, tickets, runs } = row.queue;
  const ticket = tickets.find((one) => one.id === ticketId);
  if (ticket === undefined) return null;
  const busy = wanted.counter !== undefined && at(tickets, wanted.counter) !== null;
  if ((wanted.act === 'call' || wanted.act === 'resume') && busy) return null;
  if (wanted.act === 'recall' && ticket.calls >= setup.calls) return null;
  if (wanted.act === 'no_show' && ticket.calls < setup.calls) return null;
  const group = wanted.act === 'finish' ? onward(ticket, setup) : null;
  const deed: Deed = group === null ? wanted : { ...wanted, group };
  const now = after(ticket, deed, at_ms);
  if (now === null) return null;
  const counter = deed.act === 'call' ? deed.counter : undefined;
  const before = row.last[ticketId];
  return {
    desk: {
      ...row,
      last: { ...row.last, [ticketId]: id },
      queue: {
        ...row.queue,
        runs:
          counter === undefined
            ? runs
            : { ...runs, [counter]: runAfter(runs[counter] ?? 0, ticket.priority !== null) },
        tickets: tickets.map((one) => (one.id === ticketId ? now : one)),
      },
    },
    body: { ticket: ticketId, ...deed, ...(before === undefined ? {} : { after: before }) },
  };
}

/** A ticket taken by this device alone, with a number of its own series. */
export function taken(
  given: DeskRow,
  id: string,
  at_ms: number,
  { wanted, priority, language }: Take,
  code: string,
  find: ProcedureOf,
): DeskStep | null {
  const row = ofDay(given, dayOf(at_ms));
  const errands = wanted.map((one) => errandFor(one, find));
  const letter = row.queue.setup.groups.find(({ group }) => group === errands[0]?.group)?.letter;
  if (letter === undefined) return null;
  const serial = (row.serials[letter] ?? 0) + 1;
  const number = ownNumber(letter, row.series, serial);
  const moment = wireTime(at_ms);
  const ticket: Ticket = {
    id,
    point: row.point,
    day: row.queue.day,
    number,
    code,
    errands,
    priority,
    language,
    source: 'counter',
    stage: 'waiting',
    counter: null,
    calls: 0,
    since: moment,
    stage_at: moment,
    waited_s: 0,
    arrived_at: moment,
    called_at: null,
    started_at: null,
    finished_at: null,
    returned_at: null,
    forecast_s: null,
  };
  return {
    desk: {
      ...row,
      serials: { ...row.serials, [letter]: serial },
      last: { ...row.last, [id]: id },
      queue: { ...row.queue, tickets: [...row.queue.tickets, ticket] },
    },
    body: {
      ticket: id,
      act: 'take',
      taken: {
        point: row.point,
        number,
        code,
        wanted,
        language,
        source: 'counter',
        ...(priority === null ? {} : { priority }),
      },
    },
  };
}

/** The desk of a point, followed while a screen is in view. Call while a component starts. */
export function liveDesk(causo: Causo, pointOf: () => string | null, find: ProcedureOf) {
  const { api, clock, courier, db, ledger } = causo;
  const member = memberOf(causo);
  const kept = live(
    pointOf,
    async (point) => (point === null ? null : ((await db.desks.get([member, point])) ?? null)),
    null,
  );
  let problem = $state.raw<Problem | null>(null);
  let away = $state(false);
  let busy = $state(false);
  let missing = $state(false);
  let nowMs = $state(clock.nowMs());
  const row = $derived(kept.value?.point === pointOf() ? kept.value : null);

  const unsentOf = async () => {
    const rows = await db.facts.where('[member+state]').equals([member, 'unsent']).toArray();
    return rows.filter(({ fact }) => fact.kind === 'ticket.v1').length;
  };
  /** Which of what this device did alone the server could not take. */
  async function clashesOf(alone: DeskRow): Promise<string[]> {
    const rows = await db.facts.where('[member+state]').equals([member, 'refused']).toArray();
    const ids = new Set(
      rows
        .filter(({ at_ms }) => at_ms >= (alone.alone_since_ms ?? 0) - 1000)
        .flatMap(({ fact }) => (fact.kind === 'ticket.v1' ? [fact.body.ticket] : [])),
    );
    return alone.queue.tickets.filter(({ id }) => ids.has(id)).map(({ number }) => number);
  }
  async function poll(): Promise<void> {
    nowMs = clock.nowMs();
    const point = pointOf();
    if (point === null) return;
    const before = await db.desks.get([member, point]);
    const alone = before !== undefined && before.alone_since_ms !== null;
    if (alone && (await unsentOf()) > 0) {
      if (!navigator.onLine) return;
      await courier.now();
      if ((await unsentOf()) > 0) return;
    }
    const query = alone || before?.version == null ? {} : { version: before.version };
    const reply = await api.get<QueueReply>(`/desk/points/${point}/queue`, query);
    if (point !== pointOf()) return;
    away = !reply.ok && reply.problem.code === 'net.offline';
    missing = !reply.ok && reply.problem.status === 404;
    if (!reply.ok || reply.data.queue === null) return;
    const { queue, version } = reply.data;
    const clashes = alone ? await clashesOf(before) : (before?.clashes ?? []);
    await db.write(['desks'], async (tx) => {
      // Meanwhile this device may have taken the point over, or done something more: then what it has is newer.
      const latest = await tx.desks.get([member, point]);
      if (latest?.alone_since_ms != null && (!alone || latest.at_ms !== before.at_ms)) return;
      const serials = latest?.queue.day === queue.day ? latest.serials : {};
      const row = { ...newDesk(member, point), queue, version, serials, clashes, at_ms: clock.nowMs() };
      await tx.desks.put(row);
    });
  }
  onMount(() => {
    const timer = setInterval(() => document.visibilityState === 'visible' && void poll(), EVERY_MS);
    return () => clearInterval(timer);
  });
  $effect(() => {
    void pointOf();
    missing = false;
    problem = null;
    void poll();
  });

  async function online(path: string, body: unknown): Promise<Ticket | null> {
    busy = true;
    const reply = await api.post<Ticket | { ticket: Ticket | null }>(path, body);
    busy = false;
    problem = reply.ok ? null : reply.problem;
    away = !reply.ok && reply.problem.code === 'net.offline';
    if (away) problem = null;
    await poll();
    if (!reply.ok) return null;
    return 'ticket' in reply.data ? reply.data.ticket : reply.data;
  }
  async function alone(
    place: string,
    decide: (row: DeskRow, id: string, at_ms: number) => { ticket: string; made: DeskStep } | null,
  ): Promise<Ticket | null> {
    const point = pointOf() ?? '';
    let about = '';
    const where = { point, place, team: teamFor(causo, await db.places.get([member, place]), null) };
    const done = await ledger.atDesk(member, where, (row, id, at_ms) => {
      const decided = decide(row, id, at_ms);
      if (decided === null) return null;
      about = decided.ticket;
      return { ...decided.made, desk: { ...decided.made.desk, at_ms: clock.nowMs() } };
    });
    problem = null;
    return done?.queue.tickets.find(({ id }) => id === about) ?? null;
  }
  const isAlone = () => row !== null && row.alone_since_ms !== null;

  return {
    /** Null until the device has a copy. */
    get queue() {
      return row === null ? null : ofDay(row, clock.today()).queue;
    },
    get ready() {
      return kept.ready && (row !== null || missing || away);
    },
    get alone() {
      return isAlone();
    },
    get clashes() {
      return row?.clashes ?? [];
    },
    /** The server cannot be reached. */
    get away() {
      return away;
    },
    /** The point has no desk. */
    get missing() {
      return missing && row === null;
    },
    get busy() {
      return busy;
    },
    get problem() {
      return problem;
    },
    get nowMs() {
      return nowMs;
    },
    poll,
    /** From now on this device decides, until the network is back. */
    takeOver: async () => {
      const point = pointOf();
      if (point === null) return;
      const series = seriesFrom(crypto.getRandomValues(new Uint8Array(1))[0] ?? 0);
      await db.desks.update([member, point], { alone_since_ms: clock.nowMs(), series });
    },
    settle: async () => {
      const point = pointOf();
      if (point !== null) await db.desks.update([member, point], { clashes: [] });
    },
    next: (counter: string, place: string): Promise<Ticket | null> =>
      isAlone()
        ? alone(place, (row, id, at_ms) => {
            const first = nextAt(ofDay(row, dayOf(at_ms)).queue, counter, find);
            const made = first && step(row, id, at_ms, first.id, { act: 'call', counter });
            return made ? { ticket: made.body.ticket, made } : null;
          })
        : online(`/desk/points/${pointOf() ?? ''}/next`, { id: uuidv7(clock.nowMs()), counter }),
    act: async (
      ticket: Ticket,
      act: TicketAct,
      place: string,
      more: Pick<Deed, 'counter' | 'group'> = {},
    ): Promise<Ticket | null> => {
      if (!isAlone())
        return online(`/desk/tickets/${ticket.id}/steps`, { id: uuidv7(clock.nowMs()), act, ...more });
      const done = await alone(place, (row, id, at_ms) => {
        const made = step(row, id, at_ms, ticket.id, { act, ...more });
        return made && { ticket: ticket.id, made };
      });
      if (done === null) problem = notNow();
      return done;
    },
    take: (take: Take, place: string): Promise<Ticket | null> =>
      isAlone()
        ? alone(place, (row, id, at_ms) => {
            const made = taken(row, id, at_ms, take, makeCode(), find);
            return made && { ticket: id, made };
          })
        : online(`/desk/points/${pointOf() ?? ''}/tickets`, {
            id: uuidv7(clock.nowMs()),
            ...take,
            source: 'counter',
          }),
  };
}
export type LiveDesk = ReturnType<typeof liveDesk>;
