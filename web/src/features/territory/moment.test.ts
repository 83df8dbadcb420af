import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadWords } from '@/i18n/words.svelte';
import { isDay, MANNERS, territoryLink, validity } from './moment';

beforeAll(() => loadWords('territory'));

describe('how long something was in force', () => {
  it('says the last day that was, not the first that was not', () => {
    expect(validity({ valid_from: null, valid_to: '2025-07-01' })).toBe('đến hết 30/06/2025');
    expect(validity({ valid_from: '2025-07-01', valid_to: null })).toBe('từ 01/07/2025 đến nay');
    expect(validity({ valid_from: '2025-07-01', valid_to: '2026-09-01' })).toBe(
      'từ 01/07/2025 đến hết 31/08/2026',
    );
    expect(validity({ valid_from: null, valid_to: null })).toBe('từ trước đến nay');
  });
});

describe('the address of a search', () => {
  it('keeps what was asked and leaves out what was not', () => {
    expect(territoryLink('/dia-ban', { q: 'hoài nhơn', on: null })).toBe('/dia-ban?q=ho%C3%A0i+nh%C6%A1n');
    expect(territoryLink('/dia-ban', { q: '', on: '2025-06-30' })).toBe('/dia-ban?on=2025-06-30');
    expect(territoryLink('/dia-ban', {})).toBe('/dia-ban');
  });
  it('takes only days that look like days', () => {
    expect(isDay('2025-06-30')).toBe(true);
    expect(isDay('30/06/2025')).toBe(false);
    expect(isDay(null)).toBe(false);
  });
});

it('has words for every manner the unit table knows', () => {
  const source = readFileSync('../crates/vn/src/units/kind.rs', 'utf8');
  const body = source.slice(source.indexOf('The stored form: `part_area`'));
  const codes = [...body.slice(0, body.indexOf('Reads')).matchAll(/=> "(\w+)"/g)].map((found) => found[1]);
  expect(codes.length).toBeGreaterThan(5);
  expect(Object.keys(MANNERS).sort()).toEqual(codes.sort());
});
