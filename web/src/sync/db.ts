/**
 * The phone's database. One per phone, shared by everyone who signs in on it: each row names its member, and no
 * query here reads another member's rows by accident because the member is the first part of every key.
 */
import Dexie, { type EntityTable, type Table } from 'dexie';
import type {
  CampaignBrief,
  CountedIn,
  Day,
  Fact,
  FactId,
  Guide,
  Me,
  Place,
  Problem,
  ProgressPage,
  Service,
  Team,
} from '@/wire';
import type { Verifier } from './verifier';

/** How far a fact has come. `received` is stored by the server but in no target; `counted` is in at least one. */
export type FactState = 'unsent' | 'received' | 'counted' | 'held' | 'refused';

/** A fact and what is known about it: the outbox and the member's own view are one row, so they cannot disagree. */
export interface FactRow {
  id: FactId;
  member: string;
  state: FactState;
  at_ms: number;
  day: Day;
  /** The phone's own reading when it was written; with a better offset it gives the true time. */
  raw_ms: number;
  seq: number;
  fact: Fact;
  /** True from the moment a request that carries it may have left: from then on it must never just be deleted. */
  attempted: boolean;
  counted_in: CountedIn[];
  credited_before: string[];
  needs: FactId | null;
  problem: Problem | null;
  /** A later fact of this phone that voids or replaces it. */
  voided_by: FactId | null;
  superseded_by: FactId | null;
  /** The identity was wiped from the phone after the server took it. */
  identity_wiped: boolean;
}

export interface MemberOnPhone {
  id: string;
  me: Me;
  verifier: Verifier | null;
  cursor: string | null;
  last_contact_ms: number | null;
  tries: number;
  try_again_ms: number;
}

type Owned<T> = T & { member: string };
export type PlaceRow = Owned<Place> & { folded: string };

/** One subject helped with one service on one day, as a salted hash: enough to warn, too little to name anyone. */
export interface NearMark {
  id?: number;
  key: string;
  fact: FactId;
  member: string;
  at_ms: number;
}
export interface DraftRow {
  member: string;
  draft: unknown;
  at_ms: number;
}
export interface CardRow {
  member: string;
  page: ProgressPage;
  at_ms: number;
}
export interface MetaRow {
  key: string;
  value: unknown;
}

export class LocalDb extends Dexie {
  meta!: EntityTable<MetaRow, 'key'>;
  members!: EntityTable<MemberOnPhone, 'id'>;
  facts!: EntityTable<FactRow, 'id'>;
  drafts!: EntityTable<DraftRow, 'member'>;
  marks!: EntityTable<NearMark, 'id'>;
  places!: Table<PlaceRow, [string, string]>;
  teams!: Table<Owned<Team>, [string, string]>;
  services!: Table<Owned<Service>, [string, string]>;
  guides!: Table<Owned<Guide>, [string, string]>;
  campaigns!: Table<Owned<CampaignBrief>, [string, string]>;
  cards!: EntityTable<CardRow, 'member'>;

  constructor(name = 'causo') {
    super(name);
    this.version(1).stores({
      meta: 'key',
      members: 'id',
      facts: 'id, member, [member+state], [member+day], [member+at_ms]',
      drafts: 'member',
      marks: '++id, key, fact, at_ms',
      places: '[member+id], member, [member+level]',
      teams: '[member+id], member',
      services: '[member+code], member',
      guides: '[member+code], member',
      campaigns: '[member+id], member',
      cards: 'member',
    });
  }
}

/** The registers that come down by `changes`, with the field that names a row in them. */
export const REGISTERS = ['places', 'teams', 'services', 'guides', 'campaigns'] as const;

export async function readMeta<T>(db: LocalDb, key: string): Promise<T | null> {
  const row = await db.meta.get(key);
  return row === undefined ? null : (row.value as T);
}
export const writeMeta = (db: LocalDb, key: string, value: unknown) => db.meta.put({ key, value });
