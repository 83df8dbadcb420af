/** What in a fact points at a resident, and the fact without it: a phone keeps that no longer than it must. */
import type { Fact } from '@/wire';
import type { FactRow } from './db';

export function namesSomeone(fact: Fact): boolean {
  if (fact.kind === 'question.v1') return fact.body.text !== '';
  if (fact.kind !== 'assist.v1') return false;
  const { person, household, organisation } = fact.body.beneficiary;
  return person !== null || household !== null || organisation !== null;
}

/** An identity stays for the day on which it may still be put right; a question is never put right on the phone. */
export const leavesAtOnce = (fact: Fact): boolean => fact.kind === 'question.v1';

export function withoutIdentity(fact: Fact): Pick<FactRow, 'fact' | 'identity_wiped'> {
  return { fact: wiped(fact), identity_wiped: true };
}

function wiped(fact: Fact): Fact {
  switch (fact.kind) {
    case 'question.v1':
      return { ...fact, body: { ...fact.body, text: '', phone: null } };
    case 'assist.v1': {
      const beneficiary = { ...fact.body.beneficiary, person: null, household: null, organisation: null };
      return { ...fact, body: { ...fact.body, beneficiary } };
    }
    default:
      return fact;
  }
}
