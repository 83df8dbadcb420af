/** How a fact's state is said and shown; the same everywhere. */
import type { Key } from '@/i18n/keys';
import type { FactRow, FactState } from '@/sync/db';
import type { IconName } from '@/ui/icons';

interface Look {
  key: Key;
  tone: 'plain' | 'accent' | 'good' | 'wait' | 'bad';
  icon: IconName;
}
export const STATES: Record<FactState, Look> = {
  unsent: { key: 'state.unsent', tone: 'wait', icon: 'clock' },
  held: { key: 'state.held', tone: 'wait', icon: 'clock' },
  received: { key: 'state.received', tone: 'accent', icon: 'sent' },
  counted: { key: 'state.counted', tone: 'good', icon: 'check' },
  refused: { key: 'state.refused', tone: 'bad', icon: 'warn' },
};
const VOIDED: Look = { key: 'state.voided', tone: 'plain', icon: 'close' };

export const lookOf = (row: FactRow): Look => (row.voided_by === null ? STATES[row.state] : VOIDED);

/** What a person thinks of as "my assists": the current version of each, and requests that need their hand. */
export const isShown = (row: FactRow): boolean =>
  row.superseded_by === null && (!isQuiet(row) || row.state === 'refused');

/** What helped nobody: taking back, and what has a screen of its own. */
const QUIET = new Set([
  'void.v1',
  'roster.v1',
  'expert_step.v1',
  'expert_work.v1',
  'task.v1',
  'directive.v1',
  'minutes.v1',
  'scam_report.v1',
  'question.v1',
]);
const isQuiet = ({ fact }: FactRow): boolean => QUIET.has(fact.kind);

/** What counts as work done: being there and steps of an activity stand in the log, but are none. */
const isWork = (row: FactRow): boolean =>
  !isQuiet(row) && row.fact.kind !== 'attendance.v1' && row.fact.kind !== 'step.v1';

export interface Counts {
  phone: number;
  received: number;
  counted: number;
}
/** Received says the server holds it, whether or not it moved a target; so it includes the counted ones. */
export function countRows(rows: FactRow[]): Counts {
  const live = rows.filter((row) => isShown(row) && row.voided_by === null && isWork(row));
  return {
    phone: live.filter((row) => row.state === 'unsent' || row.state === 'refused').length,
    received: live.filter((row) => row.state !== 'unsent' && row.state !== 'refused').length,
    counted: live.filter((row) => row.state === 'counted').length,
  };
}

/** Refusals that only a wrong clock explains: one tap puts them right. */
export const isClockRefusal = (row: FactRow): boolean =>
  row.state === 'refused' &&
  ['fact.future', 'fact.too_old', 'fact.before_campaign'].includes(row.problem?.code ?? '');
