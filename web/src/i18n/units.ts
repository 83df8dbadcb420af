/** The units of count, each with its own word: they are never added to one another. */
import type { Measure } from '@/wire';
import type { Key } from './keys';

export const UNIT_NAMES: Record<Measure['unit'], Key> = {
  assist: 'unit.assist',
  person: 'unit.person',
  household: 'unit.household',
  account: 'unit.account',
  dossier: 'unit.dossier',
  post: 'unit.post',
  street: 'unit.street',
};
