/** Words and colours of activities. */
import type { Key } from '@/i18n/keys';
import type { Activity, Team } from '@/wire';

export const KINDS: Record<Activity['kind'], Key> = {
  launch: 'calendar.kind_launch',
  peak_day: 'calendar.kind_peak_day',
  sunday: 'calendar.kind_sunday',
  saturday: 'calendar.kind_saturday',
  desk: 'calendar.kind_desk',
  enterprise: 'calendar.kind_enterprise',
  meeting: 'calendar.kind_meeting',
  training: 'calendar.kind_training',
  other: 'calendar.kind_other',
};
export const CATEGORIES: Record<Activity['details']['category'], Key> = {
  digital: 'calendar.for_digital',
  economy: 'calendar.for_economy',
  security: 'calendar.for_security',
  culture: 'calendar.for_culture',
  environment: 'calendar.for_environment',
  welfare: 'calendar.for_welfare',
};
export const TEAMS: Record<Team['kind'], Key> = {
  cnscd: 'calendar.team_cnscd',
  cnstn: 'calendar.team_cnstn',
  dvctt: 'calendar.team_dvctt',
  xung_kich: 'calendar.team_xung_kich',
  expert_squad: 'calendar.team_expert',
  chi_doan: 'calendar.team_chi_doan',
};
export const EVIDENCE: Record<Activity['details']['steps'][number]['evidence'], Key> = {
  tick: 'calendar.shows_tick',
  note: 'calendar.shows_note',
  url: 'calendar.shows_url',
};
