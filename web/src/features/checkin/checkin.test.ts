import { expect, test } from 'vitest';
import { codeAt, readShown, stepOf, writeShown } from './code';
import { distanceM } from './near';

const hex = (text: string) =>
  [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, '0')).join('');

test('codes are those of RFC 6238, appendix B, for SHA-256', async () => {
  const secret = hex('12345678901234567890123456789012');
  for (const [unix, long] of [
    [59, '46119246'],
    [1111111109, '68084774'],
    [20000000000, '77737706'],
  ] as const) {
    const step = stepOf(unix * 1000, 30);
    expect(await codeAt(secret, step, 8)).toBe(long);
    expect(await codeAt(secret, step, 6)).toBe(long.slice(2));
  }
});

test('what a point shows is read back, and nothing else is', () => {
  const shown = {
    kind: 'point' as const,
    id: '01928000-0000-7000-8000-00000000d0d0',
    place: '63-21553',
    step: 57_625_920,
    code: '004217',
  };
  const text = writeShown(shown);
  expect(readShown(text)).toEqual(shown);
  expect(text.length).toBeLessThan(64);
  expect(readShown(text.replace('CS1', 'CS2'))).toEqual({ ...shown, kind: 'activity' });
  for (const other of ['https://example.vn', `${text}.x`, text.replace('CS1', 'CS3'), text.slice(0, -1), ''])
    expect(readShown(other)).toBeNull();
});

test('distances are right to a few metres in a town', () => {
  const centre: [number, number] = [13_782_000, 109_219_000];
  expect(distanceM(centre, [13_783_000, 109_219_000])).toBeCloseTo(111, 0);
  expect(distanceM(centre, [13_782_000, 109_220_000])).toBeCloseTo(108, 0);
});
