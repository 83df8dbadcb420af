/**
 * Languages other than Vietnamese in which help was needed, in the order of this app's users: those spoken in the
 * Central Highlands and along the coast first. The codes travel; a newer app may send one that this one does not know.
 */
import type { Key } from '@/i18n/keys';
import { t } from '@/i18n/words.svelte';

export const LANGUAGES: Record<string, Key> = {
  bdq: 'assists.language.bdq',
  cjm: 'assists.language.cjm',
  hre: 'assists.language.hre',
  hro: 'assists.language.hro',
  rad: 'assists.language.rad',
  jra: 'assists.language.jra',
  km: 'assists.language.km',
  tyz: 'assists.language.tyz',
  blt: 'assists.language.blt',
  mtq: 'assists.language.mtq',
  hmn: 'assists.language.hmn',
  nut: 'assists.language.nut',
  zh: 'assists.language.zh',
  en: 'assists.language.en',
  sgn: 'assists.language.sgn',
  other: 'assists.language.other',
};

export function languageName(code: string): string {
  const key = LANGUAGES[code];
  return key === undefined ? code : t(key);
}
