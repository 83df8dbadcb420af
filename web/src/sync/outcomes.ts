/** What an answer of the server means for a fact on the phone. Pure: the uploader only writes down what this says. */
import type { Fact, Outcome, Problem } from '@/wire';
import type { FactRow, FactState } from './db';
import { leavesAtOnce, withoutIdentity } from './identity';

export type FactChange = Pick<FactRow, 'state' | 'counted_in' | 'credited_before' | 'needs' | 'problem'> &
  Partial<Pick<FactRow, 'fact' | 'identity_wiped'>>;

export function stateAfter(outcome: Outcome): FactState {
  switch (outcome.outcome) {
    case 'counted':
    case 'duplicate':
      // "Counted" is said only when a target really moved; anything else the server took is "received".
      return outcome.counted_in.length > 0 ? 'counted' : 'received';
    case 'held':
      return 'held';
    case 'refused':
      return 'refused';
  }
}

export function changeAfter(outcome: Outcome, fact: Fact): FactChange {
  const state = stateAfter(outcome);
  return {
    ...(state === 'received' && leavesAtOnce(fact) ? withoutIdentity(fact) : {}),
    state,
    counted_in: outcome.counted_in,
    credited_before: outcome.credited_before,
    needs: outcome.needs,
    problem: outcome.outcome === 'refused' ? outcome.problem : null,
  };
}

export const refusedWith = (problem: Problem): FactChange => ({
  state: 'refused',
  counted_in: [],
  credited_before: [],
  needs: null,
  problem,
});

/** What to do when a whole request failed. */
export type Failure = 'wait' | 'sign_in' | 'halve' | 'refuse';

export function failureOf(problem: Problem, batchSize: number): Failure {
  if (problem.status === 401) return 'sign_in';
  const aboutTheBatch = [400, 413, 415, 422].includes(problem.status) && !problem.retryable;
  if (!aboutTheBatch) return 'wait';
  // One fact the server cannot read must not hold up the others: narrow the batch until it stands alone.
  return batchSize > 1 ? 'halve' : 'refuse';
}

const BACKOFF_MS_MIN = 2_000;
const BACKOFF_MS_MAX = 5 * 60_000;
/** Doubles, with a random half so that thousands of phones do not return in the same second. */
export function backoffMs(failures: number, random: number): number {
  const full = Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** Math.min(failures, 10));
  return Math.round(full / 2 + (full / 2) * random);
}
