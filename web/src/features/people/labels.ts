/** Words for the vocabularies of people and teams. */
import type { Key } from '@/i18n/keys';
import type { ListColumn, ListLine, Office, Origin, Position, TeamPage } from '@/wire';

export const ORIGINS: Record<Origin, Key> = {
  doan: 'people.origin_doan',
  hoi: 'people.origin_hoi',
  student: 'people.origin_student',
  enterprise: 'people.origin_enterprise',
  official: 'people.origin_official',
  front: 'people.origin_front',
  police: 'people.origin_police',
  resident: 'people.origin_resident',
};
export const OFFICES: Record<Office, Key> = {
  secretary: 'people.office_secretary',
  deputy_secretary: 'people.office_deputy_secretary',
  official: 'people.office_official',
  party_cell: 'people.office_party_cell',
  hamlet_head: 'people.office_hamlet_head',
  core_person: 'people.office_core_person',
  trusted_person: 'people.office_trusted_person',
};
export const POSITIONS: Record<Position, Key> = {
  leader: 'people.position_leader',
  deputy: 'people.position_deputy',
  member: 'people.position_member',
};
export const REVISIONS: Record<TeamPage['revisions'][number]['kind'], Key> = {
  founding: 'people.revision_founding',
  consolidation: 'people.revision_consolidation',
  dissolution: 'people.revision_dissolution',
};
export const COLUMNS: Record<ListColumn, Key> = {
  name: 'people.column_name',
  family: 'people.column_family',
  given: 'people.column_given',
  birth: 'people.column_birth',
  phone: 'people.column_phone',
  position: 'people.column_position',
  unit: 'people.column_unit',
  skip: 'people.column_skip',
};
export const DOUBTS: Record<ListLine['doubts'][number], Key> = {
  telex: 'people.doubt_telex',
  one_word: 'people.doubt_one_word',
  old_prefix: 'people.doubt_old_prefix',
  zero_added: 'people.doubt_zero_added',
  position: 'people.doubt_position',
};
export const FAULTS: Record<NonNullable<ListLine['fault']>, Key> = {
  name_missing: 'people.list_fault_name',
  birth: 'people.list_fault_birth',
  phone: 'people.list_fault_phone',
  twice: 'people.list_fault_twice',
};
export const LEVELS: Record<string, Key> = {
  '1': 'people.level_1',
  '2': 'people.level_2',
  '3': 'people.level_3',
};

/** The options of a select or choices, in the order of the vocabulary. */
export const options = <T extends string>(words: Record<T, Key>, t: (key: Key) => string) =>
  (Object.entries(words) as [T, Key][]).map(([value, key]) => ({ value, label: t(key) }));

/** CSV that spreadsheets open in Vietnamese; what they would run as a formula is kept from it. */
export function csvOf(rows: string[][]): Blob {
  const cell = (text: string) => `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
  const lines = rows.map((row) => row.map(cell).join(','));
  return new Blob([`\uFEFF${lines.join('\r\n')}\r\n`], { type: 'text/csv' });
}
