/** What a list of people is narrowed to, as the screen's address says it, so that "back" finds it again. */
import type { Query } from '@/api/client';

/** Of each filter: its name in the address, in the order in which it is shown. */
const PARAMS = {
  place: 'dia-ban',
  team: 'to',
  account: 'tai-khoan',
  office: 'chuc',
  skill: 'ky-nang',
  origin: 'nguon',
  active: 'con-hoat-dong',
} as const;

/** Ids, words of a vocabulary, `true` or `false`; empty means everybody. */
export type Filter = Record<keyof typeof PARAMS, string>;

const entries = Object.entries(PARAMS) as [keyof Filter, string][];

export const readFilter = (query: URLSearchParams): Filter =>
  Object.fromEntries(entries.map(([key, param]) => [key, query.get(param) ?? ''])) as Filter;

export function filterAddress(filter: Filter): string {
  const said = entries.filter(([key]) => filter[key] !== '').map(([key, param]) => [param, filter[key]]);
  return said.length === 0 ? '/thanh-vien' : `/thanh-vien?${new URLSearchParams(said).toString()}`;
}

export const queryOf = (filter: Filter): Query =>
  Object.fromEntries(entries.map(([key]) => [key, filter[key] === '' ? null : filter[key]]));
