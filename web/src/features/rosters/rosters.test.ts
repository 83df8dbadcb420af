import { describe, expect, it } from 'vitest';
import type { Shift } from '@/wire';
import { see } from './mine.svelte';

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
