/**
 * The plain choices of recurrence, as RFC 5545 and back. A rule that says more is `own`: it is shown and kept as it was
 * written, never made plainer than it is.
 */
import { addDays, dayOf, formatDay, weekdayName, weekdayOf } from '@/i18n/format';
import { t } from '@/i18n/words.svelte';
import type { Day } from '@/wire';

export type Repeat = 'none' | 'daily' | 'weekly' | 'monthly' | 'own';
const CODES = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
export const WEEKDAYS = [1, 2, 3, 4, 5, 6, 7];

export interface Rule {
  repeat: Repeat;
  /** Of a weekly one, 1 = Monday; in order. */
  weekdays: number[];
  until: Day | null;
}

/** `until` is the last day; it ends with that day in Vietnam. */
export function ruleOf({ repeat, weekdays, until }: Rule & { until: Day }): string {
  if (repeat === 'none' || repeat === 'own') return '';
  const by = repeat === 'weekly' ? `;BYDAY=${weekdays.map((day) => CODES[day - 1]).join(',')}` : '';
  return `FREQ=${repeat.toUpperCase()}${by};UNTIL=${until.replaceAll('-', '')}T165959Z`;
}

/** The first day of a weekly rule is one of its weekdays: the next one when the day chosen is none. */
export function firstOn(first: Day, weekdays: number[]): Day {
  const ahead = WEEKDAYS.findIndex((_, days) => weekdays.includes(weekdayOf(addDays(first, days))));
  return addDays(first, Math.max(0, ahead));
}

export function readRule(rule: string, first: Day): Rule {
  const parts = new Map(rule.split(';').map((part) => part.split('=', 2) as [string, string | undefined]));
  const until = untilOf(parts.get('UNTIL') ?? '');
  const codes = parts.get('BYDAY')?.split(',') ?? [CODES[weekdayOf(first) - 1] ?? ''];
  const weekdays = codes.map((code) => CODES.indexOf(code) + 1).sort((a, b) => a - b);
  const repeat = rule === '' ? 'none' : parts.get('FREQ')?.toLowerCase();
  const says = (...names: string[]) =>
    [...parts.keys()].every((name) => ['FREQ', 'UNTIL', 'WKST', ...names].includes(name)) &&
    (parts.get('INTERVAL') ?? '1') === '1' &&
    until !== null;
  if (repeat === 'none') return { repeat, weekdays, until };
  if (repeat === 'weekly' && says('INTERVAL', 'BYDAY') && !weekdays.includes(0))
    return { repeat, weekdays, until };
  if ((repeat === 'daily' || repeat === 'monthly') && says('INTERVAL')) return { repeat, weekdays, until };
  return { repeat: 'own', weekdays, until };
}

/** The last day in Vietnam of `20241229T165959Z` or `20241229`. */
function untilOf(text: string): Day | null {
  const found = /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})Z)?$/.exec(text);
  if (found === null) return null;
  const [, year, month, day, hour, minute, second] = found;
  if (hour === undefined) return `${year}-${month}-${day}`;
  return dayOf(Date.UTC(+year!, +month! - 1, +day!, +hour, +minute!, +second!));
}

export const sayWeekdays = (weekdays: number[]): string =>
  weekdays.length === WEEKDAYS.length
    ? t('calendar.every_day')
    : t('calendar.every_week', { day: weekdays.map(weekdayName).join(', ') });

/** "Mỗi Thứ Ba, Thứ Năm đến 29/12/2024". */
export function sayRule(rule: string, first: Day): string {
  const { repeat, weekdays, until } = readRule(rule, first);
  if (repeat === 'none') return '';
  const every = {
    daily: () => t('calendar.every_day'),
    weekly: () => sayWeekdays(weekdays),
    monthly: () => t('calendar.every_month', { day: Number(first.slice(8)) }),
    own: () => t('calendar.every_own'),
  }[repeat]();
  return until === null ? every : t('calendar.every_until', { every, day: formatDay(until) });
}
