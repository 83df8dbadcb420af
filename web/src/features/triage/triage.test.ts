import { describe, expect, it } from 'vitest';
import { procedureOf, procedures, searchProcedures, type Held } from './procedures';
import { answered, checklistAddress, triage } from './triage';

const all: Held[] = ['card', 'papers', 'phone', 'sim'];
const outcome = (code: string, held: Held[], now = false) => {
  const { kind, ...rest } = triage({ code, link: 'https://dichvucong.gov.vn' }, { held, now });
  return 'missing' in rest ? `${kind} ${rest.missing.join(' ')}` : kind;
};

describe('triage', () => {
  const VECTORS: [string, string, Held[], boolean, string][] = [
    ['a birth with everything at hand can be done at home', '1.001193', all, false, 'online'],
    ['or here, if it has to be today', '1.001193', all, true, 'counter'],
    ['without a phone it is for the counter', '1.001193', ['card', 'papers'], false, 'counter'],
    ['without a SIM in their own name, too', '1.001193', ['card', 'papers', 'phone'], false, 'counter'],
    ['papers are missing', '1.001193', ['card'], false, 'come_back papers'],
    ['who files from home brings no papers', '1.001193', ['card', 'phone', 'sim'], false, 'online'],
    ['both have to be there to marry', '1.000894', all, false, 'counter'],
    [
      'a signature is certified with the card',
      '2.000884',
      ['papers', 'phone', 'sim'],
      false,
      'come_back card',
    ],
    ['VNeID is activated here, on their own phone', 'x-vneid-2', ['card', 'phone', 'sim'], false, 'here'],
    ['but not with a SIM of somebody else', 'x-vneid-2', ['card', 'phone'], false, 'come_back sim'],
    ['nor with nothing', 'x-vneid-2', [], true, 'come_back phone card sim'],
    ['land goes to a counter', 'x-bien-dong-dat', all, false, 'counter'],
    ['what nobody knows goes to a counter', 'unheard-of', ['papers'], false, 'counter'],
  ];
  for (const [about, code, held, now, expected] of VECTORS)
    it(about, () => {
      expect(outcome(code, held, now)).toBe(expected);
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
