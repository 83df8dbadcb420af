/** Activities laid out by day, week, month and year. The days themselves come from the server. */
import { addDays, dayOf, mondayOf, msOf } from '@/i18n/format';
import type { Activity, Day, Occurrence } from '@/wire';

/** An activity on one day, filed under the day it really takes place on. */
export interface Entry {
  activity: Activity;
  one: Occurrence;
  on: Day;
  off: boolean;
}

export function entriesOf(activities: Activity[], from: Day, to: Day): Entry[] {
  const entries = activities.flatMap((activity) =>
    activity.occurrences.map((one) => ({
      activity,
      one,
      on: dayOf(msOf(one.starts_at)),
      off: one.cancelled || activity.cancelled,
    })),
  );
  return entries
    .filter(({ on }) => on >= from && on <= to)
    .sort((a, b) => msOf(a.one.starts_at) - msOf(b.one.starts_at));
}

export function byDay(entries: Entry[]): Map<Day, Entry[]> {
  const days = new Map<Day, Entry[]>();
  for (const entry of entries) days.set(entry.on, [...(days.get(entry.on) ?? []), entry]);
  return days;
}

export const daysFrom = (first: Day, count: number): Day[] =>
  Array.from({ length: count }, (_, at) => addDays(first, at));
export const weekOf = (day: Day): Day[] => daysFrom(mondayOf(day), 7);

export const monthOf = (day: Day): string => day.slice(0, 7);
/** The same month some months on, its first day. */
export function addMonths(day: Day, months: number): Day {
  const at = new Date(Date.UTC(Number(day.slice(0, 4)), Number(day.slice(5, 7)) - 1 + months, 1));
  return at.toISOString().slice(0, 10);
}
/** Whole weeks, Monday first, that hold a month. */
export function weeksOfMonth(day: Day): Day[][] {
  const first = `${monthOf(day)}-01`;
  const next = addMonths(first, 1);
  const weeks: Day[][] = [];
  for (let monday = mondayOf(first); monday < next; monday = addDays(monday, 7)) weeks.push(weekOf(monday));
  return weeks;
}
