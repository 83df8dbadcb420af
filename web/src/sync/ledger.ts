/**
 * The phone's side of the ledger: facts are written here and nowhere else. Each command is one transaction that holds
 * the fact to send and the view it changes, and returns without knowing whether there is a network.
 */
import { dayOf, msOf, wireTime } from '@/i18n/format';
import type {
  AssistBody,
  AttendanceFactBody,
  DirectiveStep,
  ExpertStepBody,
  ExpertWorkBody,
  Fact,
  FactId,
  FactView,
  Minutes,
  PlaceId,
  PostBody,
  QuestionFactBody,
  RosterStep,
  ScamReportFactBody,
  StepBody,
  StreetBody,
  TaskStep,
  TicketStep,
} from '@/wire';
import type { Clock } from './clock';
import { readMeta, writeMeta, type DeskRow, type FactRow, type LocalDb, type Tables } from './db';
import { namesSomeone, withoutIdentity } from './identity';
import { uuidv7 } from './ids';
import { nearKeys } from './near';

/** What happened, as a screen hands it over. `raw_ms` is kept when a fact is re-stamped rather than newly made. */
export type Entry = { place: PlaceId; team: string | null; at_ms?: number } & (
  | { kind: 'assist.v1'; body: AssistBody }
  | { kind: 'post.v1'; body: PostBody }
  | { kind: 'street.v1'; body: StreetBody }
  | { kind: 'attendance.v1'; body: AttendanceFactBody }
  | { kind: 'step.v1'; body: StepBody }
  | { kind: 'roster.v1'; body: RosterStep }
  | { kind: 'expert_step.v1'; body: ExpertStepBody }
  | { kind: 'expert_work.v1'; body: ExpertWorkBody }
  | { kind: 'task.v1'; body: TaskStep }
  | { kind: 'directive.v1'; body: DirectiveStep }
  | { kind: 'minutes.v1'; body: Minutes }
  | { kind: 'ticket.v1'; body: TicketStep }
  | { kind: 'scam_report.v1'; body: ScamReportFactBody }
  | { kind: 'question.v1'; body: QuestionFactBody }
);
type AnyEntry =
  | Entry
  | { place: PlaceId; team: string | null; at_ms?: number; kind: 'void.v1'; body: { reason: string | null } };

/** What something done at a desk comes to: the desk after it, and what to tell the server. */
export interface DeskStep {
  desk: DeskRow;
  body: TicketStep;
}

const SEQ_KEY = 'device.seq';
const ACCEPTED_KEEP_MS = 90 * 86_400_000;
/** How long an identity stays on the phone after the server took it: the day it may still be put right, then gone. */
const IDENTITY_KEEP_MS = 2 * 86_400_000;

export const wasAccepted = (row: FactRow): boolean =>
  row.state === 'received' || row.state === 'counted' || row.state === 'held';

/** The server surely does not have it, so it may leave the phone without a trace. */
export const mayGo = (row: FactRow): boolean => row.state === 'refused' || !row.attempted;

/** The first fact of a chain of corrections: every later one names it. */
export const rootOf = (row: FactRow): FactId => row.fact.corrects ?? row.id;

/** A fact on the server, as far as taking it back needs it. */
export interface Recorded {
  id: FactId;
  place: PlaceId;
  team: string | null;
}

export class Ledger {
  constructor(
    private readonly db: LocalDb,
    private readonly clock: Clock,
    private readonly device: Promise<string>,
    private readonly written: () => void = () => undefined,
  ) {}

  /** Stores a new fact, and empties the draft it was written from. */
  async record(member: string, entry: Entry): Promise<FactRow> {
    const row = await this.#write(member, entry, null, {});
    this.written();
    return row;
  }

  /**
   * Does something at a desk that this device runs alone: the queue and the fact move in one transaction. `decide` sees
   * the queue as it is by then, and the id the fact will have; null does nothing.
   */
  async atDesk(
    member: string,
    { point, place, team }: { point: string; place: PlaceId; team: string | null },
    decide: (desk: DeskRow, id: FactId, at_ms: number) => DeskStep | null,
  ): Promise<DeskRow | null> {
    // As the server will read it: whole seconds.
    const at_ms = Math.floor(this.clock.nowMs() / 1000) * 1000;
    const id = uuidv7(this.clock.nowMs());
    const device = await this.device;
    const after = await this.db.write(['facts', 'marks', 'drafts', 'meta', 'desks'], async (tx) => {
      const desk = await tx.desks.get([member, point]);
      const done = desk === undefined ? null : decide(desk, id, at_ms);
      if (done === null) return null;
      await tx.desks.put(done.desk);
      const entry: Entry = { kind: 'ticket.v1', place, team, at_ms, body: done.body };
      await this.#add(tx, { id, member, entry, at_ms, raw_ms: null, device, corrects: null, keys: [] });
      return done.desk;
    });
    if (after !== null) this.written();
    return after;
  }

