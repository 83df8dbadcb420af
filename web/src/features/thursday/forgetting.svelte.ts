/**
 * What somebody's papers say is held in memory while it is needed and no longer: two idle minutes, or less once it is
 * printed, and on leaving. Call while a component starts.
 */
import { onMount } from 'svelte';

const IDLE_S = 120;
const PRINTED_S = 20;

export interface Forgetting {
  /** Seconds until everything is forgotten. */
  readonly left: number;
  /** It is on paper: soon nothing more is needed of it. */
  printed: () => void;
}

/** `holds` says whether there is anything to forget; `forget` does it. */
export function forgetting(holds: () => boolean, forget: () => void): Forgetting {
  let left = $state(IDLE_S);
  let whole = IDLE_S;

  onMount(() => {
    const touched = () => (left = whole);
    const tick = setInterval(() => {
      if (!holds()) {
        whole = IDLE_S;
        left = IDLE_S;
        return;
      }
      left -= 1;
      if (left <= 0) forget();
    }, 1000);
    const events = ['pointerdown', 'keydown', 'input'] as const;
    for (const event of events) window.addEventListener(event, touched);
    // A page that is kept for "back" would keep what was typed with it.
    window.addEventListener('pagehide', forget);
    return () => {
      clearInterval(tick);
      for (const event of events) window.removeEventListener(event, touched);
      window.removeEventListener('pagehide', forget);
      forget();
    };
  });
  return {
    get left() {
      return left;
    },
    printed() {
      whole = PRINTED_S;
      left = PRINTED_S;
    },
  };
}
