/** What the desks side by side say. */
import { beforeAll, describe, expect, it } from 'vitest';
import { loadWords } from '@/i18n/words.svelte';
import type { DeskNow } from '@/wire';
import { barOf, ideasOf, sayDistance, toneOf } from './moving';

const desk = (id: string, wait_min: number, people: string[] = []): DeskNow => ({
  id,
  name: `Điểm ${id}`,
  place: '63-21553',
  waiting: wait_min > 10 ? 8 : 0,
  wait_s: wait_min * 60,
  counters_open: 1,
  counters: 3,
  is_crowded: wait_min >= 30,
  is_quiet: wait_min <= 10,
  shift: null,
  people: people.map((name) => ({ member: { id: name, name }, is_there: name !== 'Bảy', is_rostered: true })),
});
const idea = (member: string, distance_m: number) => ({
  member: { id: member, name: member },
  from: 'b',
  to: 'a',
  from_shift: 's',
  to_shift: 't',
  distance_m,
});

describe('desks side by side', () => {
  beforeAll(() => loadWords('desk'));

  it('puts all bars on one scale, of an hour at least', () => {
    const calm = [desk('a', 15), desk('b', 0)];
    expect(calm.map((one) => barOf(one, calm).percent)).toEqual([25, 0]);
    const busy = [desk('a', 120), desk('b', 30)];
    expect(barOf(desk('b', 30), busy)).toEqual({ percent: 25, expected: 25 });
    expect([desk('a', 40), desk('b', 20), desk('c', 5)].map(toneOf)).toEqual(['bad', 'wait', 'good']);
  });

  it('says why somebody could go, in figures', () => {
    const points = [desk('a', 96), desk('b', 0, ['Sáu', 'Bảy'])];
    const [came, late] = ideasOf({ points, proposals: [idea('Sáu', 1112), idea('Bảy', 0)] });
    expect(came?.why).toEqual([
      'Điểm a: chờ 1 giờ 36 phút, 8 người đang chờ',
      'Điểm b: chờ dưới 1 phút, có 2 người trực, cần 1',
      'Cách nhau 1,1 km',
    ]);
    expect(late?.why.at(-1)).toBe('Có tên trong ca, chưa điểm danh');
    expect(sayDistance(350)).toBe('350 m');
  });

  it('leaves out what is about a desk that is not shown', () => {
    expect(ideasOf({ points: [desk('a', 96)], proposals: [idea('Sáu', 0)] })).toEqual([]);
  });
});
