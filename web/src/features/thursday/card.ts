/**
 * The QR on an identity card, read on this phone and nowhere else: no request carries it, nothing stores it.
 * The same rules as `vn::card`; crates/vn/data/cards.json holds both to the same answers.
 */
import { normalise } from '@/i18n/fold';

export type Sex = 'male' | 'female';
/** What to compare with the card; never a reason to refuse. */
export type CardDoubt = 'letters' | 'sex' | 'number_sex' | 'number_year' | 'number_place';
/** The first field that is wrong; then people type. */
export type CardFault = 'fields' | 'number' | 'name' | 'born';

export interface Card {
  number: string;
  old_number: string | null;
  name: string;
  /** `1991-03-05`, as the other days. */
  born_on: string;
  sex: Sex | null;
  address: string;
  issued_on: string | null;
  doubts: CardDoubt[];
}

/** Those of 2024 carry more, names of relatives perhaps: dropped unread. */
const FIELDS_READ = 7;
const FIELDS_MIN = 6;
const CHARS_MAX = 200;
/** Codes of the 63 provinces that registered births until 30/06/2025; from 100 on they are countries. */
const BIRTHPLACES = new Set(
  (
    '1 2 4 6 8 10 11 12 14 15 17 19 20 22 24 25 26 27 30 31 33 34 35 36 37 38 40 42 44 45 46 48 49 51 52 54 56 58 ' +
    '60 62 64 66 67 68 70 72 74 75 77 79 80 82 83 84 86 87 89 91 92 93 94 95 96'
  )
    .split(' ')
    .map(Number),
);

export function readCard(raw: string): Card | CardFault {
  const fields = raw.trim().split('|', FIELDS_READ);
  if (fields.length < FIELDS_MIN) return 'fields';
  const [first = '', old = '', rawName = '', born = '', rawSex = '', rawAddress = '', issued = ''] = fields;
  const number = digitsOf(first);
  if (number?.length !== 12) return 'number';
  const [name, sexWord, address] = [mended(rawName), mended(rawSex), mended(rawAddress)];
  const bornOn = readDay(born);
  if (bornOn === null) return 'born';
  if (!isName(name.text)) return 'name';
  const sex = sexOf(sexWord.text);
  const letters = [name, sexWord, address].some(({ doubtful }) => doubtful);
  const oldNumber = digitsOf(old);
  return {
    number,
    old_number: oldNumber?.length === 9 ? oldNumber : null,
    name: name.text,
    born_on: bornOn,
    sex,
    address: [...address.text].slice(0, CHARS_MAX).join(''),
    issued_on: readDay(issued),
    doubts: [
      ...(letters ? (['letters'] as const) : []),
      ...(sex === null ? (['sex'] as const) : []),
      ...numberDoubts(number, sex, bornOn),
    ],
  };
}

/** What the number says besides, where it disagrees. */
export function numberDoubts(number: string, sex: Sex | null, bornOn: string | null): CardDoubt[] {
  if (!/^\d{12}$/.test(number)) return [];
  const place = Number(number.slice(0, 3));
  const century = Number(number[3]);
  const year = 1900 + 100 * Math.floor(century / 2) + Number(number.slice(4, 6));
  const doubts: CardDoubt[] = [];
  if (place < 100 && !BIRTHPLACES.has(place)) doubts.push('number_place');
  if (sex !== null && sex !== (century % 2 === 0 ? 'male' : 'female')) doubts.push('number_sex');
  if (bornOn !== null && Number(bornOn.slice(0, 4)) !== year) doubts.push('number_year');
  return doubts;
}

interface Mended {
  text: string;
  doubtful: boolean;
}

/** Puts right what was UTF-8 and was read as Windows-1252, a byte a letter. */
function mended(raw: string): Mended {
  const bytes = [...raw].map(byteIn1252);
  const undone = bytes.every((byte) => byte !== null) ? utf8(bytes) : null;
  if (undone !== null && undone !== raw) return { text: normalise(undone), doubtful: true };
  return { text: normalise(raw), doubtful: WRECKAGE.test(raw) };
}

/** Letters that no Vietnamese word has, and that stand where one was lost. */
const WRECKAGE = /[\ufffd?\u0080-\u009f¡-¿ÄÅÆ]/u;
const HIGH_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

function byteIn1252(letter: string): number | null {
  const at = HIGH_1252.indexOf(letter);
  if (at >= 0) return 0x80 + at;
  const code = letter.codePointAt(0) ?? 0;
  return code < 0x100 ? code : null;
}

function utf8(bytes: number[]): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
  } catch {
    return null;
  }
}

/** Spaces, dots and dashes between digits do not matter. */
function digitsOf(raw: string): string | null {
  const digits = normalise(raw).replace(/[ .-]/g, '');
  return /^\d+$/.test(digits) ? digits : null;
}

const isName = (text: string): boolean =>
  /\p{Alphabetic}/u.test(text) && !/[0-9]/.test(text) && [...text].length <= CHARS_MAX;

function sexOf(word: string): Sex | null {
  const lower = word.toLowerCase();
  return lower === 'nam' ? 'male' : lower === 'n\u1eef' ? 'female' : null;
}

/** `ddMMyyyy` or `dd/mm/yyyy`, as a day that there is. */
export function readDay(raw: string): string | null {
  const text = raw.trim();
  const parts = /^(\d{2})(\d{2})(\d{4})$/.exec(text) ?? /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text);
  if (parts === null) return null;
  const [, day = '', month = '', year = ''] = parts;
  const found = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const moment = new Date(`${found}T00:00:00Z`);
  return !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(found) ? found : null;
}
