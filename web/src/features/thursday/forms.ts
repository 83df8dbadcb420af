/**
 * What a declaration asks for, as data. The sheet printed from it is our own: to be signed and handed in beside the
 * official form, or copied from. It imitates no form of the State.
 */
import data from '../../../../crates/domain/data/forms.json';
import type { Card } from './card';

export interface FormField {
  code: string;
  label: string;
  kind: 'text' | 'number' | 'tel';
  rows?: number;
}
export interface FormPart {
  code: string;
  title: string;
  /** Begins with what a card says of a person. */
  person: boolean;
  fields: FormField[];
}
export interface Form {
  code: string;
  title: string;
  procedures: string[];
  parts: FormPart[];
}
/** By part, then by field. Only ever in memory. */
export type Filled = Record<string, Record<string, string>>;

export const forms = data as Form[];

/** The form of a procedure; a general one where it has none. */
export const formOf = (procedure: string): Form =>
  forms.find(({ procedures }) => procedures.includes(procedure)) ?? (forms.at(-1) as Form);

/** Whether a procedure has a form of its own. */
export const hasForm = (procedure: string): boolean =>
  forms.some(({ procedures }) => procedures.includes(procedure));

export const emptyFilled = (form: Form): Filled =>
  Object.fromEntries(form.parts.map(({ code }) => [code, {}]));

const dayText = (day: string): string => day.split('-').reverse().join('/');

/** What a card says, as the fields of a person. */
export const ofCard = (card: Card, words: { male: string; female: string }): Record<string, string> => ({
  name: card.name,
  number: card.number,
  born_on: dayText(card.born_on),
  sex: card.sex === null ? '' : words[card.sex],
  address: card.address,
});
