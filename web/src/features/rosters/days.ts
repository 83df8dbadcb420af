/** Days, half-days and points as rosters show them. */
import { addDays, formatTime, mondayOf, weekdayOf } from '@/i18n/format';
import type { Key } from '@/i18n/keys';
import type { Day, Half, Shift } from '@/wire';

export const HALVES: Record<Half, Key> = {
  morning: 'rosters.morning',
  afternoon: 'rosters.afternoon',
  evening: 'rosters.evening',
};
/** Monday first, as 1 to 7. */
export const WEEKDAYS: Key[] = [
  'day.monday',
  'day.tuesday',
  'day.wednesday',
  'day.thursday',
  'day.friday',
  'day.saturday',
  'day.sunday',
];

export const firstOfMonth = (day: Day): Day => `${day.slice(0, 8)}01`;
export const firstOfNext = (first: Day): Day => firstOfMonth(addDays(first, 31));

/** The part of the day that a shift begins in, as the server has it. */
export function halfOf(shift: Pick<Shift, 'starts_at'>): Half {
  const hour = Number(formatTime(shift.starts_at).slice(0, 2));
  return hour < 12 ? 'morning' : hour < 18 ? 'afternoon' : 'evening';
}

export function byDay(shifts: Shift[]): [Day, Shift[]][] {
  const found = new Map<Day, Shift[]>();
  for (const shift of shifts) found.set(shift.day, [...(found.get(shift.day) ?? []), shift]);
  return [...found];
}

export interface GridRow {
  point: Shift['point'];
  half: Half;
  /** By weekday, from 1. */
  cells: Map<number, Shift[]>;
}

/** A week as a table: a row for each point and half-day, and the weekdays that have shifts in any week. */
export function gridOf(
  all: Shift[],
  monday: Day,
): { rows: GridRow[]; days: { weekday: number; day: Day }[] } {
  const live = all.filter((shift) => !shift.cancelled);
  const rows = new Map<string, GridRow>();
  for (const shift of live.filter(({ day }) => mondayOf(day) === monday)) {
    const half = halfOf(shift);
    const key = `${shift.point.name} ${shift.point.id} ${Object.keys(HALVES).indexOf(half)}`;
    const row = rows.get(key) ?? { point: shift.point, half, cells: new Map<number, Shift[]>() };
    const at = weekdayOf(shift.day);
    row.cells.set(at, [...(row.cells.get(at) ?? []), shift]);
    rows.set(key, row);
  }
  const worked = new Set(live.map(({ day }) => weekdayOf(day)));
  const days = [1, 2, 3, 4, 5, 6, 7]
    .filter((weekday) => worked.has(weekday))
    .map((weekday) => ({ weekday, day: addDays(monday, weekday - 1) }));
  const sorted = [...rows].sort(([a], [b]) => a.localeCompare(b, 'vi'));
  return { rows: sorted.map(([, row]) => row), days };
}
