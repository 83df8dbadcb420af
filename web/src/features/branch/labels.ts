/** Words of the branch's lists. */
import type { Key } from '@/i18n/keys';
import type { TaskState, Team } from '@/wire';

export const STATES: Record<TaskState, Key> = {
  open: 'branch.state_open',
  doing: 'branch.state_doing',
  done: 'branch.state_done',
  cancelled: 'branch.state_cancelled',
};
export const KINDS: Record<Team['kind'], Key> = {
  cnscd: 'branch.kind_cnscd',
  cnstn: 'branch.kind_cnstn',
  dvctt: 'branch.kind_dvctt',
  xung_kich: 'branch.kind_xung_kich',
  expert_squad: 'branch.kind_expert',
  chi_doan: 'branch.kind_chi_doan',
};
export const POSITIONS: Record<string, Key> = {
  leader: 'branch.leader',
  deputy: 'branch.deputy',
  member: 'branch.member',
};
