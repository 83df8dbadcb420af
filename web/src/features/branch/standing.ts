/**
 * How tasks and directives stand on this phone: what the server last said, and on top what was written here since. The
 * server reads the same out of the same facts, so nothing jumps when its answer arrives.
 */
import { msOf } from '@/i18n/format';
import type { FactRow } from '@/sync/db';
import type { Day, Directive, Minutes, Task, TaskState } from '@/wire';

/** `waiting` while a step of it has not left this phone. */
export type SeenTask = Task & { waiting: boolean };
export type SeenDirective = Directive & { waiting: boolean };

export const isOpen = (state: TaskState): boolean => state === 'open' || state === 'doing';

/** Facts of this phone that hold, the earliest first. */
const holding = (rows: FactRow[]): FactRow[] =>
  rows
    .filter((row) => row.state !== 'refused' && row.voided_by === null && row.superseded_by === null)
    .sort((a, b) => a.seq - b.seq);

/** Whether the server's row cannot know of a fact yet. */
const isNews = (row: FactRow, known: string | null): boolean =>
  row.state === 'unsent' || known === null || msOf(row.fact.happened_at) > msOf(known);

export function seeTasks(kept: Task[], rows: FactRow[], nameOf: (member: string) => string): SeenTask[] {
  const seen = new Map<string, SeenTask>(kept.map((task) => [task.id, { ...task, waiting: false }]));
  for (const row of holding(rows)) {
    const { fact } = row;
    if (fact.kind !== 'task.v1') continue;
    const { body } = fact;
    const task = seen.get(body.task);
    if (!isNews(row, task?.changed_at ?? null)) continue;
    const by = nameOf(row.member);
    const changed = { changed_at: fact.happened_at, changed_by: by, waiting: row.state === 'unsent' };
    if (body.action === 'move') {
      if (task !== undefined) seen.set(task.id, { ...task, ...changed, state: body.to });
      continue;
    }
    const { member, ...what } = body.what;
    seen.set(body.task, {
      given_at: fact.happened_at,
      given_by: by,
      state: 'open',
      ...task,
      ...what,
      ...changed,
      id: body.task,
      team_id: fact.team ?? '',
      assignee: member === null ? null : { id: member, name: nameOf(member) },
    });
  }
  return [...seen.values()];
}

const FAR = '9999-12-31';
/** What is due first stands first. */
export const byDue = (a: { due_on?: Day | null }, b: { due_on?: Day | null }): number =>
  (a.due_on ?? FAR).localeCompare(b.due_on ?? FAR);

export function seeDirectives(
  kept: Directive[],
  rows: FactRow[],
  nameOf: (member: string) => string,
): SeenDirective[] {
  const seen = kept.map((one): SeenDirective => ({ ...one, waiting: false }));
  for (const row of holding(rows)) {
    const { fact } = row;
    if (fact.kind !== 'directive.v1') continue;
    const { body } = fact;
    const one = seen.find(({ id, team_id }) => id === body.directive && team_id === fact.team);
    if (one === undefined || !isNews(row, one.reported_at ?? one.read_at ?? null)) continue;
    one.waiting ||= row.state === 'unsent';
    one.read_at ??= fact.happened_at;
    one.read_by ??= nameOf(row.member);
    if (body.action === 'report') {
      one.reported_at = fact.happened_at;
      one.reported_by = nameOf(row.member);
      one.result_text = body.text;
      one.result_number = body.number;
    }
  }
  return seen;
}

/** Whether nothing is left to do about a directive. */
export const isSettled = (one: Directive): boolean =>
  one.withdrawn || (one.asks_text || one.asks_number !== '' ? one.reported_at != null : one.read_at != null);

/** The minutes signed on this phone for a meeting, the latest correction of them. */
export function signedHere(rows: FactRow[], activity: string, day: Day): FactRow | null {
  const of = ({ fact }: FactRow) =>
    fact.kind === 'minutes.v1' && fact.body.activity === activity && fact.body.day === day;
  return holding(rows).filter(of).at(-1) ?? null;
}

/** Minutes being written, kept on this phone alone. */
export interface Draft {
  chair: string;
  secretary: string;
  /** Why somebody is absent, by member; who is in neither list is not decided on yet. */
  absent: Record<string, string>;
  attending: string[];
  points: { title: string; text: string }[];
  decisions: string[];
  why: string;
}

export const draftOf = (agenda: string[], came: string[], chair: string): Draft => ({
  chair,
  secretary: '',
  absent: {},
  attending: came,
  points: agenda.map((title) => ({ title, text: '' })),
  decisions: [''],
  why: '',
});

export const draftFrom = (minutes: Minutes): Draft => ({
  chair: minutes.chair,
  secretary: minutes.secretary,
  absent: Object.fromEntries(minutes.absent.map(({ member, reason }) => [member, reason])),
  attending: minutes.attending,
  points: minutes.points,
  decisions: [...minutes.decisions, ''],
  why: '',
});

/** What is signed: empty lines go; who was not ticked was absent. */
export function minutesOf(
  draft: Draft,
  activity: string,
  day: Day,
  members: string[],
  corrects: boolean,
): Minutes {
  const attending = draft.attending;
  return {
    activity,
    day,
    chair: draft.chair.trim(),
    secretary: draft.secretary.trim(),
    attending,
    absent: members
      .filter((member) => !attending.includes(member))
      .map((member) => ({ member, reason: draft.absent[member]?.trim() ?? '' })),
    points: draft.points.filter(({ title }) => title.trim() !== ''),
    decisions: draft.decisions.map((text) => text.trim()).filter(Boolean),
    why: corrects ? draft.why.trim() : null,
  };
}
