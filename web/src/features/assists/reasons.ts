/** Why somebody declined or it did not work. Codes travel, words stay in the catalogue; other text is shown as it is. */
import type { Key } from '@/i18n/keys';
import { t } from '@/i18n/words.svelte';

export const REASONS: Record<string, Key> = {
  no_smartphone: 'assists.reason.no_smartphone',
  no_own_sim: 'assists.reason.no_own_sim',
  no_chip_card: 'assists.reason.no_chip_card',
  forgot_password: 'assists.reason.forgot_password',
  system_down: 'assists.reason.system_down',
  no_signal: 'assists.reason.no_signal',
  fears_scam: 'assists.reason.fears_scam',
  not_needed: 'assists.reason.not_needed',
  ask_family: 'assists.reason.ask_family',
  papers_missing: 'assists.reason.papers_missing',
  other: 'assists.reason.other',
};

export function reasonName(reason: string): string {
  const key = REASONS[reason];
  return key === undefined ? reason : t(key);
}
