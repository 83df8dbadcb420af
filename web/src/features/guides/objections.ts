/** Objections in the order in which they are likely meant, and found by any word in them, without tones. */
import { matches } from '@/i18n/fold';
import type { Objection } from '@/wire';

export interface About {
  service: string | null;
  reason: string | null;
}

/** What was asked for first: the reason says more than the service. */
const nearness = (one: Objection, { service, reason }: About): number =>
  (reason !== null && one.reasons.includes(reason) ? 2 : 0) +
  (service !== null && one.services.includes(service) ? 1 : 0);

export const nearestFirst = (objections: Objection[], about: About): Objection[] =>
  [...objections].sort((a, b) => nearness(b, about) - nearness(a, about));

export const found = (objections: Objection[], query: string, nameOf: (service: string) => string) =>
  query.trim() === ''
    ? objections
    : objections.filter((one) =>
        matches(query, [one.question, one.answer, one.offer, ...one.services.map(nameOf)].join(' ')),
      );
