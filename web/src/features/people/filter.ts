/** What a list of people is narrowed to; empty means everybody. */
import type { Query } from '@/api/client';

export interface Filter {
  origin: string;
  office: string;
  skill: string;
  /** `true` or `false`, as the query says it. */
  account: string;
  active: string;
}
export const NO_FILTER: Filter = { origin: '', office: '', skill: '', account: '', active: '' };

export const queryOf = (filter: Filter): Query =>
  Object.fromEntries(Object.entries(filter).map(([key, value]) => [key, value === '' ? null : value]));
