/**
 * Vietnamese text for machines: what is stored and what is searched. The same rules live in crates/vn; the vectors
 * in fold.test.ts keep the two in step.
 */

/** NFC, one kind of apostrophe and space, no invisible characters, and the Icelandic Ð (U+00D0) made Vietnamese. */
export function normalise(text: string): string {
  return text
    .normalize('NFC')
    .replace(/\u00d0/g, 'Đ')
    .replace(/\u00f0/g, 'đ')
    .replace(/[\u2018\u2019\u02bc]/g, "'")
    .replace(/[\u200b-\u200d\ufeff]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The search key: without tone marks, lower case, single-spaced. */
export function fold(text: string): string {
  return normalise(text)
    .toLowerCase()
    .replace(/đ/g, 'd')
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '');
}

/** Every word asked for starts some word of the text, in any order: "hoat kich" finds "Kích hoạt". */
export function matches(query: string, text: string): boolean {
  const words = fold(text).split(/[^a-z0-9']+/);
  return fold(query)
    .split(' ')
    .every((asked) => words.some((word) => word.startsWith(asked)));
}

let collator: Intl.Collator | undefined;
/** The order of the dictionary. Made at its first use: on a slow phone it costs as much as a screen. */
export const compareVi = (a: string, b: string): number =>
  (collator ??= new Intl.Collator('vi')).compare(a, b);
