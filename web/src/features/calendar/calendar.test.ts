import { describe, expect, it } from 'vitest';
import type { Activity } from '@/wire';
import { addMonths, byDay, entriesOf, weeksOfMonth } from './days';
import { beforeItsTurn, stepsOf } from './playbook';
import { readRule, ruleOf } from './rule';

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
  it('ends with the last day in Vietnam, and is read back', () => {
    const rule = ruleOf('weekly', '2024-10-13', '2024-12-29');
    expect(rule).toBe('FREQ=WEEKLY;BYDAY=SU;UNTIL=20241229T165959Z');
    expect(readRule(rule)).toEqual({ repeat: 'weekly', until: '2024-12-29' });
    expect(ruleOf('none', '2024-10-13', '2024-12-29')).toBe('');
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
