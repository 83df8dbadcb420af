/**
 * The ranking as a file for Excel. Vietnam writes a decimal comma, and Excel there expects semicolons between
 * columns; the mark at the start tells it that the text is UTF-8.
 */
import { formatDay } from '@/i18n/format';
import { t } from '@/i18n/words.svelte';
import { PACES } from './paces';
import { childName, standingOf } from './ranking';
import type { ProgressPage } from '@/wire';

const BYTE_ORDER_MARK = '\ufeff';

/** A text that a spreadsheet would run as a formula is made harmless by a leading apostrophe. */
function cell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value).replace('.', ',');
  const safe = /^[=+\-@\t]/.test(value) ? `'${value}` : value;
  return /[";\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

export function progressCsv(page: ProgressPage): string {
  const head = [t('progress.csv_unit'), t('progress.csv_code')];
  for (const { indicator } of page.indicators) {
    const name = indicator.short_name;
    const ratio = indicator.kind === 'ratio';
    head.push(t(ratio ? 'progress.csv_rate' : 'progress.csv_result', { name }));
    head.push(t(ratio ? 'progress.csv_rate_target' : 'progress.csv_target', { name }));
    head.push(t('progress.csv_percent', { name }), t('progress.csv_pace', { name }));
  }
  const rows = page.children.map((child) => {
    const row: (string | number | null)[] = [childName(child), child.place?.code ?? null];
    for (const { indicator } of page.indicators) {
      const standing = standingOf(child, indicator.code);
      const scale = indicator.kind === 'ratio' ? 10 : 1;
      const scaled = (value: number | null | undefined) =>
        value === null || value === undefined ? null : value / scale;
      row.push(scaled(standing?.result), scaled(standing?.target), standing?.percent ?? null);
      row.push(standing === undefined ? null : t(PACES[standing.pace].word));
    }
    return row;
  });
  const title = [t('progress.csv_title', { place: page.place.full_name, day: formatDay(page.on) })];
  return BYTE_ORDER_MARK + [title, head, ...rows].map((row) => row.map(cell).join(';')).join('\r\n') + '\r\n';
}
