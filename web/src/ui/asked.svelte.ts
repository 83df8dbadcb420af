/**
 * Questions to the server that are asked again whenever what they are about changes. An answer to an older question
 * that arrives late is dropped, so a screen never shows one place's numbers under another place's name.
 * Call while a component starts. What a question is about must be plain JSON.
 */
import { untrack } from 'svelte';
import type { Reply } from '@/api/client';
import type { Problem } from '@/wire';

export interface Asked<T> {
  /** Null until there is an answer to the present question. */
  readonly data: T | null;
  readonly problem: Problem | null;
  readonly busy: boolean;
  /** Asks once more; what is on screen stays until the answer is there. */
  again: () => Promise<void>;
}

/** `about` is read reactively; null means there is nothing to ask yet. */
export function ask<I, T>(about: () => I | null, get: (about: I) => Promise<Reply<T>>): Asked<T> {
  let data = $state.raw<T | null>(null);
  let problem = $state.raw<Problem | null>(null);
  let busy = $state(false);
  let turn = 0;
  const question = $derived(JSON.stringify(about()));

  async function again() {
    turn += 1;
    const mine = turn;
    const now = JSON.parse(question) as I | null;
    if (now === null) return;
    busy = true;
    const reply = await get(now);
    if (mine !== turn) return;
    busy = false;
    if (reply.ok) data = reply.data;
    problem = reply.ok ? null : reply.problem;
  }
  $effect(() => {
    void question;
    untrack(() => {
      data = null;
      problem = null;
      busy = false;
      void again();
    });
  });
  return {
    get data() {
      return data;
    },
    get problem() {
      return problem;
    },
    get busy() {
      return busy;
    },
    again,
  };
}

export interface Paged<P, R> {
  /** The first page, for what it says besides its rows. */
  readonly first: P | null;
  readonly rows: R[];
  readonly problem: Problem | null;
  readonly busy: boolean;
  readonly hasMore: boolean;
  more: () => Promise<void>;
  /** From the first page again. */
  again: () => Promise<void>;
}

/** A list that arrives page by page. */
export function askPages<I, P, R>(
  about: () => I | null,
  get: (about: I, after: string | null) => Promise<Reply<P>>,
  read: (page: P) => { rows: R[]; next: string | number | null },
): Paged<P, R> {
  let rows = $state.raw<R[]>([]);
  let next = $state.raw<string | null>(null);
  let busy = $state(false);
  let problem = $state.raw<Problem | null>(null);
  const first = ask(about, async (now: I) => {
    const reply = await get(now, null);
    if (reply.ok) take(reply.data, []);
    return reply;
  });
  function take(page: P, before: R[]) {
    const { rows: found, next: from } = read(page);
    rows = [...before, ...found];
    next = from === null ? null : String(from);
  }
  async function more() {
    const now = about();
    const page = first.data;
    if (now === null || next === null || busy) return;
    busy = true;
    const reply = await get(now, next);
    busy = false;
    // Meanwhile the question may have changed; then these rows belong to nobody.
    if (first.data !== page) return;
    if (reply.ok) take(reply.data, rows);
    problem = reply.ok ? null : reply.problem;
  }
  return {
    get first() {
      return first.data;
    },
    get rows() {
      return first.data === null ? [] : rows;
    },
    get problem() {
      return first.problem ?? problem;
    },
    get busy() {
      return first.busy || busy;
    },
    get hasMore() {
      return first.data !== null && next !== null;
    },
    more,
    again: () => first.again(),
  };
}
