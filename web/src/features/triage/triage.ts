/**
 * Where somebody is best served, from what they came for and what they hold. The rule of `domain::triage`, which kiosks
 * ask, once more for the app, which must be able to without a network; both are held to triage_cases.json.
 */
import { ruleOf, type Held, type Procedure } from './procedures';

export interface Answers {
  held: Held[];
  /** They want it done today, whatever could be done from home. */
  now: boolean;
}
export type Outcome =
  | { kind: 'here'; guide: string | null }
  | { kind: 'counter' }
  | { kind: 'online'; guide: string | null; link: string }
  | { kind: 'come_back'; missing: Held[] };

/** What it takes to sign in to the national portal by VNeID at home. */
const FOR_ONLINE: Held[] = ['card', 'phone', 'sim'];

export function triage({ code, link }: Pick<Procedure, 'code' | 'link'>, { held, now }: Answers): Outcome {
  const { way, needs, guide } = ruleOf(code);
  const lacks = (wanted: Held[]) => wanted.filter((one) => !held.includes(one));
  const missing = lacks(needs);
  if (missing.length > 0) return { kind: 'come_back', missing };
  if (way === 'online' && !now && lacks(FOR_ONLINE).length === 0) return { kind: 'online', guide, link };
  if (way === 'here') return { kind: 'here', guide };
  if (lacks(['papers']).length > 0) return { kind: 'come_back', missing: ['papers'] };
  return { kind: 'counter' };
}

/** What goes onto the ticket: what was asked and answered, and nothing about who. */
export const answered = (wanted: Procedure[], answers: Answers) => ({
  held: answers.held,
  now: answers.now,
  outcomes: Object.fromEntries(wanted.map((one) => [one.code, triage(one, answers).kind])),
});

export type Answered = ReturnType<typeof answered>;
/** What a ticket carries, as far as it is what [`answered`] writes; another program may have written something else. */
export function readAnswered(value: unknown): Answered | null {
  const said = value as Partial<Answered> | null;
  const sound =
    typeof said === 'object' && Array.isArray(said?.held) && typeof (said.outcomes ?? null) === 'object';
  return sound ? { held: [], now: false, outcomes: {}, ...said } : null;
}

/** The public page with what to bring; all it says is in the address. */
export const checklistAddress = (wanted: Procedure[]): string =>
  `/chuan-bi/${wanted.map(({ code }) => code).join('+')}`;
