/** The units of count, each with its own word: they are never added to one another. */
import type { Measure } from '@/wire';
import type { Key } from './keys';
import { t } from './words.svelte';

export const UNIT_NAMES: Record<Measure['unit'], Key> = {
  assist: 'unit.assist',
  person: 'unit.person',
  household: 'unit.household',
  account: 'unit.account',
  dossier: 'unit.dossier',
  post: 'unit.post',
  street: 'unit.street',
  shift: 'unit.shift',
  volunteer: 'unit.volunteer',
  team: 'unit.team',
  hour: 'unit.hour',
};

/** A unit a newer server counts in is shown by its code. */
export function unitName(unit: string): string {
  const key = (UNIT_NAMES as Record<string, Key | undefined>)[unit];
  return key === undefined ? unit : t(key);
}
