/** What people come for: the same data as the server's, inside the app, so that it is there without a network. */
import { fold, matches } from '@/i18n/fold';
import data from '../../../../crates/domain/data/procedures.json';
import rules from '../../../../crates/domain/data/triage.json';

export type ProcedureGroup = (typeof data.groups)[number]['code'];

export interface Procedure {
  /** The national code, or one of our own that begins with `x-`. */
  code: string;
  name: string;
  name_en: string;
  group: string;
  /** Code of the service that helping with it is recorded as. */
  service: string;
  /** Null while it is not confirmed. */
  regulated: { minutes?: number; working_days?: number } | null;
  expected_min: number;
  same_day: boolean;
  checklist: string[];
  link: string;
  checked_on: string;
  valid_from: string | null;
  valid_to: string | null;
}
/** What a resident may hold. `papers` are those of the checklist. */
export type Held = 'card' | 'phone' | 'sim' | 'papers';
export interface Rule {
  /** Where it is best done: at the point by the resident's own phone, from home, or at a counter. */
  way: 'here' | 'online' | 'counter';
  /** Nobody can do anything about it without these. */
  needs: Held[];
  guide: string | null;
  /** How people call it. */
  words: string;
}

export const groups = data.groups;
export const procedures = data.procedures as Procedure[];
const RULES = rules.procedures as Record<string, Rule | undefined>;

/** What nothing is known about is for the counter. */
export const ruleOf = (code: string): Rule =>
  RULES[code] ?? { way: 'counter', needs: [], guide: null, words: '' };

export const procedureOf = (code: string): Procedure | undefined =>
  procedures.find((known) => known.code === code);

export const inForce = ({ valid_from, valid_to }: Procedure, day: string): boolean =>
  (valid_from === null || valid_from <= day) && (valid_to === null || day < valid_to);

/** By name or as people call it, without tones; names that begin with what was typed come first. */
export function searchProcedures(among: Procedure[], query: string): Procedure[] {
  const asked = fold(query);
  if (asked === '') return among;
  const text = ({ code, name, name_en }: Procedure) => `${name} ${name_en} ${code} ${ruleOf(code).words}`;
  const begins = ({ name }: Procedure) => (fold(name).includes(asked) ? 0 : 1);
  return among.filter((one) => matches(query, text(one))).sort((a, b) => begins(a) - begins(b));
}
