/** The report as a file for Excel. */
import { formatDay } from '@/i18n/format';
import { currentLanguage, t } from '@/i18n/words.svelte';
import { csv } from '@/ui/csv';
import type { ExpertReport, ExpertReportLine } from '@/wire';

export function reportCsv({ total, fields, units }: ExpertReport, from: string, to: string): string {
  const row = (name: string, line: ExpertReportLine) => [
    name,
    line.requests,
    line.served,
    line.open,
    line.median_days,
    Math.round(line.minutes / 6) / 10,
  ];
  const named = (line: ExpertReportLine) => row(line.name[currentLanguage()], line);
  const head = (first: string) => [
    first,
    t('experts.col_requests'),
    t('experts.col_served'),
    t('experts.col_open'),
    t('experts.median_days'),
    t('experts.col_hours'),
  ];
  return csv([
    [t('experts.csv_title', { from: formatDay(from), to: formatDay(to) })],
    head(''),
    row(t('experts.total'), total),
    head(t('experts.by_field')),
    ...fields.map(named),
    head(t('experts.by_unit')),
    ...units.map(named),
  ]);
}
