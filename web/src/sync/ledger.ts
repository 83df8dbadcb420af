/**
 * The phone's side of the ledger: facts are written here and nowhere else. Each command is one transaction that holds
 * the fact to send and the view it changes, and returns without knowing whether there is a network.
 */
import { dayOf, wireTime } from '@/i18n/format';
import type { AssistBody, Fact, FactId, PlaceId, PostBody, StreetBody } from '@/wire';
import type { Clock } from './clock';
import type { FactRow, LocalDb } from './db';
import { uuidv7 } from './ids';
import { nearKeys } from './near';

/** What happened, as a screen hands it over. `raw_ms` is kept when a fact is re-stamped rather than newly made. */
export type Entry = { place: PlaceId; team: string | null; at_ms?: number } & (
  | { kind: 'assist.v1'; body: AssistBody }
  | { kind: 'post.v1'; body: PostBody }
  | { kind: 'street.v1'; body: StreetBody }
);
type AnyEntry =
  | Entry
  | { place: PlaceId; team: string | null; at_ms?: number; kind: 'void.v1'; body: { reason: string | null } };

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

export class Ledger {
  constructor(
    private readonly db: LocalDb,
    private readonly clock: Clock,
    private readonly device: string,
    private readonly written: () => void = () => undefined,
  ) {}

  /** Stores a new fact, and empties the draft it was written from. */
  async record(member: string, entry: Entry): Promise<FactRow> {
    const row = await this.#write(member, entry, null, {});
    this.written();
    return row;
  }

  /** Replaces the whole content of an accepted fact by a new fact that names it. */
  async correct(member: string, id: FactId, entry: Entry): Promise<FactRow> {
    const row = await this.#write(member, entry, null, { corrects: id });
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
    const dropped = await this.db.transaction('rw', this.db.facts, this.db.marks, async () => {
      const row = await this.#own(member, id);
      if (!mayGo(row)) return false;
      await this.#drop(row);
      return true;
    });
    if (!dropped) {
      const { place, team } = (await this.#own(member, id)).fact;
      await this.#write(member, { kind: 'void.v1', place, team, body: { reason } }, null, { corrects: id });
    }
    this.written();
    return dropped ? 'dropped' : 'voided';
  }

  /** Old accepted facts leave the phone, and identities leave it sooner. Unsent and refused ones never do. */
  async tidy(): Promise<void> {
    const nowMs = this.clock.nowMs();
    await this.db.transaction('rw', this.db.facts, async () => {
      await this.db.facts.filter((row) => wasAccepted(row) && row.at_ms < nowMs - ACCEPTED_KEEP_MS).delete();
      await this.db.facts
        .filter((row) => wasAccepted(row) && !row.identity_wiped && row.at_ms < nowMs - IDENTITY_KEEP_MS)
        .modify((row) => {
          if (row.fact.kind !== 'assist.v1') return;
          const { beneficiary } = row.fact.body;
          if (
            beneficiary.person === null &&
            beneficiary.household === null &&
            beneficiary.organisation === null
          )
            return;
          row.fact.body.beneficiary = { ...beneficiary, person: null, household: null, organisation: null };
          row.identity_wiped = true;
        });
    });
  }

  async #own(member: string, id: FactId): Promise<FactRow> {
    const row = await this.db.facts.get(id);
    if (row === undefined || row.member !== member) throw new Error(`no fact ${id} of member ${member}`);
    return row;
  }

  /** Inside a transaction over facts and marks: removes a row and gives back what it had covered. */
  async #drop(row: FactRow): Promise<void> {
    await this.db.facts.delete(row.id);
    await this.db.marks.where('fact').equals(row.id).delete();
    if (row.fact.corrects === null) return;
    await this.db.facts.filter((other) => other.voided_by === row.id).modify({ voided_by: null });
    await this.db.facts.filter((other) => other.superseded_by === row.id).modify({ superseded_by: null });
  }

  async #write(
    member: string,
    entry: AnyEntry,
    rawMs: number | null,
    links: { corrects?: FactId; drops?: FactId },
  ): Promise<FactRow> {
    const at_ms = entry.at_ms ?? this.clock.nowMs();
    const day = dayOf(at_ms);
    // Hashing cannot run inside an IndexedDB transaction (it would close), so the keys are made before it opens.
    const keys =
      entry.kind === 'assist.v1' ? await nearKeys(this.db, entry.body, day) : new Map<string, string>();
    const { db } = this;
    return db.transaction('rw', [db.facts, db.marks, db.drafts, db.meta], async () => {
      let corrects: FactId | null = null;
      if (links.drops !== undefined) {
        const old = await this.#own(member, links.drops);
        // Since the screen looked, the courier may have taken it along: then the new fact corrects it.
        corrects = mayGo(old) ? old.fact.corrects : rootOf(old);
        if (mayGo(old)) await this.#drop(old);
      }
      if (links.corrects !== undefined) corrects = rootOf(await this.#own(member, links.corrects));
      const seq = Number((await db.meta.get(SEQ_KEY))?.value ?? 0) + 1;
      await db.meta.put({ key: SEQ_KEY, value: seq });
      const head = {
        id: uuidv7(this.clock.nowMs()),
        happened_at: wireTime(at_ms),
        place: entry.place,
        team: entry.team,
        device: this.device,
        seq,
        corrects,
      };
      const fact = { ...head, kind: entry.kind, body: entry.body } as Fact;
      const row: FactRow = {
        id: fact.id,
        member,
        state: 'unsent',
        at_ms,
        day,
        raw_ms: rawMs ?? this.clock.rawNowMs() - (this.clock.nowMs() - at_ms),
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
      await db.facts.add(row);
      await db.marks.bulkAdd([...keys.values()].map((key) => ({ key, fact: row.id, member, at_ms })));
      if (corrects !== null) await this.#cover(corrects, row);
      if (entry.kind === 'assist.v1') await db.drafts.delete(member);
      return row;
    });
  }

  /** Points the covered rows of a chain at the fact that now speaks for them. */
  async #cover(root: FactId, row: FactRow): Promise<void> {
    const mark = row.fact.kind === 'void.v1' ? { voided_by: row.id } : { superseded_by: row.id };
    const covered = await this.db.facts
      .where('member')
      .equals(row.member)
      .filter((other) => other.id !== row.id && rootOf(other) === root && other.fact.kind !== 'void.v1')
      .filter((other) => other.superseded_by === null)
      .primaryKeys();
    await this.db.facts.where('id').anyOf(covered).modify(mark);
    await this.db.marks.where('fact').anyOf(covered).delete();
  }
}
