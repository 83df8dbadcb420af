import { describe, expect, it } from 'vitest';
import { periodOf } from './periods';

describe('periods', () => {
  it('end today or with the month before', () => {
    expect(periodOf('year', '2024-10-13')).toEqual({ first: '2024-01-01', last: '2024-10-13' });
    expect(periodOf('half', '2024-10-13')).toEqual({ first: '2024-04-14', last: '2024-10-13' });
    expect(periodOf('month', '2024-03-31')).toEqual({ first: '2024-02-01', last: '2024-02-29' });
    expect(periodOf('month', '2024-01-01')).toEqual({ first: '2023-12-01', last: '2023-12-31' });
  });
});
