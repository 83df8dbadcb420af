/**
 * A new version waits until the person says so: nothing reloads in the middle of an assist. Facts and drafts live in
 * the database, so a reload loses neither.
 */
export class Version {
  waiting = $state.raw<ServiceWorker | null>(null);

  async start(): Promise<void> {
    if (!('serviceWorker' in navigator) || !import.meta.env.PROD) return;
    let asked = false;
    navigator.serviceWorker.addEventListener('controllerchange', () => {
      // The very first worker also takes control; only a change the person asked for, here or in another tab, reloads.
      if (asked || this.waiting !== null) location.reload();
    });
    this.#use = (worker) => {
      asked = true;
      worker.postMessage({ type: 'SKIP_WAITING' });
    };
    const registration = await navigator.serviceWorker.register('/sw.js').catch(() => null);
    if (registration === null) return;
    this.waiting = registration.waiting;
    registration.addEventListener('updatefound', () => {
      const arriving = registration.installing;
      arriving?.addEventListener('statechange', () => {
        if (arriving.state === 'installed' && navigator.serviceWorker.controller !== null)
          this.waiting = arriving;
      });
    });
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') void registration.update().catch(() => undefined);
    });
  }
  #use: (worker: ServiceWorker) => void = () => undefined;

  use(): void {
    if (this.waiting !== null) this.#use(this.waiting);
  }
}
