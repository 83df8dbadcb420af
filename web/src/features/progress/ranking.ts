/** Children of a place in an order of one's choice. The server already puts the stuck ones first. */
import { compareVi } from '@/i18n/fold';
import type { Pace } from '@/wire';
import type { ChildStanding, StandingBrief } from '@/wire';

/** `null` is the server's order; `name` by name; anything else is an indicator's code, lowest attainment first. `down` turns it round. */
export interface Order {
  by: string | null;
  down: boolean;
}

/** `-code` in the address is the same the other way round. */
export function readOrder(text: string | null): Order {
  const down = text?.startsWith('-') === true;
  const by = down ? text?.slice(1) : text;
  return { by: by || null, down };
}
export const orderText = ({ by, down }: Order): string | null => `${down ? '-' : ''}${by ?? ''}` || null;

export const childName = (child: ChildStanding): string => child.place?.full_name ?? child.team?.name ?? '';
export const childId = (child: ChildStanding): string => child.place?.id ?? child.team?.id ?? '';
export const standingOf = (child: ChildStanding, code: string): StandingBrief | undefined =>
  child.indicators.find((standing) => standing.code === code);

export function ranked(children: ChildStanding[], { by, down }: Order): ChildStanding[] {
  if (by === null) return down ? [...children].reverse() : children;
  const sign = down ? -1 : 1;
  const byName = (a: ChildStanding, b: ChildStanding) =>
    compareVi(a.place?.name ?? childName(a), b.place?.name ?? childName(b));
  if (by === 'name') return [...children].sort((a, b) => sign * byName(a, b));
  const percent = (child: ChildStanding) => standingOf(child, by)?.percent ?? null;
  return [...children].sort((a, b) => {
    const [left, right] = [percent(a), percent(b)];
    // Those without a target have nothing to be ranked by and stand last either way.
    if (left === null || right === null) {
      return left === right ? byName(a, b) : left === null ? 1 : -1;
    }
    return sign * (left - right) || byName(a, b);
  });
}

/** How many indicators of a child stand at each pace. */
export function paceCounts(child: ChildStanding): Map<Pace, number> {
  const counts = new Map<Pace, number>();
  for (const { pace } of child.indicators) counts.set(pace, (counts.get(pace) ?? 0) + 1);
  return counts;
}

/** The indicator that needs help most: the lowest attainment against what the calendar asks. */
export function worst(child: ChildStanding): StandingBrief | null {
  const measured = child.indicators.filter(
    (standing) => standing.percent !== null && standing.pace !== 'done',
  );
  const lag = (s: StandingBrief) => (s.percent ?? 0) / Math.max(s.expected_percent, 1);
  return measured.reduce<StandingBrief | null>(
    (low, s) => (low === null || lag(s) < lag(low) ? s : low),
    null,
  );
}
