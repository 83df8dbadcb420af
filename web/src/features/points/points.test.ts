import { describe, expect, it } from 'vitest';
import { readHours, sayHours } from './points';

describe('opening hours as people type them', () => {
  it('reads the usual ways of writing an hour', () => {
    const morning = { from: '07:30', to: '11:30' };
    expect(readHours('7:30-11:30, 13h30 – 17h')).toEqual([morning, { from: '13:30', to: '17:00' }]);
    expect(readHours('')).toEqual([]);
    expect(sayHours([morning])).toBe('07:30–11:30');
    expect(readHours(sayHours([morning]))).toEqual([morning]);
  });
  it('refuses what is no time, runs backwards or overlaps', () => {
    for (const text of ['sáng', '25-26', '11-7', '7-12, 11-13', '7:75-9'])
      expect(readHours(text), text).toBeNull();
  });
});
