/** Times as a file for Excel, in seconds turned to minutes with one decimal. */
import { formatDay } from '@/i18n/format';
import { t } from '@/i18n/words.svelte';
import { csv, type Cell } from '@/ui/csv';
import type { Day, TimesLine } from '@/wire';

export interface Named {
  name: string;
  line: TimesLine;
}
const minutes = (seconds: number): number => Math.round(seconds / 6) / 10;

export function timesCsv(point: string, from: Day, to: Day, parts: [string, Named[]][]): string {
  const head = [
    t('desk.n'),
    t('desk.wait_median'),
    t('desk.wait_p90'),
    t('desk.served_count'),
    t('desk.serve_median'),
    t('desk.serve_p90'),
  ];
  const row = ({ name, line: { waited, served } }: Named): Cell[] => [
    name,
    waited.n,
    minutes(waited.median_s),
    minutes(waited.p90_s),
    served.n,
    minutes(served.median_s),
    minutes(served.p90_s),
  ];
  return csv([
    [t('desk.csv_title', { point, from: formatDay(from), to: formatDay(to) })],
    ...parts.flatMap(([title, lines]): Cell[][] => [[title, ...head], ...lines.map(row)]),
  ]);
}
