import { describe, expect, it } from 'vitest';
import { wireTime } from '@/i18n/format';
import { freshClock, NOW_MS } from './testing';

const YEAR_MS = 365 * 86_400_000;

describe('clock', () => {
  it('gives the server time on a phone that is a year ahead', () => {
    const { clock, phone } = freshClock(NOW_MS + YEAR_MS);
    clock.learn('2024-10-13T08:05:00+07:00', phone.ms, phone.ms);
    expect(clock.wireNow()).toBe('2024-10-13T08:05:00+07:00');
    expect(clock.today()).toBe('2024-10-13');
    phone.ms += 60_000;
    expect(clock.wireNow()).toBe('2024-10-13T08:06:00+07:00');
  });

  it('takes the server to have answered half-way through the round trip', () => {
    const { clock } = freshClock(NOW_MS);
    clock.learn(wireTime(NOW_MS), NOW_MS - 4_000, NOW_MS);
    expect(clock.offsetMs()).toBe(2_000);
  });

  it('keeps a close reading when a later one took too long to mean much', () => {
    const { clock } = freshClock(NOW_MS);
    clock.learn(wireTime(NOW_MS + 5_000), NOW_MS, NOW_MS);
    clock.learn(wireTime(NOW_MS + 60_000), NOW_MS - 50_000, NOW_MS);
    expect(clock.offsetMs()).toBe(5_000);
  });

  it('ignores a time it cannot read', () => {
    const { clock } = freshClock(NOW_MS);
    clock.learn('tomorrow', NOW_MS, NOW_MS);
    expect(clock.offsetMs()).toBe(0);
  });
});
