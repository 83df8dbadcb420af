import { describe, expect, it } from 'vitest';
import type { Shift } from '@/wire';
import { gridOf } from './days';
import { see } from './mine.svelte';
import { readAlerts, sayWeekdays } from './rules';

const on = (id: string, offered = false) => ({
  member: { id, name: id },
  source: 'assigned' as const,
  offered,
});
const shift = (...people: Shift['people']): Shift => ({
  id: 's',
  point: { id: 'p', name: 'Một cửa' },
  place_id: '63-21553',
  day: '2024-10-14',
  starts_at: '2024-10-14T07:00:00+07:00',
  ends_at: '2024-10-14T11:30:00+07:00',
  people_min: 2,
  people_max: 3,
  skills: [],
  cancelled: false,
  missing: 1,
  people,
});

describe('a shift as it is seen on the phone', () => {
  it('is as the server said while nothing waits', () => {
    expect(see(shift(on('a')), 'a', [])).toMatchObject({ stands: true, offered: false, pending: false });
    expect(see(shift(on('b', true)), 'a', [])).toMatchObject({ stands: false, wanted: true });
  });
  it('shows what was done without a network at once', () => {
    expect(see(shift(), 'a', ['sign_up'])).toMatchObject({ stands: true, pending: true });
    expect(see(shift(on('a')), 'a', ['offer'])).toMatchObject({ stands: true, offered: true });
    expect(see(shift(on('a')), 'a', ['offer', 'keep'])).toMatchObject({ offered: false });
    expect(see(shift(on('a', true)), 'a', ['leave'])).toMatchObject({ stands: false, offered: false });
  });
});

describe('a week as a table', () => {
  const at = (day: string, time: string, point = 'p', cancelled = false): Shift => ({
    ...shift(),
    id: `${point}${day}${time}`,
    point: { id: point, name: point },
    day,
    starts_at: `${day}T${time}:00+07:00`,
    cancelled,
  });
  it('has a row for each point and half-day, and a column for each weekday that is ever worked', () => {
    const all = [
      at('2024-10-14', '13:30'),
      at('2024-10-14', '07:00'),
      at('2024-10-16', '07:00', 'a'),
      at('2024-10-17', '07:00', 'a', true),
      at('2024-10-25', '07:00'),
    ];
    const { rows, days } = gridOf(all, '2024-10-14');
    expect(days.map(({ day }) => day)).toEqual(['2024-10-14', '2024-10-16', '2024-10-18']);
    expect(rows.map(({ point, half }) => `${point.id} ${half}`)).toEqual([
      'a morning',
      'p morning',
      'p afternoon',
    ]);
    expect(rows[1]?.cells.get(1)?.map(({ id }) => id)).toEqual(['p2024-10-1407:00']);
    expect(rows[0]?.cells.get(4)).toBeUndefined();
  });
});

describe('rules as people read and type them', () => {
  it('names runs of days, and reads hours', () => {
    expect(sayWeekdays([7, 3, 1, 2, 5])).toBe('Thứ Hai–Thứ Tư, Thứ Sáu, Chủ nhật');
    expect(readAlerts('72, 24')).toEqual([72, 24]);
    expect(readAlerts(' ')).toEqual([]);
    for (const text of ['0', '337', 'mai', '1.5', '1,2,3,4,5']) expect(readAlerts(text), text).toBeNull();
  });
});
