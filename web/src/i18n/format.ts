/**
 * Numbers, days and times as Vietnam writes them. Time is Asia/Ho_Chi_Minh on every phone, whatever the phone's
 * own zone says: the zone has had no daylight saving since 1975, so plain +07:00 arithmetic is exact.
 */
import type { Day, WireTime } from '@/wire';
import type { Key } from './keys';
import { currentLanguage, t } from './words.svelte';

const ZONE_MS = 7 * 3_600_000;
const DAY_MS = 86_400_000;
const two = (n: number) => String(n).padStart(2, '0');

const shifted = (ms: number) => new Date(ms + ZONE_MS);

export function dayOf(ms: number): Day {
  return shifted(ms).toISOString().slice(0, 10);
}

export function wireTime(ms: number): WireTime {
  return `${shifted(ms).toISOString().slice(0, 19)}+07:00`;
}

export const msOf = (time: WireTime): number => Date.parse(time);
/** The first instant of a day in Vietnam. */
export const msOfDay = (day: Day): number => Date.parse(`${day}T00:00:00+07:00`);
export const addDays = (day: Day, days: number): Day => dayOf(msOfDay(day) + days * DAY_MS);

/** 1 = Monday … 7 = Sunday. */
export const weekdayOf = (day: Day): number => ((Math.floor(msOfDay(day) / DAY_MS + 0.5) + 3) % 7) + 1;
export const mondayOf = (day: Day): Day => addDays(day, 1 - weekdayOf(day));

/** `05/01/2026` */
export function formatDay(day: Day): string {
  const [year, month, date] = day.split('-');
  return `${date}/${month}/${year}`;
}

/** `05/01` */
export const formatDayShort = (day: Day): string => formatDay(day).slice(0, 5);

/** `14:05` */
export function formatTime(at: number | WireTime): string {
  const date = shifted(typeof at === 'number' ? at : msOf(at));
  return `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
}

/** `14:05 · 05/01/2026` */
export function formatDateTime(at: number | WireTime): string {
  const ms = typeof at === 'number' ? at : msOf(at);
  return `${formatTime(ms)} · ${formatDay(dayOf(ms))}`;
}

const WEEKDAYS: Key[] = [
  'day.monday',
  'day.tuesday',
  'day.wednesday',
  'day.thursday',
  'day.friday',
  'day.saturday',
  'day.sunday',
];
/** Of 1 = Monday … 7 = Sunday. */
export const weekdayName = (weekday: number): string => t(WEEKDAYS[weekday - 1] ?? 'day.monday');
export const formatWeekday = (day: Day): string => weekdayName(weekdayOf(day));

/** "Hôm nay", "Hôm qua", or "Chủ nhật, 13/10/2024". */
export function formatDayNear(day: Day, today: Day): string {
  if (day === today) return t('day.today');
  if (day === addDays(today, -1)) return t('day.yesterday');
  return `${formatWeekday(day)}, ${formatDay(day)}`;
}

const tag = () => (currentLanguage() === 'en' ? 'en-GB' : 'vi-VN');

/** `294.021` */
export const formatNumber = (n: number, decimals = 0): string =>
  new Intl.NumberFormat(tag(), { maximumFractionDigits: decimals }).format(n);

/**
 * A whole number as typed: `1204`, `1 204`, `1.204`, and in English `1,204`, too, because that is how it is shown there.
 * Null for anything else: a part of a number is never dropped silently.
 */
export function parseWhole(text: string): number | null {
  const marks = currentLanguage() === 'en' ? '[.,\\s]' : '[.\\s]';
  const typed = text.trim();
  if (!new RegExp(`^(?:\\d{1,12}|\\d{1,3}(?:${marks}\\d{3}){1,3})$`).test(typed)) return null;
  return Number(typed.replace(/\D/g, ''));
}

/** `75,6%`, from a figure already in percent. */
export const formatPercent = (percent: number): string => `${formatNumber(percent, 1)}%`;
/** `75,6%`, from permille, as ratios travel. */
export const formatPermille = (permille: number): string => formatPercent(permille / 10);

const MINUTE_MS = 60_000;
/** "vừa xong", "12 phút trước", "3 giờ trước", then the date. */
export function formatAgo(ms: number, nowMs: number): string {
  const minutes = Math.floor((nowMs - ms) / MINUTE_MS);
  if (minutes < 1) return t('ago.now');
  if (minutes < 60) return t('ago.minutes', { n: minutes });
  if (minutes < 24 * 60) return t('ago.hours', { n: Math.floor(minutes / 60) });
  return formatDateTime(ms);
}

/** For `<input type="datetime-local">`, in Vietnam's time. */
export const toLocalInput = (ms: number): string => shifted(ms).toISOString().slice(0, 16);
export const fromLocalInput = (text: string): number => Date.parse(`${text}:00+07:00`);
