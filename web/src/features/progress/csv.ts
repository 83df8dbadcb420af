/** The ranking as a file for Excel. */
import { formatDay } from '@/i18n/format';
import { t } from '@/i18n/words.svelte';
import { csv, type Cell } from '@/ui/csv';
import { PACES } from './paces';
import { childName, standingOf } from './ranking';
import type { ProgressPage } from '@/wire';

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
    const row: Cell[] = [childName(child), child.place?.code ?? null];
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
  return csv([title, head, ...rows]);
}
