/** Words of the branch's lists. */
import type { Key } from '@/i18n/keys';
import type { TaskState } from '@/wire';

export const STATES: Record<TaskState, Key> = {
  open: 'branch.state_open',
  doing: 'branch.state_doing',
  done: 'branch.state_done',
  cancelled: 'branch.state_cancelled',
};
