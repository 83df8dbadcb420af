/** The words of ratings: answers, what is asked, how far an action has come. */
import type { Key } from '@/i18n/keys';
import { formatDay, formatNumber } from '@/i18n/format';
import { t } from '@/i18n/words.svelte';
import type { RatingActionAct, RatingIndex, RatingScale, RatingStage, RatingStep, RatingTopic } from '@/wire';

export const STEPS: Record<RatingStep, Key> = {
  very_satisfied: 'ratings.very_satisfied',
  satisfied: 'ratings.satisfied',
  neutral: 'ratings.neutral',
  dissatisfied: 'ratings.dissatisfied',
  very_dissatisfied: 'ratings.very_dissatisfied',
};
/** In the order in which the server counts them, the best first. */
export const STEP_ORDER = Object.keys(STEPS) as RatingStep[];

export const SCALES: Record<RatingScale, RatingStep[]> = {
  five: STEP_ORDER,
  three: ['satisfied', 'neutral', 'dissatisfied'],
};

export const TOPICS: Record<RatingTopic, Key> = {
  overall: 'ratings.overall',
  access: 'ratings.access',
  procedure: 'ratings.procedure',
  staff: 'ratings.staff',
  result: 'ratings.result',
  feedback: 'ratings.feedback',
  attitude: 'ratings.attitude',
};

type Tone = 'plain' | 'accent' | 'good' | 'wait' | 'bad';
export const STAGES: Record<RatingStage, { word: Key; tone: Tone; next: Key | null }> = {
  opened: { word: 'ratings.stage_opened', tone: 'wait', next: 'ratings.next_opened' },
  cause_found: { word: 'ratings.stage_cause_found', tone: 'accent', next: 'ratings.next_cause_found' },
  done: { word: 'ratings.stage_done', tone: 'accent', next: 'ratings.next_done' },
  closed: { word: 'ratings.stage_closed', tone: 'good', next: null },
  dropped: { word: 'ratings.stage_dropped', tone: 'plain', next: null },
};

export const ACTS: Record<RatingActionAct, Key> = {
  open: 'ratings.did_open',
  assign: 'ratings.did_assign',
  find_cause: 'ratings.did_find_cause',
  do: 'ratings.did_do',
  close: 'ratings.did_close',
  drop: 'ratings.did_drop',
};

const WEEKDAYS: Key[] = [
  'ratings.weekday_1',
  'ratings.weekday_2',
  'ratings.weekday_3',
  'ratings.weekday_4',
  'ratings.weekday_5',
  'ratings.weekday_6',
  'ratings.weekday_7',
];

/** `82,7%`. */
export const sayPercent = (of: number): string => `${formatNumber(of, of % 1 === 0 ? 0 : 1)}%`;

/** `82,7% (75–88%, n = 120)`: never without its n. */
export const sayIndex = (index: RatingIndex): string =>
  t('ratings.index_full', {
    percent: sayPercent(index.percent),
    low: formatNumber(index.low),
    high: formatNumber(index.high),
    n: formatNumber(index.n),
  });

/** The name of a group: its own, a month, a day of the week, or what was asked. */
export function sayKey(
  by: 'name' | 'topic' | 'month' | 'weekday',
  line: { key: string; name: string },
): string {
  if (by === 'topic') return t(TOPICS[line.key as RatingTopic]);
  if (by === 'month') return `${line.key.slice(5)}/${line.key.slice(0, 4)}`;
  if (by === 'weekday') return t(WEEKDAYS[Number(line.key) - 1] ?? 'ratings.weekday_1');
  return line.name;
}

export const sayPeriod = (from: string, to: string): string =>
  t('ratings.period', { from: formatDay(from), to: formatDay(to) });

/** The last quarter that is over on a day, first and last day. */
export function lastQuarter(today: string): { from: string; to: string; name: string } {
  const [year = 0, month = 1] = today.split('-').map(Number);
  const now = Math.floor((month - 1) / 3);
  const [of, quarter] = now === 0 ? [year - 1, 3] : [year, now - 1];
  const two = (n: number) => String(n).padStart(2, '0');
  const last = new Date(Date.UTC(of, quarter * 3 + 3, 0)).getUTCDate();
  return {
    from: `${of}-${two(quarter * 3 + 1)}-01`,
    to: `${of}-${two(quarter * 3 + 3)}-${two(last)}`,
    name: t('ratings.quarter', { quarter: quarter + 1, year: String(of) }),
  };
}
