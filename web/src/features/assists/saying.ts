/** An assist in one line, for lists and notices. */
import type { AssistBody } from '@/wire';

interface Names {
  name: (code: string) => string;
  outcome: (code: string, outcome: string) => { name: string } | undefined;
}

export function describe(body: AssistBody, names: Names): string {
  return body.items
    .map((item) => {
      const outcome = names.outcome(item.service, item.outcome)?.name;
      return outcome === undefined ? names.name(item.service) : `${names.name(item.service)} – ${outcome}`;
    })
    .join(', ');
}

/** Only what was helped with, where room is short. */
export const describeShort = (body: AssistBody, names: Pick<Names, 'name'>): string =>
  body.items.map((item) => names.name(item.service)).join(', ');
