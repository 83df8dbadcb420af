/** The plain choices of recurrence, as RFC 5545 and back. What else a rule may say is left to whoever wrote it. */
import { formatDay, formatWeekday, weekdayOf } from '@/i18n/format';
import { t } from '@/i18n/words.svelte';
import type { Day } from '@/wire';

export type Repeat = 'none' | 'daily' | 'weekly' | 'monthly';
const CODES = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

/** `until` is the last day; it ends with that day in Vietnam. */
export function ruleOf(repeat: Repeat, first: Day, until: Day): string {
  if (repeat === 'none') return '';
  const by = repeat === 'weekly' ? `;BYDAY=${CODES[weekdayOf(first) - 1]}` : '';
  return `FREQ=${repeat.toUpperCase()}${by};UNTIL=${until.replaceAll('-', '')}T165959Z`;
}

export function readRule(rule: string): { repeat: Repeat; until: Day | null } {
  const freq = /FREQ=(DAILY|WEEKLY|MONTHLY)/.exec(rule)?.[1]?.toLowerCase();
  const until = /UNTIL=(\d{4})(\d{2})(\d{2})/.exec(rule);
  return {
    repeat: (freq as Repeat | undefined) ?? 'none',
    until: until === null ? null : `${until[1]}-${until[2]}-${until[3]}`,
  };
}

/** "Mỗi Chủ nhật đến 29/12/2024". */
export function sayRule(rule: string, first: Day): string {
  const { repeat, until } = readRule(rule);
  if (repeat === 'none') return '';
  const every = {
    daily: () => t('calendar.every_day'),
    weekly: () => t('calendar.every_week', { day: formatWeekday(first) }),
    monthly: () => t('calendar.every_month', { day: Number(first.slice(8)) }),
  }[repeat]();
  return until === null ? every : t('calendar.every_until', { every, day: formatDay(until) });
}
