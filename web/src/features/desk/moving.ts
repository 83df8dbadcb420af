/** What the desks side by side say: how long a bar is, and why somebody could go. */
import { formatNumber } from '@/i18n/format';
import { t } from '@/i18n/words.svelte';
import type { DeskNow, DesksNow, MoveProposal } from '@/wire';
import { sayWait } from './words';

/** From so long a wait on a desk is crowded, as the server counts. */
export const CROWDED_S = 30 * 60;
/** A bar is full at an hour, or at the longest wait when that is more. */
const FULL_S = 60 * 60;
const KM_M = 1000;

export interface Bar {
  percent: number;
  /** Where crowded begins. */
  expected: number;
}
/** One scale for all, so that the eye can compare them. */
export function barOf(desk: DeskNow, all: DeskNow[]): Bar {
  const full_s = Math.max(FULL_S, ...all.map(({ wait_s }) => wait_s));
  return { percent: (100 * desk.wait_s) / full_s, expected: (100 * CROWDED_S) / full_s };
}

export const toneOf = (desk: DeskNow): 'bad' | 'wait' | 'good' =>
  desk.is_crowded ? 'bad' : desk.is_quiet ? 'good' : 'wait';

/** `350 m`, `1,1 km`. */
export const sayDistance = (metres: number): string =>
  metres < KM_M
    ? t('desk.metres', { n: formatNumber(metres) })
    : t('desk.kilometres', { n: formatNumber(metres / KM_M, 1) });

export interface Idea {
  move: MoveProposal;
  from: DeskNow;
  to: DeskNow;
  /** Why, in figures. */
  why: string[];
}
/** The server's proposals beside the desks they are about. */
export function ideasOf({ points, proposals }: DesksNow): Idea[] {
  return proposals.flatMap((move) => {
    const from = points.find(({ id }) => id === move.from);
    const to = points.find(({ id }) => id === move.to);
    if (from === undefined || to === undefined) return [];
    const came = from.people.find(({ member }) => member.id === move.member.id)?.is_there ?? false;
    const why = [
      t('desk.why_to', { point: to.name, time: sayWait(to.wait_s), n: to.waiting }),
      t('desk.why_from', {
        point: from.name,
        time: sayWait(from.wait_s),
        people: from.people.length,
        min: Math.max(1, from.shift?.people_min ?? 1),
      }),
      ...(move.distance_m > 0 ? [t('desk.why_far', { distance: sayDistance(move.distance_m) })] : []),
      ...(came ? [] : [t('desk.why_not_there')]),
    ];
    return [{ move, from, to, why }];
  });
}
