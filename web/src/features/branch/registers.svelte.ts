/** A team's workspace on the phone: tasks and directives from the registers, its page as the server last told it. */
import type { Causo } from '@/app/causo';
import { atLeast } from '@/app/access';
import { liveRows } from '@/features/assists/registers.svelte';
import { readMeta, writeMeta } from '@/sync/db';
import { live } from '@/sync/live.svelte';
import { uuidv7 } from '@/sync/ids';
import type { Branch, Day, Directive, Giving, Grant, Meeting, PlaceId, Task } from '@/wire';
import { seeDirectives, seeTasks, type Draft } from './standing';

/** The teams somebody works in. */
export const teamsOf = (grants: Grant[]): { id: string; name: string; place: PlaceId; leads: boolean }[] =>
  grants.flatMap((grant) =>
    grant.team === null ? [] : [{ ...grant.team, place: grant.place.id, leads: atLeast([grant], 'leader') }],
  );

const me = ({ session }: Causo) => session.me?.member.id ?? '';

/** Tasks and directives of a team, as this phone knows them. */
export function liveWork(causo: Causo, team: () => string) {
  const { db, session } = causo;
  const member = () => me(causo);
  const kept = live<string, Task[]>(member, (id) => db.tasks.where('member').equals(id).toArray(), []);
  const sent = live<string, Directive[]>(
    member,
    (id) => db.directives.where('member').equals(id).toArray(),
    [],
  );
  const rows = liveRows(causo);
  const page = livePage(causo, team);
  const nameOf = (id: string): string =>
    page.value?.members.find((one) => one.id === id)?.name ??
    (id === me(causo) ? (session.me?.member.name ?? '') : '');
  const tasks = $derived(
    seeTasks(kept.value, rows.value, nameOf).filter(({ team_id }) => team_id === team()),
  );
  const directives = $derived(
    seeDirectives(sent.value, rows.value, nameOf).filter(({ team_id }) => team_id === team()),
  );
  return {
    get tasks() {
      return tasks;
    },
    get directives() {
      return directives;
    },
    get rows() {
      return rows.value;
    },
    get page() {
      return page.value;
    },
    nameOf,
    again: page.again,
    get ready() {
      return kept.ready && sent.ready && rows.ready && page.ready;
    },
  };
}

/** What the server last said under a name, kept for when there is no network; asked again when it is about another. */
function liveKept<T>(causo: Causo, path: () => string | null) {
  const { api, db } = causo;
  const key = (asked: string) => `branch/${me(causo)}${asked}`;
  const kept = live<string | null, T | null>(
    path,
    async (asked) => (asked === null ? null : await readMeta<T>(db, key(asked))),
    null,
  );
  async function again() {
    const asked = path();
    if (asked === null) return;
    const reply = await api.get<T>(asked);
    if (reply.ok) await writeMeta(db, key(asked), reply.data);
  }
  $effect(() => void again());
  return {
    get value() {
      return kept.value;
    },
    get ready() {
      return kept.ready;
    },
    again,
  };
}

export const livePage = (causo: Causo, team: () => string) =>
  liveKept<Branch>(causo, () => (team() === '' ? null : `/teams/${team()}/branch`));
export const liveMeeting = (causo: Causo, team: () => string, activity: () => string, day: () => Day) =>
  liveKept<Meeting>(causo, () => (team() === '' ? null : `/teams/${team()}/meetings/${activity()}/${day()}`));

/** Gives a task, or gives it in other words: a fact on this phone at once. */
export async function giveTask(
  causo: Causo,
  team: { id: string; place: PlaceId },
  what: Giving,
  task: string = uuidv7(causo.clock.nowMs()),
): Promise<void> {
  const body = { action: 'give' as const, task, what };
  await causo.ledger.record(me(causo), { kind: 'task.v1', place: team.place, team: team.id, body });
}

const draftKey = (causo: Causo, activity: string, day: Day) => `minutes/${me(causo)}/${activity}/${day}`;
export const readDraft = (causo: Causo, activity: string, day: Day) =>
  readMeta<Draft>(causo.db, draftKey(causo, activity, day));
export const writeDraft = (causo: Causo, activity: string, day: Day, draft: Draft | null) =>
  writeMeta(causo.db, draftKey(causo, activity, day), draft);
