/** A database query that stays true: re-runs when its rows change, in this tab or another. Call while a component starts. */
import { liveQuery } from 'dexie';

export interface Live<T> {
  readonly value: T;
  /** False until the first answer, so that a screen can tell "none" from "not yet". */
  readonly ready: boolean;
}

/** `inputs` is read reactively; when what it returns changes, the query starts again with it. */
export function live<I, T>(inputs: () => I, query: (inputs: I) => Promise<T>, initial: T): Live<T> {
  let value = $state.raw(initial);
  let ready = $state(false);
  $effect(() => {
    const asked = inputs();
    const subscription = liveQuery(() => query(asked)).subscribe({
      next: (found) => {
        value = found;
        ready = true;
      },
    });
    return () => subscription.unsubscribe();
  });
  return {
    get value() {
      return value;
    },
    get ready() {
      return ready;
    },
  };
}
