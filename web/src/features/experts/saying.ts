/** The words of requests: their stages, acts and pressures. */
import type { Key } from '@/i18n/keys';
import { formatDay, formatDayShort, formatNumber } from '@/i18n/format';
import { currentLanguage, t } from '@/i18n/words.svelte';
import type { CommuneWord, ExpertRequest, Pressure, RequestAct, RequestStage, Signal, Urgency } from '@/wire';

type Tone = 'plain' | 'accent' | 'good' | 'wait' | 'bad';

export const STAGES: Record<RequestStage, { word: Key; tone: Tone; next: Key | null }> = {
  asked: { word: 'experts.stage_asked', tone: 'wait', next: 'experts.next_asked' },
  offered: { word: 'experts.stage_offered', tone: 'wait', next: 'experts.next_offered' },
  accepted: { word: 'experts.stage_accepted', tone: 'accent', next: 'experts.next_accepted' },
  dispatched: { word: 'experts.stage_dispatched', tone: 'accent', next: 'experts.next_dispatched' },
  done: { word: 'experts.stage_done', tone: 'good', next: 'experts.next_done' },
  closed: { word: 'experts.stage_closed', tone: 'good', next: null },
  cancelled: { word: 'experts.stage_cancelled', tone: 'plain', next: null },
  refused: { word: 'experts.stage_refused', tone: 'bad', next: null },
};

export const ACTS: Record<RequestAct, Key> = {
  ask: 'experts.did_ask',
  offer: 'experts.did_offer',
  withdraw: 'experts.did_withdraw',
  accept: 'experts.did_accept',
  decline: 'experts.did_decline',
  dispatch: 'experts.did_dispatch',
  finish: 'experts.did_finish',
  close: 'experts.did_close',
  cancel: 'experts.did_cancel',
  refuse: 'experts.did_refuse',
};

export const URGENCIES: Record<Urgency, Key> = {
  now: 'experts.urgency_now',
  soon: 'experts.urgency_soon',
  planned: 'experts.urgency_planned',
};

export const WORDS: Record<CommuneWord, Key> = {
  solved: 'experts.word_solved',
  partly: 'experts.word_partly',
  unsolved: 'experts.word_unsolved',
};

const PRESSURES: Record<Pressure, Key> = {
  gaps: 'experts.pressure_gaps',
  load: 'experts.pressure_load',
  came: 'experts.pressure_came',
};

/** What weighs on a desk, beside the threshold it is measured against. */
export function sayPressure({ pressure, value_permille, threshold_permille }: Signal): string {
  const scale = pressure === 'load' ? 1000 : 10;
  const said = (permille: number) => formatNumber(permille / scale, pressure === 'load' ? 1 : 0);
  return t(PRESSURES[pressure], { value: said(value_permille), threshold: said(threshold_permille) });
}

export const sayField = ({ field_name }: ExpertRequest): string => field_name[currentLanguage()];

/** `14/10` or `14/10–18/10`. */
export const sayDays = (from: string, to: string): string =>
  from === to ? formatDay(from) : `${formatDayShort(from)}–${formatDay(to)}`;

/** Minutes as `2 giờ 30 phút`. */
export function sayMinutes(minutes: number): string {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  const parts = [
    hours > 0 ? t('experts.hours', { n: formatNumber(hours) }) : '',
    rest > 0 || hours === 0 ? t('experts.minutes', { n: rest }) : '',
  ];
  return parts.filter(Boolean).join(' ');
}
