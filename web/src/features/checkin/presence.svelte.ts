/** Checking in on this phone: what it knows of points and teams, where its owner is, and the facts it writes. */
import type { Causo } from '@/app/causo';
import { teamAt } from '@/app/access';
import { liveRows } from '@/features/assists/registers.svelte';
import { isShown } from '@/features/assists/states';
import { readMeta, writeMeta, type FactRow } from '@/sync/db';
import { live } from '@/sync/live.svelte';
import type { AttendanceFactBody, CheckIn, PointCode, Site } from '@/wire';
import { isNear } from './near';

const keyOf = (member: string) => `checkin/${member}`;
const codeKey = (member: string, point: string) => `checkin.code/${member}/${point}`;
const LOOK_KEY = 'checkin.look';
const EMPTY: CheckIn = { sites: [], teams: [] };

/** What the server last said of points and teams, kept for when there is no network, and asked for again. */
export function liveCheckIn({ db, api, session }: Causo) {
  const id = () => session.me?.member.id ?? '';
  const kept = live(id, async (member) => (await readMeta<CheckIn>(db, keyOf(member))) ?? EMPTY, EMPTY);
  void api.get<CheckIn>('/check-in').then(async (reply) => {
    if (reply.ok) await writeMeta(db, keyOf(id()), reply.data);
  });
  return kept;
}

export const readCode = ({ db, session }: Causo, point: string) =>
  readMeta<PointCode>(db, codeKey(session.me?.member.id ?? '', point));
export const writeCode = ({ db, session }: Causo, point: string, code: PointCode) =>
  writeMeta(db, codeKey(session.me?.member.id ?? '', point), code);

/** Whether the phone may compare where it is with the point. Off until its owner says so. */
export const mayLook = ({ db }: Causo) => readMeta<boolean>(db, LOOK_KEY);
export const setMayLook = ({ db }: Causo, may: boolean) => writeMeta(db, LOOK_KEY, may);

type Presence = FactRow & { fact: { kind: 'attendance.v1'; body: AttendanceFactBody } };
const isPresence = (row: FactRow): row is Presence => row.fact.kind === 'attendance.v1';

/** Today's comings and goings written on this phone, of anybody, newest first. */
export function liveToday(causo: Causo) {
  const rows = liveRows(causo);
  const today = $derived(
    rows.value
      .filter(isPresence)
      .filter((row) => row.day === causo.clock.today() && isShown(row))
      .filter((row) => row.voided_by === null && row.state !== 'refused'),
  );
  return {
    get rows() {
      return today;
    },
    get ready() {
      return rows.ready;
    },
    /** Their last coming or going, as far as this phone knows. */
    last: (member: string) => today.find((row) => row.fact.body.member === member),
  };
}

export const siteIdOf = (body: AttendanceFactBody): string => body.point ?? body.activity ?? '';

export interface Said {
  site: Pick<Site, 'id' | 'kind' | 'place_id'>;
  direction: 'in' | 'out';
  way: AttendanceFactBody['way'];
  /** Whom it is about, and for which team, when it is not oneself. */
  other?: { member: string; team: string };
}

/** Writes the fact; the network has no part in it. */
export async function say(causo: Causo, { site, direction, way, other }: Said): Promise<FactRow> {
  const { db, ledger, session } = causo;
  const me = session.me?.member.id ?? '';
  const kept = await readMeta<CheckIn>(db, keyOf(me));
  const looks = other === undefined && (await mayLook(causo)) === true;
  const near = looks ? await isNear(kept?.sites.find(({ id }) => id === site.id)) : null;
  const place = await db.places.get([me, site.place_id]);
  const own = place === undefined ? null : teamAt(session.grants, place);
  const team = own ?? session.grants.find((grant) => grant.team !== null)?.team ?? null;
  const body: AttendanceFactBody = {
    member: other?.member ?? me,
    ...(site.kind === 'point' ? { point: site.id } : { activity: site.id }),
    direction,
    way,
    ...(near === null ? {} : { near }),
  };
  return ledger.record(me, {
    kind: 'attendance.v1',
    body,
    place: site.place_id,
    team: other?.team ?? team?.id ?? null,
  });
}
