/** What the progress screens show is in their address, so that back, reload and a link in a chat all find it again. */
import type { Day, PlaceId } from '@/wire';

export interface View {
  campaign: string | null;
  place: PlaceId | null;
  /** Null: today, and live. */
  on: Day | null;
  /** The indicator of the line over time, or behind which facts are listed. */
  indicator: string | null;
  team: string | null;
  sort: string | null;
  /** `1`: facts after the deadline, too. */
  all: string | null;
}

const NAMES = ['campaign', 'place', 'on', 'indicator', 'team', 'sort', 'all'] as const;

export function readView(query: URLSearchParams): View {
  const on = query.get('on');
  return {
    campaign: query.get('campaign'),
    place: query.get('place'),
    on: on !== null && /^\d{4}-\d{2}-\d{2}$/.test(on) ? on : null,
    indicator: query.get('indicator'),
    team: query.get('team'),
    sort: query.get('sort'),
    all: query.get('all'),
  };
}

function address(path: string, view: Partial<View>): string {
  const given = NAMES.flatMap((name) => {
    const value = view[name];
    return value === null || value === undefined ? [] : [[name, value] as [string, string]];
  });
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

export const progressLink = (view: Partial<View>): string => address('/tien-do', view);
export const factsLink = (view: Partial<View>): string => address('/tien-do/luot', view);
