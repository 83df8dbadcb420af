/** The calendar on the phone: activities of the member's scope, and the days of the year. */
import type { Causo } from '@/app/causo';
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
