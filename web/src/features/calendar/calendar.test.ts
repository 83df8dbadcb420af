import { describe, expect, it } from 'vitest';
import type { Activity } from '@/wire';
import { addMonths, byDay, entriesOf, weeksOfMonth } from './days';
import { beforeItsTurn, stepsOf } from './playbook';
import { firstOn, readRule, ruleOf } from './rule';

const step = (code: string) => ({ code, title: code, evidence: 'tick' as const });
const one = (day: string, at = `${day}T07:30:00+07:00`, cancelled = false) => ({
  day,
  starts_at: at,
  ends_at: at,
  moved: false,
  cancelled,
  note: '',
});
const activity = (id: string, occurrences: Activity['occurrences']) =>
  ({ id, title: id, cancelled: false, occurrences }) as unknown as Activity;

describe('days', () => {
  it('lays a month out in whole weeks', () => {
    const weeks = weeksOfMonth('2024-09-15');
    expect(weeks).toHaveLength(6);
    expect([weeks[0]?.[0], weeks[5]?.[6]]).toEqual(['2024-08-26', '2024-10-06']);
    expect(addMonths('2024-12-31', 1)).toBe('2025-01-01');
  });
  it('files a moved day under the day it really takes place on', () => {
    const moved = one('2024-10-27', '2024-10-26T23:30:00+07:00');
    const found = byDay(
      entriesOf([activity('a', [moved, one('2024-10-20', undefined, true)])], '2024-10-20', '2024-10-26'),
    );
    expect([...found.keys()]).toEqual(['2024-10-20', '2024-10-26']);
    expect(found.get('2024-10-20')?.[0]?.off).toBe(true);
  });
});

describe('recurrence in plain words', () => {
  const until = '2024-12-29';
  it('ends with the last day in Vietnam, and is read back', () => {
    const rule = ruleOf({ repeat: 'weekly', weekdays: [7], until });
    expect(rule).toBe('FREQ=WEEKLY;BYDAY=SU;UNTIL=20241229T165959Z');
    expect(readRule(rule, '2024-10-13')).toEqual({ repeat: 'weekly', weekdays: [7], until });
    expect(readRule('FREQ=DAILY;UNTIL=20241229T170000Z', '2024-10-13').until).toBe('2024-12-30');
    expect(ruleOf({ repeat: 'none', weekdays: [7], until })).toBe('');
    expect(readRule('', '2024-10-13').repeat).toBe('none');
  });
  it('keeps several weekdays, and begins on the first of them', () => {
    const rule = 'FREQ=WEEKLY;BYDAY=TH,TU;UNTIL=20241229T165959Z';
    expect(readRule(rule, '2024-10-15')).toEqual({ repeat: 'weekly', weekdays: [2, 4], until });
    expect(ruleOf({ repeat: 'weekly', weekdays: [2, 4], until })).toContain('BYDAY=TU,TH;');
    expect(firstOn('2024-10-13', [2, 4])).toBe('2024-10-15');
    expect(firstOn('2024-10-17', [2, 4])).toBe('2024-10-17');
    expect(readRule('FREQ=WEEKLY;UNTIL=20241229T165959Z', '2024-10-13').weekdays).toEqual([7]);
  });
  it('leaves alone what it cannot say', () => {
    for (const rule of [
      'FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;UNTIL=20241229T165959Z',
      'FREQ=MONTHLY;BYDAY=2SU;UNTIL=20241229T165959Z',
      'FREQ=WEEKLY;BYDAY=SU;COUNT=8',
      'FREQ=YEARLY;UNTIL=20301229T165959Z',
    ])
      expect(readRule(rule, '2024-10-13').repeat).toBe('own');
  });
});

describe('a playbook', () => {
  const steps = [step('parade'), step('leaflets'), step('work')];
  it('says which step a later one would overtake', () => {
    expect(beforeItsTurn(steps, new Set(), 'parade')).toBeNull();
    expect(beforeItsTurn(steps, new Set(['parade']), 'work')?.code).toBe('leaflets');
    expect(beforeItsTurn(steps, new Set(['parade', 'leaflets']), 'work')).toBeNull();
  });
  it('keeps the codes of steps that keep their words', () => {
    const edited = stepsOf('work\n\n Dọn dẹp \nparade', steps);
    expect(edited.map(({ code }) => code)).toEqual(['work', 'b1', 'parade']);
    expect(stepsOf('Mới', edited).map(({ code }) => code)).toEqual(['b2']);
  });
});
