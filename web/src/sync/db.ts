/**
 * The phone's database. One per phone, shared by everyone who signs in on it: each row names its member, and no
 * query here reads another member's rows by accident because the member is the first part of every key.
 */
import type {
  Activity,
  CampaignBrief,
  Card,
  Commemoration,
  CountedIn,
  Day,
  ExpertRequest,
  Directive,
  Fact,
  Faq,
  FactId,
  Guide,
  Holiday,
  Me,
  Notice,
  Objection,
  Place,
  Point,
  Problem,
  ProgressPage,
  QueueNow,
  Service,
  Shift,
  Task,
  Team,
} from '@/wire';
import { Database, Table, type Lend, type StoreShape } from './tables';
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
  /** Their card, to show without a network; phones of before know none. */
  card?: Card | null;
  /** Their shifts at points outside their places. */
  away_shifts?: Shift[];
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
export type FaqRow = Owned<Faq> & { folded: string };
/** That a resident was answered with a published answer, until the server knows. */
export interface FaqUse {
  id: string;
  member: string;
  faq: string;
  place: string;
}
export interface CardRow {
  member: string;
  page: ProgressPage;
  at_ms: number;
}
/** What somebody was told, as far as the phone has it. */
export interface InboxRow {
  member: string;
  /** The newest first. */
  notices: Notice[];
  /** On all pages. */
  unread: number;
  /** Where the next page begins; null when the phone has all. */
  next: string | null;
  /** Read on this phone and not yet told: one by one, and `through` with all before it. */
  read: string[];
  through: string | null;
  at_ms: number;
}
/** A point's queue of the day, as the server last said it or as this device alone took it further. */
export interface DeskRow {
  member: string;
  point: string;
  /** The server's version; null while this device goes on alone. */
  version: number | null;
  queue: QueueNow;
  /** When this device took the point over; null while the server does it. */
  alone_since_ms: number | null;
  /** The letter of the series this device counts in while alone. */
  series: string;
  /** The last number of that series, by letter. */
  serials: Record<string, number>;
  /** The last fact of this device about each ticket. */
  last: Record<string, FactId>;
  /** Numbers about which the server knew better when this device was back: also called elsewhere. */
  clashes: string[];
  at_ms: number;
}
export interface MetaRow {
  key: string;
  value: unknown;
}

/** The number phones in use know this shape by. A change of it takes the next number and a step from the one before. */
const VERSION = 13;
const SHAPE: Record<keyof Tables, StoreShape> = {
  meta: { key: 'key' },
  members: { key: 'id' },
  facts: { key: 'id', indexes: ['member', '[member+state]', '[member+day]', '[member+at_ms]'] },
  drafts: { key: 'member' },
  marks: { key: 'id', numbered: true, indexes: ['key', 'fact', 'at_ms'] },
  places: { key: '[member+id]', indexes: ['member', '[member+level]'] },
  teams: { key: '[member+id]', indexes: ['member'] },
  services: { key: '[member+code]', indexes: ['member'] },
  guides: { key: '[member+code]', indexes: ['member'] },
  objections: { key: '[member+code]', indexes: ['member'] },
  campaigns: { key: '[member+id]', indexes: ['member'] },
  points: { key: '[member+id]', indexes: ['member'] },
  activities: { key: '[member+id]', indexes: ['member'] },
  holidays: { key: '[member+day]', indexes: ['member'] },
  commemorations: { key: '[member+name+month]', indexes: ['member'] },
  shifts: { key: '[member+id]', indexes: ['member'] },
  expert_jobs: { key: '[member+id]', indexes: ['member'] },
  tasks: { key: '[member+id]', indexes: ['member'] },
  directives: { key: '[member+id+team_id]', indexes: ['member'] },
  faq: { key: '[member+id]', indexes: ['member'] },
  faq_uses: { key: '[member+id]', indexes: ['member'] },
  cards: { key: 'member' },
  inbox: { key: 'member' },
  desks: { key: '[member+point]' },
};

const tablesOver = (lend: Lend) => ({
  meta: new Table<MetaRow>(lend, 'meta'),
  members: new Table<MemberOnPhone>(lend, 'members'),
  facts: new Table<FactRow>(lend, 'facts'),
  drafts: new Table<DraftRow>(lend, 'drafts'),
  marks: new Table<NearMark, number>(lend, 'marks'),
  places: new Table<PlaceRow, [string, string]>(lend, 'places'),
  teams: new Table<Owned<Team>, [string, string]>(lend, 'teams'),
  services: new Table<Owned<Service>, [string, string]>(lend, 'services'),
  guides: new Table<Owned<Guide>, [string, string]>(lend, 'guides'),
  objections: new Table<Owned<Objection>, [string, string]>(lend, 'objections'),
  campaigns: new Table<Owned<CampaignBrief>, [string, string]>(lend, 'campaigns'),
  points: new Table<Owned<Point>, [string, string]>(lend, 'points'),
  activities: new Table<Owned<Activity>, [string, string]>(lend, 'activities'),
  holidays: new Table<Owned<Holiday>, [string, string]>(lend, 'holidays'),
  commemorations: new Table<Owned<Commemoration>, [string, string, number]>(lend, 'commemorations'),
  shifts: new Table<Owned<Shift>, [string, string]>(lend, 'shifts'),
  expert_jobs: new Table<Owned<ExpertRequest>, [string, string]>(lend, 'expert_jobs'),
  tasks: new Table<Owned<Task>, [string, string]>(lend, 'tasks'),
  directives: new Table<Owned<Directive>, [string, string, string]>(lend, 'directives'),
  faq: new Table<FaqRow, [string, string]>(lend, 'faq'),
  faq_uses: new Table<FaqUse, [string, string]>(lend, 'faq_uses'),
  cards: new Table<CardRow>(lend, 'cards'),
  inbox: new Table<InboxRow>(lend, 'inbox'),
  desks: new Table<DeskRow, [string, string]>(lend, 'desks'),
});
export type Tables = ReturnType<typeof tablesOver>;

export interface LocalDb extends Tables {
  /** One transaction over the named tables. `tx` is the way to them inside: what goes through `db` is not part of it. */
  write: <T>(names: (keyof Tables)[], work: (tx: Tables) => Promise<T>) => Promise<T>;
}

export function localDb(name = 'causo'): LocalDb {
  const database = new Database(name, VERSION, SHAPE);
  return {
    ...tablesOver(database.alone),
    write: (names, work) =>
      // What people recorded must outlive an empty battery; the rest can be fetched again.
      database.write(names, names.includes('facts') ? 'strict' : 'default', (lend) => work(tablesOver(lend))),
  };
}

/** The registers that come down by `changes`. */
export const REGISTERS = [
  'places',
  'teams',
  'services',
  'guides',
  'objections',
  'campaigns',
  'points',
  'activities',
  'holidays',
  'commemorations',
  'shifts',
  'expert_jobs',
  'tasks',
  'directives',
  'faq',
] as const;

type WithMeta = Pick<Tables, 'meta'>;
export async function readMeta<T>({ meta }: WithMeta, key: string): Promise<T | null> {
  const row = await meta.get(key);
  return row === undefined ? null : (row.value as T);
}
export const writeMeta = ({ meta }: WithMeta, key: string, value: unknown) => meta.put({ key, value });
