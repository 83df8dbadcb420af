/** The points somebody works at, and which of them they are at now. Call while a component starts. */
import { mainGrant } from '@/app/access';
import type { Causo } from '@/app/causo';
import { live } from '@/sync/live.svelte';
import { ask } from '@/ui/asked.svelte';
import type { Point } from '@/wire';

/** Chosen once, it holds on every screen of the desk until the app is closed. */
let chosen = $state('');

export interface OwnPoints {
  readonly ready: boolean;
  readonly all: Point[];
  /** Id of the point they are at; empty while there is none. */
  here: string;
}

export function ownPoints({ api, db, session }: Causo): OwnPoints {
  const kept = live<string, Point[]>(
    () => session.me?.member.id ?? '',
    (id) => db.points.where('member').equals(id).toArray(),
    [],
  );
  const grant = mainGrant(session.grants);
  // Phones carry their own communes; whoever looks after more sees the rest while online.
  const more = ask(
    () => (grant !== null && grant.place.level !== 'commune' ? { place: grant.place.id } : null),
    (about) => api.get<{ points: Point[] }>('/points', about),
  );
  const all = $derived.by(() => {
    const fresh = more.data?.points ?? [];
    return [...kept.value, ...fresh.filter(({ id }) => kept.value.every((one) => one.id !== id))];
  });
  return {
    get ready() {
      return kept.ready;
    },
    get all() {
      return all;
    },
    get here() {
      return all.some(({ id }) => id === chosen) ? chosen : (all[0]?.id ?? '');
    },
    set here(id) {
      chosen = id;
    },
  };
}
