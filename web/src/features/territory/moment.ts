/** The day a question about places holds for, and how long a name or a place was in force, in words. */
import type { Key } from '@/i18n/keys';
import { addDays, formatDay } from '@/i18n/format';
import { t } from '@/i18n/words.svelte';
import type { Dated, Day, PlaceLevel } from '@/wire';

/** The last day of the tree with districts, and the first of the one with two tiers. */
export const LAST_OF_63: Day = '2025-06-30';
export const FIRST_OF_34: Day = '2025-07-01';

/** `valid_to` is the first day no longer in force; people say the last day that was. */
export function validity({ valid_from, valid_to }: Dated): string {
  if (valid_from === null && valid_to === null) return t('territory.always');
  if (valid_to === null) return t('territory.since', { from: formatDay(valid_from ?? '') });
  const last = formatDay(addDays(valid_to, -1));
  if (valid_from === null) return t('territory.until', { to: last });
  return t('territory.between', { from: formatDay(valid_from), to: last });
}

export const LEVELS: Record<PlaceLevel, Key> = {
  nation: 'territory.level_nation',
  province: 'territory.level_province',
  district: 'territory.level_district',
  commune: 'territory.level_commune',
  hamlet: 'territory.level_hamlet',
};

/** How one place went over into another, as the published table says it. */
export const MANNERS: Record<string, Key> = {
  whole: 'territory.manner_whole',
  part: 'territory.manner_part',
  part_area: 'territory.manner_part_area',
  part_area_whole_population: 'territory.manner_part_area_people',
  part_population: 'territory.manner_part_people',
  unchanged: 'territory.manner_unchanged',
  renamed: 'territory.manner_renamed',
  retyped: 'territory.manner_retyped',
};

/** Address of a search or of a place, keeping the day when it is not today. */
export function territoryLink(path: string, query: { q?: string; on?: Day | null }): string {
  const given = Object.entries(query).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  );
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return search === '' ? path : `${path}?${search}`;
}

export const isDay = (text: string | null): text is Day => text !== null && /^\d{4}-\d{2}-\d{2}$/.test(text);
