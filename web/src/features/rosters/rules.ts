/** Staffing rules as people read and type them. */
import { t } from '@/i18n/words.svelte';
import { WEEKDAYS } from './days';

/** "Thứ Hai–Thứ Sáu, Chủ nhật": neighbouring days stand together. */
export function sayWeekdays(weekdays: number[]): string {
  const runs: [number, number][] = [];
  for (const day of [...weekdays].sort((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run !== undefined && run[1] === day - 1) run[1] = day;
    else runs.push([day, day]);
  }
  const name = (day: number) => t(WEEKDAYS[day - 1] ?? 'day.monday');
  return runs.map(([from, to]) => (from === to ? name(from) : `${name(from)}–${name(to)}`)).join(', ');
}

const ALERTS_MAX = 4;
const ALERT_H_MAX = 14 * 24;
/** `72, 24` and its like; null when it is not hours. Nothing typed is no alert. */
export function readAlerts(text: string): number[] | null {
  const parts = text
    .split(/[,;\s]+/)
    .map((part) => part.trim())
    .filter(Boolean);
  const hours = parts.map(Number);
  const sound = hours.every((n) => Number.isInteger(n) && n >= 1 && n <= ALERT_H_MAX);
  return sound && hours.length <= ALERTS_MAX ? hours : null;
}
