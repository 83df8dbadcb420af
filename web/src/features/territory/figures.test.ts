import { beforeAll, describe, expect, it } from 'vitest';
import { loadWords } from '@/i18n/words.svelte';
import type { Figure, Grant, Role } from '@/wire';
import {
  figureOf,
  figuresLink,
  mayEnterFigures,
  maySeeFigures,
  readFigure,
  sayOrigin,
  withoutFigure,
} from './figures';

beforeAll(() => loadWords('territory'));

const grant = (role: Role, path: string): Grant => ({
  role,
  place: { id: 'x', code: '', level: 'province', kind: '', name: 'X', full_name: 'X', path },
  team: null,
});
const population: Figure = {
  place: 'a',
  figure: 'population',
  value: 12_500,
  as_of: '2023-12-31',
  source: 'Niên giám',
};

describe('figures', () => {
  it('are seen by officers of the place and entered by the province', () => {
    const place = { path: 'VN/63-52/a/' };
    expect(maySeeFigures([grant('leader', 'VN/63-52/a/')], place)).toBe(false);
    expect(maySeeFigures([grant('commune_officer', 'VN/63-52/a/')], place)).toBe(true);
    expect(maySeeFigures([grant('commune_officer', 'VN/63-52/b/')], place)).toBe(false);
    expect(mayEnterFigures([grant('commune_officer', 'VN/63-52/a/')], place)).toBe(false);
    expect(mayEnterFigures([grant('province_officer', 'VN/63-52/')], place)).toBe(true);
  });
  it('say where they come from, and which places lack one', () => {
    expect(sayOrigin(population)).toBe('ngày 31/12/2023 · Niên giám');
    expect(figureOf([population], 'a', 'households')).toBeUndefined();
    expect(withoutFigure([{ id: 'a' }, { id: 'b' }], [population], 'population')).toEqual([{ id: 'b' }]);
  });
  it('have an address each', () => {
    expect(figuresLink('63-52', 'households')).toBe('/dia-ban/63-52/so-lieu?figure=households');
    expect(readFigure('households')).toBe('households');
    expect(readFigure('made_up')).toBe('population');
  });
});