  /** Replaces the whole content of an accepted fact by a new fact that names it. */
  async correct(member: string, id: FactId, entry: Entry): Promise<FactRow> {
    const row = await this.#write(member, entry, null, { corrects: id });
    this.written();
    return row;
  }

  /** The same for one that another phone wrote; `id` is any of its chain. */
  async correctElsewhere(member: string, id: FactId, entry: Entry): Promise<FactRow> {
    const row = await this.#write(member, entry, null, { elsewhere: id });
    this.written();
    return row;
  }

  /**
   * Puts an edited fact in the place of one the server surely does not have: refused, or never sent. An id must never
   * carry two contents, so the new one gets its own and the old one goes, in one transaction. One that may have been sent
   * after all is corrected instead.
   */
  async replace(member: string, id: FactId, entry: Entry): Promise<FactRow> {
    const row = await this.#write(member, entry, null, { drops: id });
    this.written();
    return row;
  }

  /** Stamps a fact that was refused for its time with what the phone's reading means under today's offset. */
  async fixTime(member: string, id: FactId): Promise<FactRow | null> {
    const old = await this.db.facts.get(id);
    if (old === undefined || old.member !== member || old.state !== 'refused' || old.fact.kind === 'void.v1')
      return null;
    const at_ms = Math.min(old.raw_ms + this.clock.offsetMs(), this.clock.nowMs());
    const { place, team, kind, body } = old.fact;
    const row = await this.#write(member, { place, team, kind, body, at_ms } as Entry, old.raw_ms, {
      drops: id,
    });
    this.written();
    return row;
  }

  /** Takes a fact back. One that never left the phone just goes; otherwise a void follows it to the server. */
  async void(member: string, id: FactId, reason: string | null): Promise<'dropped' | 'voided'> {
    const dropped = await this.db.write(['facts', 'marks'], async (tx) => {
      const row = await own(tx, member, id);
      if (!mayGo(row)) return false;
      await drop(tx, row);
      return true;
    });
    if (!dropped) {
      const { place, team } = (await own(this.db, member, id)).fact;
      await this.#write(member, { kind: 'void.v1', place, team, body: { reason } }, null, { corrects: id });
    }
    this.written();
    return dropped ? 'dropped' : 'voided';
  }

  /** Takes back what somebody else recorded and this phone never had. */
  async takeBack(member: string, of: Recorded, reason: string): Promise<FactRow> {
    const { id, place, team } = of;
    const entry = { kind: 'void.v1', place, team, body: { reason } } as const;
    const row = await this.#write(member, entry, null, { elsewhere: id });
    this.written();
    return row;
  }

  /** Lets an attendance count again that was taken back, word for word as it was. */
  async sayAgain(member: string, fact: FactView): Promise<FactRow> {
    const body = fact.body as unknown as AttendanceFactBody;
    const at_ms = msOf(fact.happened_at);
    const entry = { place: fact.place.id, team: fact.team?.id ?? null, at_ms };
    const row = await this.#write(member, { ...entry, kind: 'attendance.v1', body }, null, {
      elsewhere: fact.id,
    });
    this.written();
    return row;
  }

  /** Old accepted facts leave the phone, and identities leave it sooner. Unsent and refused ones never do. */
  async tidy(): Promise<void> {
    const nowMs = this.clock.nowMs();
    await this.db.write(['facts'], async ({ facts }) => {
      for (const row of await facts.toArray()) {
        if (!wasAccepted(row)) continue;
        if (row.at_ms < nowMs - ACCEPTED_KEEP_MS) await facts.delete(row.id);
        else if (row.at_ms < nowMs - IDENTITY_KEEP_MS && !row.identity_wiped && namesSomeone(row.fact))
          await facts.update(row.id, withoutIdentity(row.fact));
      }
    });
  }

  async #write(
    member: string,
    entry: AnyEntry,
    rawMs: number | null,
    links: { corrects?: FactId; drops?: FactId; elsewhere?: FactId },
  ): Promise<FactRow> {
    const at_ms = entry.at_ms ?? this.clock.nowMs();
    const day = dayOf(at_ms);
    const device = await this.device;
    // Hashing cannot run inside an IndexedDB transaction (it would close), so the keys are made before it opens.
    const keys =
      entry.kind === 'assist.v1' ? await nearKeys(this.db, entry.body, day) : new Map<string, string>();
    return this.db.write(['facts', 'marks', 'drafts', 'meta'], async (tx) => {
      let corrects: FactId | null = links.elsewhere ?? null;
      if (links.drops !== undefined) {
        const old = await own(tx, member, links.drops);
        // Since the screen looked, the courier may have taken it along: then the new fact corrects it.
        corrects = mayGo(old) ? old.fact.corrects : rootOf(old);
        if (mayGo(old)) await drop(tx, old);
      }
      if (links.corrects !== undefined) corrects = rootOf(await own(tx, member, links.corrects));
      const id = uuidv7(this.clock.nowMs());
      return this.#add(tx, {
        id,
        member,
        entry,
        at_ms,
        raw_ms: rawMs,
        device,
        corrects,
        keys: [...keys.values()],
      });
    });
  }

  async #add(
    tx: Tables,
    made: {
      id: FactId;
      member: string;
      entry: AnyEntry;
      at_ms: number;
      raw_ms: number | null;
      device: string;
      corrects: FactId | null;
      keys: string[];
    },
  ): Promise<FactRow> {
    const { id, member, entry, at_ms, raw_ms, device, corrects, keys } = made;
    const seq = ((await readMeta<number>(tx, SEQ_KEY)) ?? 0) + 1;
    const head = {
      id,
      happened_at: wireTime(at_ms),
      place: entry.place,
      team: entry.team,
      device,
      seq,
      corrects,
    };
    const fact = { ...head, kind: entry.kind, body: entry.body } as Fact;
    const row: FactRow = {
      id,
      member,
      state: 'unsent',
      at_ms,
      day: dayOf(at_ms),
      raw_ms: raw_ms ?? this.clock.rawNowMs() - (this.clock.nowMs() - at_ms),
      seq,
      fact,
      attempted: false,
      counted_in: [],
      credited_before: [],
      needs: null,
      problem: null,
      voided_by: null,
      superseded_by: null,
      identity_wiped: false,
    };
    // Side by side: one trip to the database instead of four.
    await Promise.all([
      writeMeta(tx, SEQ_KEY, seq),
      tx.facts.add(row),
      tx.marks.bulkPut(keys.map((key) => ({ key, fact: row.id, member, at_ms }))),
      entry.kind === 'assist.v1' ? tx.drafts.delete(member) : null,
    ]);
    if (corrects !== null) await cover(tx, corrects, row);
    return row;
  }
}

