/** Where a campaign stands in time, and how a target came to be, in words. */
import type { Key } from '@/i18n/keys';
import type { IconName } from '@/ui/icons';
import type { CampaignBrief, Day } from '@/wire';

interface Look {
  word: Key;
  tone: 'plain' | 'accent' | 'good';
  icon: IconName;
}

export function stateOf(
  { starts_on, ends_on }: Pick<CampaignBrief, 'starts_on' | 'ends_on'>,
  today: Day,
): Look {
  if (today < starts_on) return { word: 'campaigns.state_coming', tone: 'plain', icon: 'calendar' };
  if (today > ends_on) return { word: 'campaigns.state_over', tone: 'plain', icon: 'check' };
  return { word: 'campaigns.state_running', tone: 'good', icon: 'flag' };
}

export const METHODS: Record<string, Key> = {
  issued: 'campaigns.method_issued',
  hand: 'campaigns.method_hand',
  population: 'campaigns.method_population',
  households: 'campaigns.method_households',
  equal: 'campaigns.method_equal',
};
