/** What slips are called: procedures by name, stages in words. */
import { procedureOf } from '@/features/triage/procedures';
import type { Key } from '@/i18n/keys';
import { currentLanguage } from '@/i18n/words.svelte';
import type { Slip } from '@/wire';

export const procedureName = (code: string): string => {
  const known = procedureOf(code);
  return (currentLanguage() === 'en' ? known?.name_en : known?.name) ?? code;
};
export const STAGES: Record<Slip['stage'], Key> = {
  open: 'slips.open',
  sent_back: 'slips.sent_back',
  done: 'slips.done',
  cancelled: 'slips.cancelled',
};
export const TONES = { open: 'accent', sent_back: 'wait', done: 'good', cancelled: 'plain' } as const;

/** The heading a slip stands under in the desk's list. */
export type Due = 'late' | 'today' | 'next' | 'later' | 'sent_back' | 'ended';
export function dueOf(slip: Slip, today: string, nextDay: string): Due {
  if (slip.stage === 'sent_back') return 'sent_back';
  if (slip.stage !== 'open') return 'ended';
  if (slip.due < today) return 'late';
  if (slip.due === today) return 'today';
  return slip.due <= nextDay ? 'next' : 'later';
}