async function own({ facts }: Pick<Tables, 'facts'>, member: string, id: FactId): Promise<FactRow> {
  const row = await facts.get(id);
  if (row === undefined || row.member !== member) throw new Error(`no fact ${id} of member ${member}`);
  return row;
}

/** Removes a row and gives back what it had covered. */
async function drop({ facts, marks }: Tables, row: FactRow): Promise<void> {
  await facts.delete(row.id);
  await marks.where('fact').equals(row.id).delete();
  if (row.fact.corrects === null) return;
  for (const other of await facts.where('member').equals(row.member).toArray()) {
    if (other.voided_by === row.id) await facts.update(other.id, { voided_by: null });
    if (other.superseded_by === row.id) await facts.update(other.id, { superseded_by: null });
  }
}

/** Points the covered rows of a chain at the fact that now speaks for them. */
async function cover({ facts, marks }: Tables, root: FactId, row: FactRow): Promise<void> {
  const mark = row.fact.kind === 'void.v1' ? { voided_by: row.id } : { superseded_by: row.id };
  for (const other of await facts.where('member').equals(row.member).toArray()) {
    if (other.id === row.id || rootOf(other) !== root || other.fact.kind === 'void.v1') continue;
    if (other.superseded_by !== null) continue;
    await facts.update(other.id, mark);
    await marks.where('fact').equals(other.id).delete();
  }
}
