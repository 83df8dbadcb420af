/** A database query that stays true: re-runs when its rows change, in this tab or another. Call while a component starts. */
import { watch } from './tables';

export interface Live<T> {
  readonly value: T;
  /** False until the first answer, so that a screen can tell "none" from "not yet". */
  readonly ready: boolean;
}

/** `inputs` is read reactively; when what it returns changes, the query starts again with it. */
export function live<I, T>(inputs: () => I, query: (inputs: I) => Promise<T>, initial: T): Live<T> {
  let value = $state.raw(initial);
  let ready = $state(false);
  // Derived, so that the same member read anew is the same question.
  const asked = $derived(inputs());
  $effect(() => {
    const now = asked;
    return watch(
      () => query(now),
      (found) => {
        value = found;
        ready = true;
      },
    );
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
