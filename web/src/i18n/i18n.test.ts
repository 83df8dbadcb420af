import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fold, matches, normalise } from './fold';
import * as format from './format';
import { setLanguage, t } from './words.svelte';

const SRC = join(import.meta.dirname, '..');

function* files(folder: string): Generator<string> {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* files(path);
    else yield path;
  }
}
const all = [...files(SRC)];
const json = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
const catalogues = all.filter((path) => path.endsWith('/vi.json'));
const code = all.filter((path) => /\.(?:svelte|ts)$/.test(path) && !/\.test\.ts$|testing\.ts$/.test(path));
const sources = new Map(code.map((path) => [path, readFileSync(path, 'utf8')]));

describe('catalogues', () => {
  it.each(catalogues)('%s says the same in English, with the same parameters', (path) => {
    const vi = json(path);
    const en = json(path.replace('/vi.json', '/en.json'));
    expect(Object.keys(en).sort()).toEqual(Object.keys(vi).sort());
    const params = (text: string) =>
      [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))].sort();
    for (const [key, text] of Object.entries(vi))
      expect([key, params(en[key] ?? '')]).toEqual([key, params(text)]);
  });

  it('hold no sentence that nothing says', () => {
    const everything = [...sources.values()].join('\n');
    const unused = catalogues
      .flatMap((path) => Object.keys(json(path)))
      .filter((key) => !everything.includes(`'${key}'`) && !everything.includes(`"${key}"`));
    expect(unused).toEqual([]);
  });

  it('hold every sentence that is said', () => {
    const known = new Set(catalogues.flatMap((path) => Object.keys(json(path))));
    const said = [...sources].flatMap(([path, text]) =>
      [...text.matchAll(/\bt\(\s*['"]([\w.]+)['"]/g)].map(([, key]) => [path, key ?? '']),
    );
    expect(said.filter(([, key]) => !known.has(key ?? ''))).toEqual([]);
  });

  it('hold every Vietnamese word: none is left in code', () => {
    const VIETNAMESE = /[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]/i;
    const left = [...sources].flatMap(([path, text]) =>
      text
        .replace(/\/\*[\s\S]*?\*\/|<!--[\s\S]*?-->|(^|[^:])\/\/.*$/gm, '')
        .split('\n')
        .filter((line) => VIETNAMESE.test(line) && !path.endsWith('/fold.ts'))
        .map((line) => `${path}: ${line.trim()}`),
    );
    expect(left).toEqual([]);
  });

  it('speak English on request, with a plural', async () => {
    await setLanguage('en');
    expect(t('sync.all_sent')).toBe('All sent');
    expect([1, 2].map((n) => t('ago.minutes', { n }))).toEqual(['1 minute ago', '2 minutes ago']);
    await setLanguage('vi');
    expect(t('ago.minutes', { n: 2 })).toBe('2 phút trước');
  });
});

describe('format', () => {
  it('writes numbers the Vietnamese way', () => {
    expect(format.formatNumber(294021)).toBe('294.021');
    expect(format.formatNumber(294021.5, 1)).toBe('294.021,5');
    expect(format.formatPercent(75.6)).toBe('75,6%');
    expect(format.formatPermille(400)).toBe('40%');
  });
  it('writes days and times of Vietnam, whatever zone the phone is in', () => {
    const ms = Date.parse('2026-01-04T23:30:00Z');
    expect(format.dayOf(ms)).toBe('2026-01-05');
    expect(format.formatDay('2026-01-05')).toBe('05/01/2026');
    expect(format.formatTime(ms)).toBe('06:30');
    expect(format.wireTime(ms)).toBe('2026-01-05T06:30:00+07:00');
    expect(format.fromLocalInput(format.toLocalInput(ms))).toBe(ms);
  });
  it('reads whole numbers as they are written, and nothing else', () => {
    for (const text of ['12500', '12.500', ' 12 500 ']) expect(format.parseWhole(text)).toBe(12_500);
    for (const text of ['', '12,5', '12,500', '1.25', '-3', 'nhiều'])
      expect(format.parseWhole(text)).toBeNull();
  });
  it('starts the week on Monday', () => {
    expect(format.weekdayOf('2024-10-13')).toBe(7);
    expect(format.mondayOf('2024-10-13')).toBe('2024-10-07');
    expect(format.formatDayNear('2024-10-13', '2024-10-20')).toBe('Chủ nhật, 13/10/2024');
    expect(format.formatDayNear('2024-10-13', '2024-10-14')).toBe('Hôm qua');
  });
});

describe('folding', () => {
  it('agrees with the vectors of crates/vn', () => {
    expect(fold('Hòa Hiệp Bắc')).toBe('hoa hiep bac');
    expect(fold('Hoà Hiệp Bắc')).toBe('hoa hiep bac');
    expect(fold('Đặng Thị Ðào')).toBe('dang thi dao');
    expect(fold('Cư M’gar')).toBe("cu m'gar");
    expect(normalise('ÐOÀN\u00a0 TNCS'.normalize('NFD'))).toBe('ĐOÀN TNCS');
  });
  it('finds words by their beginnings in any order', () => {
    expect(matches('hoat kich', 'Kích hoạt VNeID')).toBe(true);
    expect(matches('oat', 'Kích hoạt VNeID')).toBe(false);
  });
});
