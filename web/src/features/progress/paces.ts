/** How a result stands against the time that has passed: a word, an icon and a tone, never the colour alone. */
import type { Key } from '@/i18n/keys';
import type { IconName } from '@/ui/icons';
import type { Pace } from '@/wire';

export interface Look {
  word: Key;
  icon: IconName;
  tone: 'plain' | 'accent' | 'good' | 'wait' | 'bad';
}

export const PACES: Record<Pace, Look> = {
  stuck: { word: 'progress.stuck', icon: 'warn', tone: 'bad' },
  behind: { word: 'progress.behind', icon: 'down', tone: 'wait' },
  on_track: { word: 'progress.on_track', icon: 'next', tone: 'accent' },
  ahead: { word: 'progress.ahead', icon: 'up', tone: 'good' },
  done: { word: 'progress.done', icon: 'check', tone: 'good' },
  no_target: { word: 'progress.no_target', icon: 'info', tone: 'plain' },
};

/** From what needs help most to what needs it least. */
export const PACE_ORDER: Pace[] = ['stuck', 'behind', 'on_track', 'ahead', 'done', 'no_target'];
