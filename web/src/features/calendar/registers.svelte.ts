/** The calendar on the phone: activities of the member's scope, and the days of the year. */
import type { Causo } from '@/app/causo';
import { compareVi } from '@/i18n/fold';
import { live } from '@/sync/live.svelte';
import type { Activity, Commemoration, Day, Holiday } from '@/wire';

const member = (causo: Causo) => () => causo.session.me?.member.id ?? '';

export const liveActivities = (causo: Causo) =>
  live<string, Activity[]>(
    member(causo),
    (id) => causo.db.activities.where('member').equals(id).toArray(),
    [],
  );

export function liveYear(causo: Causo) {
  const holidays = live<string, Holiday[]>(
    member(causo),
    (id) => causo.db.holidays.where('member').equals(id).toArray(),
    [],
  );
  const commemorations = live<string, Commemoration[]>(
    member(causo),
    (id) => causo.db.commemorations.where('member').equals(id).toArray(),
    [],
  );
  const byDay = $derived(new Map(holidays.value.map((one) => [one.day, one])));
  return {
    holiday: (day: Day) => byDay.get(day),
    holidaysOf: (year: number) => holidays.value.filter(({ day }) => day.startsWith(String(year))),
    /** Of a month, whole months first. */
    commemorationsOf: (month: number) =>
      commemorations.value.filter((one) => one.month === month).sort((a, b) => (a.day ?? 0) - (b.day ?? 0)),
    commemorationsOn: (day: Day) =>
      commemorations.value.filter(
        (one) => one.month === Number(day.slice(5, 7)) && one.day === Number(day.slice(8)),
      ),
  };
}

/** What an activity can be tied to, as choices by name. */
export function livePlanning(causo: Causo) {
  type Choice = { value: string; label: string };
  const none: Record<'teams' | 'services' | 'campaigns' | 'points', Choice[]> = {
    teams: [],
    services: [],
    campaigns: [],
    points: [],
  };
  const byName = (choices: Choice[]) => choices.sort((a, b) => compareVi(a.label, b.label));
  const rows = live(
    member(causo),
    async (id) => {
      const { db, clock } = causo;
      const today = clock.today();
      const [teams, services, campaigns, points] = await Promise.all([
        db.teams.where('member').equals(id).toArray(),
        db.services.where('member').equals(id).toArray(),
        db.campaigns.where('member').equals(id).toArray(),
        db.points.where('member').equals(id).toArray(),
      ]);
      const standing = teams.filter(({ dissolved_on }) => dissolved_on === null || dissolved_on > today);
      return {
        teams: byName(standing.map((one) => ({ value: one.id, label: one.name }))),
        services: byName(services.map((one) => ({ value: one.code, label: one.short_name }))),
        campaigns: byName(campaigns.map((one) => ({ value: one.id, label: one.name }))),
        points: byName(points.map((one) => ({ value: one.id, label: one.name }))),
      };
    },
    none,
  );
  return {
    get teams() {
      return rows.value.teams;
    },
    get services() {
      return rows.value.services;
    },
    get campaigns() {
      return rows.value.campaigns;
    },
    get points() {
      return rows.value.points;
    },
    nameOf: (kind: keyof typeof none, value: string) =>
      rows.value[kind].find((one) => one.value === value)?.label ?? null,
  };
}
