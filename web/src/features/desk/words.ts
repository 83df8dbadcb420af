/** What the words of desks stand for. */
import type { Key } from '@/i18n/keys';
import { t } from '@/i18n/words.svelte';
import type { DeskLanguage, PriorityClass, Ticket, TicketAct, TicketStage } from '@/wire';

export const PRIORITIES: Record<PriorityClass, Key> = {
  elderly: 'desk.elderly',
  disability: 'desk.disability',
  with_child: 'desk.with_child',
  pregnant: 'desk.pregnant',
  from_afar: 'desk.from_afar',
  merit: 'desk.merit',
};
export const LANGUAGES: Record<DeskLanguage, Key> = { vi: 'desk.vi', en: 'desk.en', km: 'desk.km' };
export const STAGES: Record<TicketStage, { word: Key; tone: 'plain' | 'accent' | 'good' | 'wait' | 'bad' }> =
  {
    waiting: { word: 'desk.waiting', tone: 'wait' },
    called: { word: 'desk.called', tone: 'accent' },
    serving: { word: 'desk.serving', tone: 'accent' },
    held: { word: 'desk.held', tone: 'wait' },
    done: { word: 'desk.done', tone: 'good' },
    no_show: { word: 'desk.no_show', tone: 'bad' },
    left: { word: 'desk.left', tone: 'plain' },
  };
export const ACTS: Record<TicketAct, Key> = {
  take: 'desk.did_take',
  call: 'desk.did_call',
  recall: 'desk.did_recall',
  start: 'desk.did_start',
  hold: 'desk.did_hold',
  resume: 'desk.did_resume',
  transfer: 'desk.did_transfer',
  no_show: 'desk.did_no_show',
  return: 'desk.did_return',
  finish: 'desk.did_finish',
  leave: 'desk.did_leave',
  deliver: 'desk.did_deliver',
};
export const SOURCES: Record<Ticket['source'], Key> = {
  kiosk: 'desk.from_kiosk',
  volunteer: 'desk.from_volunteer',
  phone: 'desk.from_phone',
  counter: 'desk.from_counter',
};

const MINUTE_S = 60;
/** `dưới 1 phút`, `12 phút`, `1 giờ 5 phút`. */
export function sayWait(seconds: number): string {
  const minutes = Math.round(seconds / MINUTE_S);
  if (minutes < 1) return t('desk.under_minute');
  const [hours, rest] = [Math.floor(minutes / MINUTE_S), minutes % MINUTE_S];
  return hours === 0 ? t('desk.minutes', { n: minutes }) : t('desk.hours', { hours, minutes: rest });
}
/** `3:05`, for a clock that runs. */
export const sayClock = (seconds: number): string =>
  `${Math.floor(seconds / MINUTE_S)}:${String(Math.floor(seconds % MINUTE_S)).padStart(2, '0')}`;

/** As a voice reads a number: letter by letter, digit by digit. */
export const spell = (number: string): string => [...number.replace('-', '')].join(' ');
