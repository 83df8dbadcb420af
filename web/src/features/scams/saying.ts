/** What people are told about scams, and the words of reports. The kinds come with the app, so they are there offline. */
import bundled from '../../../../crates/domain/data/scams.json';
import type { Key } from '@/i18n/keys';
import { currentLanguage } from '@/i18n/words.svelte';
import type { HandingWay, Loss, ScamAct, ScamChannel, ScamResult, ScamStage } from '@/wire';

interface Words {
  vi: string;
  en: string;
  km: string;
}
export const KINDS: { code: string; name: Words; sign: Words }[] = bundled.kinds;
export const ADVICE: Words[] = bundled.advice;
export const CALLS: { name: Words; number: string | null }[] = bundled.calls;

export const inWords = (words: Words): string => words[currentLanguage()];
export const sayKind = (code: string): string => {
  const kind = KINDS.find((one) => one.code === code);
  return kind === undefined ? code : inWords(kind.name);
};

export const CHANNELS: Record<ScamChannel, Key> = {
  call: 'scams.channel_call',
  sms: 'scams.channel_sms',
  chat: 'scams.channel_chat',
  web: 'scams.channel_web',
  in_person: 'scams.channel_in_person',
  other: 'scams.channel_other',
};
export const LOSSES: Record<Loss, Key> = {
  no: 'scams.loss_no',
  yes: 'scams.loss_yes',
  unknown: 'scams.loss_unknown',
};
export const STAGES: Record<ScamStage, { word: Key; tone: 'bad' | 'wait' | 'accent' | 'good' }> = {
  reported: { word: 'scams.stage_reported', tone: 'bad' },
  taken: { word: 'scams.stage_taken', tone: 'wait' },
  handed: { word: 'scams.stage_handed', tone: 'accent' },
  closed: { word: 'scams.stage_closed', tone: 'good' },
};
export const ACTS: Record<ScamAct, Key> = {
  report: 'scams.act_report',
  take: 'scams.act_take',
  hand_over: 'scams.act_hand_over',
  close: 'scams.act_close',
};
export const WAYS: Record<HandingWay, Key> = {
  in_person: 'scams.way_in_person',
  phone: 'scams.way_phone',
  letter: 'scams.way_letter',
  online: 'scams.way_online',
};
export const RESULTS: Record<ScamResult, Key> = {
  handled: 'scams.result_handled',
  advised: 'scams.result_advised',
  unfounded: 'scams.result_unfounded',
  duplicate: 'scams.result_duplicate',
};
