/**
 * The session lock. A phone has one session cookie for all its tabs, so sending facts and changing who is signed in
 * must exclude one another: otherwise one member's facts could leave under another's name.
 */
export type Locked = <T>(work: () => Promise<T>) => Promise<T>;

const NAME = 'causo.session';

/** Web Locks where there are any; a queue within the tab otherwise (old Safari, plain http). */
export function sessionLock(locks: LockManager | undefined): Locked {
  if (locks !== undefined) return (work) => locks.request(NAME, work) as ReturnType<typeof work>;
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  };
}
