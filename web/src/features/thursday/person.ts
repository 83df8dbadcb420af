/** What a form asks of a person first, in the order of the card. */
import type { Key } from '@/i18n/keys';
import { t } from '@/i18n/words.svelte';

export const PERSON = ['name', 'number', 'born_on', 'sex', 'address'] as const;
export type PersonField = (typeof PERSON)[number];

const LABELS: Record<PersonField, Key> = {
  name: 'thursday.name',
  number: 'thursday.number',
  born_on: 'thursday.born_on',
  sex: 'thursday.sex',
  address: 'thursday.address',
};
export const personLabel = (field: PersonField): string => t(LABELS[field]);
