/** The points somebody works at, which of them have a desk, and at which of them they are now. */
import { mainGrant } from '@/app/access';
import type { Causo } from '@/app/causo';
import { inForce } from '@/app/in-force';
import { readMeta, writeMeta } from '@/sync/db';
import { live } from '@/sync/live.svelte';
import { ask } from '@/ui/asked.svelte';
import type { Day, Point, RatingScale, Workplace } from '@/wire';

export type DeskPoint = Pick<Point, 'id' | 'name' | 'place_id'>;
/** Points with a desk, as the server said on a day. */
export interface Desks {
  day: Day;
  points: Workplace[];
}
/** Chosen on this device. */
export interface Chosen {
  point: string;
  day: Day;
}

/**
 * Where somebody is taken to be: where they said today, where the roster has them today, where they last were, the
 * first of the rest. Null where there is no point at all.
 */
export function whereNow<P extends { id: string }>(
  among: P[],
  desks: Desks | null,
  chosen: Chosen | null,
  today: Day,
): P | null {
  const find = (id: string | undefined) => among.find((one) => one.id === id);
  const onRoster = desks?.day === today ? desks.points.filter(({ rostered }) => rostered) : [];
  return (
    (chosen?.day === today ? find(chosen.point) : undefined) ??
    onRoster.map(({ id }) => find(id)).find((one) => one !== undefined) ??
    find(chosen?.point) ??
    among.find(({ id }) => desks?.points.some((one) => one.id === id)) ??
    among[0] ??
    null
  );
}

/**
 * Call while a component starts. `guests`: also points of other communes whose desks they may work at today, because
 * the roster has them there.
 */
export function deskPoints({ api, clock, db, session }: Causo, guests = false) {
  const member = () => session.me?.member.id ?? '';
  const desksKey = (id: string) => `desk.points/${id}`;
  const hereKey = (id: string) => `desk.here/${id}`;
  const carried = live<string, Point[]>(member, (id) => db.points.where('member').equals(id).toArray(), []);
  const kept = live<string, Desks | null>(member, (id) => readMeta<Desks>(db, desksKey(id)), null);
  const said = $derived.by((): Desks | null => {
    if (kept.value === null) return null;
    const { day, points } = kept.value;
    const now = guests && day === clock.today();
    return { day, points: points.filter(({ guest }) => now || !guest) };
  });
  const chosen = live<string, Chosen | null>(member, (id) => readMeta<Chosen>(db, hereKey(id)), null);
  const asked = ask(
    () => ({ member: member() }),
    async ({ member: of }) => {
      const reply = await api.get<{ points: Workplace[] }>('/desk/points');
      if (reply.ok) await writeMeta(db, desksKey(of), { day: clock.today(), points: reply.data.points });
      return reply;
    },
  );
  const grant = $derived(mainGrant(session.grants));
  // Phones carry their own communes; whoever looks after more sees the rest while online.
  const more = ask(
    () => (grant !== null && grant.place.level !== 'commune' ? { place: grant.place.id } : null),
    (about) => api.get<{ points: Point[] }>('/points', about),
  );
  const all = $derived.by((): DeskPoint[] => {
    const today = clock.today();
    const inUse = [...(more.data?.points ?? []), ...carried.value].filter((one) => inForce(one, today));
    const every: DeskPoint[] = [...inUse, ...(said?.points ?? [])];
    return every.filter(({ id }, at) => every.findIndex((one) => one.id === id) === at);
  });
  // Before the server ever said which have a desk, any may.
  const withDesk = $derived(
    said === null ? all : all.filter(({ id }) => said?.points.some((one) => one.id === id)),
  );
  const among = (points: DeskPoint[]) => whereNow(points, said, chosen.value, clock.today());
  const ready = $derived(
    carried.ready && chosen.ready && kept.ready && (said !== null || asked.problem !== null),
  );
  const here = $derived(ready ? (among(all)?.id ?? '') : '');
  const desk = $derived(ready ? among(withDesk) : null);
  return {
    get ready() {
      return ready;
    },
    get all() {
      return all;
    },
    get withDesk() {
      return withDesk;
    },
    /** Id of the point they are at; empty until that is known. */
    get here() {
      return here;
    },
    set here(id) {
      void writeMeta(db, hereKey(member()), { point: id, day: clock.today() } satisfies Chosen);
    },
    /** The point with a desk that they are at; null until that is known, and where none has one. */
    get desk() {
      return desk;
    },
    /** What residents rate a point on, as far as this device knows. */
    scale: (id: string): RatingScale => said?.points.find((one) => one.id === id)?.scale ?? 'five',
    /** Whether they are there only because today's roster has them there. */
    isGuest: (id: string | undefined): boolean =>
      said?.points.some((one) => one.id === id && one.guest) ?? false,
    find: (id: string) => all.find((point) => point.id === id) ?? null,
  };
}
