import { describe, expect, it } from 'vitest';
import cases from '../../../../crates/domain/data/triage_cases.json';
import { procedureOf, procedures, searchProcedures, type Held } from './procedures';
import { answered, checklistAddress, readAnswered, triage } from './triage';

const outcome = (code: string, held: Held[], now: boolean) => {
  const { kind, ...rest } = triage({ code, link: 'https://dichvucong.gov.vn' }, { held, now });
  return { kind, missing: 'missing' in rest ? rest.missing : [] };
};

describe('triage', () => {
  it.each(cases)('$name', ({ code, held, now, outcome: kind, missing }) => {
    expect(outcome(code, held as Held[], now)).toEqual({ kind, missing });
  });

  it('writes onto a ticket what was answered, and nothing about who', () => {
    const wanted = ['1.001193', '2.000815']
      .map((code) => procedureOf(code))
      .filter((one) => one !== undefined);
    expect(answered(wanted, { held: ['card', 'papers'], now: true })).toEqual({
      held: ['card', 'papers'],
      now: true,
      outcomes: { '1.001193': 'counter', '2.000815': 'counter' },
    });
    const kept = answered(wanted, { held: ['card'], now: false });
    expect(readAnswered(kept)).toEqual(kept);
    expect([readAnswered(null), readAnswered('x'), readAnswered({ answers: ['copy'] })]).toEqual([
      null,
      null,
      null,
    ]);
    expect(checklistAddress(wanted)).toBe('/chuan-bi/1.001193+2.000815');
  });
});

describe('procedures', () => {
  const first = (query: string) => searchProcedures(procedures, query)[0]?.code;
  it('are found without tones, by name and as people call them', () => {
    expect(first('khai sinh')).toBe('1.001193');
    expect(first('doc than')).toBe('1.004873');
    expect(first('len tho cu')).toBe('x-bien-dong-dat');
    expect(first('phô tô')).toBe('2.000815');
    expect(first('nothing like it')).toBeUndefined();
  });
  it('have names that fit where they stand', () => {
    for (const { name, checklist } of procedures) {
      expect(name.length).toBeLessThanOrEqual(90);
      expect(checklist.length).toBeLessThanOrEqual(4);
    }
  });
});
