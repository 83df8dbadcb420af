/** The words of questions: stages, acts, ways they came. */
import type { Key } from '@/i18n/keys';
import { formatDay } from '@/i18n/format';
import { t } from '@/i18n/words.svelte';
import type { Question, QuestionAct, QuestionSource, QuestionStage } from '@/wire';

type Tone = 'plain' | 'accent' | 'good' | 'wait' | 'bad';

export const STAGES: Record<QuestionStage, { word: Key; tone: Tone }> = {
  open: { word: 'questions.stage_open', tone: 'wait' },
  review: { word: 'questions.stage_review', tone: 'accent' },
  answered: { word: 'questions.stage_answered', tone: 'good' },
  withheld: { word: 'questions.stage_withheld', tone: 'plain' },
};

export const SOURCES: Record<QuestionSource, Key> = {
  web: 'questions.source_web',
  counter: 'questions.source_counter',
  paper: 'questions.source_paper',
  zalo: 'questions.source_zalo',
};

export const VIEWS = {
  mine: 'questions.view_mine',
  review: 'questions.view_review',
  late: 'questions.view_late',
  climbed: 'questions.view_climbed',
  ended: 'questions.view_ended',
} as const satisfies Record<string, Key>;

export const REASONS = {
  abuse: 'questions.reason_abuse',
  not_a_question: 'questions.reason_not_a_question',
} as const satisfies Record<string, Key>;

export const CHANNELS: Record<string, Key> = { sms: 'questions.by_sms', zalo: 'questions.by_zalo' };

/** What became of an answer on its way to a phone. */
export const MESSAGES: Record<string, Key> = {
  waiting: 'questions.message_waiting',
  sent: 'questions.message_sent',
  window: 'questions.message_window',
  failed: 'questions.message_failed',
  told: 'questions.message_told',
};

const DID: Record<QuestionAct, Key> = {
  ask: 'questions.did_ask',
  route: 'questions.did_route',
  climb: 'questions.did_climb',
  draft: 'questions.did_draft',
  return: 'questions.did_return',
  approve: 'questions.did_approve',
  publish: 'questions.did_publish',
  withhold: 'questions.did_withhold',
  reopen: 'questions.did_reopen',
  mask: 'questions.did_mask',
  tell: 'questions.did_tell',
};

export const sayStep = (act: QuestionAct, unit: string | null): string =>
  act === 'route' && unit === null ? t('questions.did_topic') : t(DID[act], { unit: unit ?? '' });

/** What is said of time in a list: the promise, or how far it is broken. */
export const sayDue = ({ stage, due_on, late_days }: Question): string =>
  late_days > 0 && stage !== 'answered'
    ? t('questions.late', { n: late_days })
    : t('questions.due', { day: formatDay(due_on) });
