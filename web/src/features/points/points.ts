/** Kinds of service point, and opening hours as people type them. */
import type { Key } from '@/i18n/keys';
import type { Hours, Point } from '@/wire';

export const KINDS: Record<Point['kind'], Key> = {
  one_stop: 'points.one_stop',
  commune_centre: 'points.commune_centre',
  market: 'points.market',
  hospital: 'points.hospital',
  school: 'points.school',
  enterprise: 'points.enterprise',
  other: 'points.other',
};
export type HoursDay = keyof Hours;
/** Monday first. */
export const DAY_NAMES: Record<HoursDay, Key> = {
  mon: 'points.mon',
  tue: 'points.tue',
  wed: 'points.wed',
  thu: 'points.thu',
  fri: 'points.fri',
  sat: 'points.sat',
  sun: 'points.sun',
};
export const DAYS = Object.keys(DAY_NAMES) as HoursDay[];
type Span = NonNullable<Hours['mon']>[number];

export const sayHours = (spans: Span[]): string => spans.map(({ from, to }) => `${from}–${to}`).join(', ');

/** `7:30-11:30, 13h30-17h` and its like; null when it is not hours. Nothing typed is closed. */
export function readHours(text: string): Span[] | null {
  const parts = text.split(/[,;]/).map((part) => part.trim());
  const spans = parts.filter(Boolean).map((part): Span | null => {
    const found = /^(\d{1,2})(?:[:h](\d{2})?)?\s*[-–]\s*(\d{1,2})(?:[:h](\d{2})?)?$/i.exec(part);
    if (found === null) return null;
    const clock = (hours = '', minutes = '00') => `${hours.padStart(2, '0')}:${minutes}`;
    const span = { from: clock(found[1], found[2]), to: clock(found[3], found[4]) };
    const real = (time: string) => /^([01]\d|2[0-3]):[0-5]\d$|^24:00$/.test(time);
    return real(span.from) && real(span.to) && span.from < span.to ? span : null;
  });
  if (spans.some((span) => span === null)) return null;
  const all = spans as Span[];
  return all.every((span, at) => at === 0 || (all[at - 1]?.to ?? '') < span.from) ? all : null;
}
