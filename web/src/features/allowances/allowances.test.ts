import { describe, expect, it } from 'vitest';
import type { AllowancePolicy } from '@/wire';
import { addMonths, heldIn, lastYear, sayMonth } from './months';

describe('months', () => {
  it('go on over the end of a year, both ways', () => {
    expect(addMonths('2024-12-01', 1)).toBe('2025-01-01');
    expect(addMonths('2024-01-01', -1)).toBe('2023-12-01');
    expect(lastYear('2024-03-15')).toHaveLength(12);
    expect(lastYear('2024-03-15').at(-1)).toBe('2023-04-01');
    expect(sayMonth('2024-09-01')).toBe('09/2024');
  });
  it('know which policies held in them', () => {
    const policy = { valid_from: '2024-02-15', valid_to: '2024-04-01' } as AllowancePolicy;
    const held = ['2024-01-01', '2024-02-01', '2024-03-01', '2024-04-01'].filter((m) => heldIn(policy, m));
    expect(held).toEqual(['2024-02-01', '2024-03-01']);
    expect(heldIn({ ...policy, valid_to: null }, '2030-01-01')).toBe(true);
  });
});
