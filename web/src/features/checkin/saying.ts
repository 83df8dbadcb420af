/** How a coming or going is said in a line. */
import { formatNumber } from '@/i18n/format';
import type { Key } from '@/i18n/keys';
import { t } from '@/i18n/words.svelte';
import type { AttendanceFactBody, Doubt } from '@/wire';

export const sayPresence = ({ direction }: AttendanceFactBody): { title: string; text: string } => ({
  title: t(direction === 'in' ? 'presence.in' : 'presence.out'),
  text: '',
});

/** `3,5` from minutes. */
export const sayHours = (minutes: number): string => formatNumber(minutes / 60, 1);

const DOUBTS: Record<Doubt, Key> = {
  code_wrong: 'checkin.doubt_code',
  code_time: 'checkin.doubt_time',
  outside_hours: 'checkin.doubt_hours',
  two_places: 'checkin.doubt_two',
  far: 'checkin.doubt_far',
};
/** What speaks against a stay, each once; needs the words of this feature. */
export const sayDoubts = (doubts: Doubt[]): string[] => [...new Set(doubts)].map((doubt) => t(DOUBTS[doubt]));
