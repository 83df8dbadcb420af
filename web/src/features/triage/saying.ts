/** The words of triage: what somebody may hold, and where they are best served. */
import type { Key } from '@/i18n/keys';
import type { Held } from './procedures';
import type { Outcome } from './triage';

export const HELD: Record<Held, Key> = {
  card: 'triage.card',
  papers: 'triage.papers',
  phone: 'triage.phone',
  sim: 'triage.sim',
};
export const OUTCOMES: Record<Outcome['kind'], Key> = {
  here: 'triage.here',
  counter: 'triage.counter',
  online: 'triage.online',
  come_back: 'triage.come_back',
};
