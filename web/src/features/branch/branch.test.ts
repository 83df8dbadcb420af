import { expect, test } from 'vitest';
import type { FactRow } from '@/sync/db';
import type { Directive, Fact, Task } from '@/wire';
import { byDue, draftOf, isSettled, minutesOf, seeDirectives, seeTasks } from './standing';

const TASK: Task = {
  id: 't1',
  team_id: 'team',
  title: 'Dán mã QR',
  note: null,
  assignee: null,
  due_on: '2024-10-21',
  source: null,
  state: 'open',
  given_at: '2024-10-13T08:00:00+07:00',
  given_by: 'Hà',
  changed_at: '2024-10-13T08:00:00+07:00',
  changed_by: 'Hà',
};
let seq = 0;
const row = (kind: string, body: unknown, at: string, state = 'unsent') => {
  seq += 1;
  const fact = { kind, body, happened_at: at, team: 'team' } as unknown as Fact;
  return { member: 'me', state, seq, voided_by: null, superseded_by: null, fact } as unknown as FactRow;
};
const name = (id: string) => ({ me: 'Hạnh' })[id] ?? id;

test('a task is as the server said, with what this phone wrote since on top', () => {
  const move = (to: string, at: string, state?: string) =>
    row('task.v1', { action: 'move', task: 't1', to }, at, state);
  const see = (...rows: FactRow[]) => seeTasks([TASK], rows, name)[0];
  expect(see()).toMatchObject({ state: 'open', waiting: false });
  expect(see(move('done', '2024-10-13T09:00:00+07:00'))).toMatchObject({
    state: 'done',
    waiting: true,
    changed_by: 'Hạnh',
  });
  // What was received before the server's row was made is in it.
  expect(see(move('done', '2024-10-13T07:00:00+07:00', 'received'))).toMatchObject({ state: 'open' });
  expect(see(move('done', '2024-10-13T09:00:00+07:00', 'refused'))).toMatchObject({ state: 'open' });
  const what = { title: 'Gọi loa', note: null, member: 'me', due_on: null, source: null };
  const given = row('task.v1', { action: 'give', task: 't2', what }, '2024-10-13T09:00:00+07:00');
  const all = seeTasks([TASK], [given], name).sort(byDue);
  expect(all.map(({ id }) => id)).toEqual(['t1', 't2']);
  expect(all[1]).toMatchObject({ state: 'open', assignee: { id: 'me', name: 'Hạnh' }, waiting: true });
});

test('a directive read and reported without a network is settled here at once', () => {
  const directive = {
    id: 'd1',
    team_id: 'team',
    asks_text: false,
    asks_number: 'mã QR',
    withdrawn: false,
    read_at: null,
    reported_at: null,
  } as unknown as Directive;
  const read = row('directive.v1', { action: 'read', directive: 'd1' }, '2024-10-13T09:00:00+07:00');
  const report = row(
    'directive.v1',
    { action: 'report', directive: 'd1', text: null, number: 12 },
    '2024-10-13T09:05:00+07:00',
  );
  const [seen] = seeDirectives([directive], [read], name);
  expect([seen?.read_by, seen !== undefined && isSettled(seen)]).toEqual(['Hạnh', false]);
  const [done] = seeDirectives([directive], [read, report], name);
  expect([done?.result_number, done !== undefined && isSettled(done)]).toEqual([12, true]);
});

test('minutes leave out empty lines, and name those who did not come', () => {
  const draft = draftOf(['Đánh giá tháng 9'], ['a'], 'Hà');
  draft.decisions = [' Dán mã QR ', ''];
  draft.points.push({ title: '', text: '' });
  draft.absent = { b: 'ốm' };
  const minutes = minutesOf(draft, 'm', '2024-10-13', ['a', 'b', 'c'], false);
  expect(minutes.decisions).toEqual(['Dán mã QR']);
  expect(minutes.points).toHaveLength(1);
  expect(minutes.absent).toEqual([
    { member: 'b', reason: 'ốm' },
    { member: 'c', reason: '' },
  ]);
  expect(minutes.why).toBeNull();
});
