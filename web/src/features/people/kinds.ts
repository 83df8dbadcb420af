/** Kinds of team and of hamlet, by the glossary. */
import type { Key } from '@/i18n/keys';
import type { Team } from '@/wire';

export const TEAM_KINDS: Record<Team['kind'], Key> = {
  cnscd: 'people.team_cnscd',
  cnstn: 'people.team_cnstn',
  dvctt: 'people.team_dvctt',
  xung_kich: 'people.team_xung_kich',
  expert_squad: 'people.team_expert',
  chi_doan: 'people.team_chi_doan',
};
export const HAMLET_KINDS: Record<string, Key> = {
  thon: 'people.hamlet_thon',
  ap: 'people.hamlet_ap',
  ban: 'people.hamlet_ban',
  lang: 'people.hamlet_lang',
  buon: 'people.hamlet_buon',
  to_dan_pho: 'people.hamlet_to_dan_pho',
  khu_pho: 'people.hamlet_khu_pho',
  khoi_pho: 'people.hamlet_khoi_pho',
};
