import { expect, it } from 'vitest';
import type { Availability } from '@/wire';
import { availabilityOf, learnAvailability, sayAvailability, sendAvailability } from './availability';
import { freshDb, OFFLINE } from './testing';

const said = (perWeek: number): Availability => ({
  free: [{ weekday: 1, half: 'morning' }],
  prefers: [],
  away: [],
  per_week_max: perWeek,
  per_month_max: 8,
});
const taken = { ok: true as const, data: {} };

it('keeps what was said until the server has it, and then hears of changes from elsewhere', async () => {
  const db = freshDb();
  await sayAvailability(db, 'an', said(2));
  await learnAvailability(db, 'an', said(5));
  await sendAvailability(db, () => Promise.resolve(OFFLINE), 'an');
  expect(await availabilityOf(db, 'an')).toEqual({ said: said(2), pending: true });
  const sent: Availability[] = [];
  const put = (what: Availability) => {
    sent.push(what);
    return Promise.resolve(taken);
  };
  await sendAvailability(db, put, 'an');
  await sendAvailability(db, put, 'an');
  expect(sent).toEqual([said(2)]);
  await learnAvailability(db, 'an', said(5));
  expect(await availabilityOf(db, 'an')).toEqual({ said: said(5), pending: false });
  expect(await availabilityOf(db, 'binh')).toBeNull();
});

it('sends again what was changed while it was on its way', async () => {
  const db = freshDb();
  await sayAvailability(db, 'an', said(2));
  const meanwhile = async () => {
    await sayAvailability(db, 'an', said(3));
    return taken;
  };
  await sendAvailability(db, meanwhile, 'an');
  expect(await availabilityOf(db, 'an')).toEqual({ said: said(3), pending: true });
});
