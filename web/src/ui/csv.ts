/**
 * A table as a file for Excel. Vietnam writes a decimal comma, and Excel there expects semicolons between columns; the
 * mark at the start tells it that the text is UTF-8.
 */
const BYTE_ORDER_MARK = '\ufeff';

export type Cell = string | number | null;

/** A text that a spreadsheet would run as a formula is made harmless by a leading apostrophe. */
function cell(value: Cell): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value).replace('.', ',');
  const safe = /^[=+\-@\t]/.test(value) ? `'${value}` : value;
  return /[";\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

export const csv = (rows: Cell[][]): string =>
  BYTE_ORDER_MARK + rows.map((row) => row.map(cell).join(';')).join('\r\n') + '\r\n';
