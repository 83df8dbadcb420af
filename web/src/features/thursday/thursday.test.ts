import { describe, expect, it } from 'vitest';
import cards from '../../../../crates/vn/data/cards.json';
import { numberDoubts, readCard, readDay } from './card';

describe('cards', () => {
  for (const { about, raw, ...expected } of cards as {
    about: string;
    raw: string;
    card?: object;
    fault?: string;
  }[])
    it(`are read as the server's library reads them: ${about}`, () => {
      expect(readCard(raw)).toEqual(expected.card ?? expected.fault);
    });
  it('say nothing of what follows the seventh field', () => {
    const seven = '052191000123||Nguyễn Thị An|05031991|Nữ|An Tân|10052021';
    expect(readCard(`${seven}|Nguyễn Văn Cha|052160000001|\ufffd`)).toEqual(readCard(seven));
  });
  it('leave typed numbers of another length alone', () => {
    expect(numberDoubts('215000111', 'male', '1991-03-05')).toEqual([]);
  });
});

describe('days', () => {
  it('are read both ways, and only those that there are', () => {
    expect([readDay('05031991'), readDay('5/3/1991'), readDay('29/02/2024')]).toEqual([
      '1991-03-05',
      '1991-03-05',
      '2024-02-29',
    ]);
    expect([readDay('29022023'), readDay('1991-03-05'), readDay(''), readDay('00000000')]).toEqual([
      null,
      null,
      null,
      null,
    ]);
  });
});
