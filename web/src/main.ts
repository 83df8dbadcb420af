import './ui/base.css';
import { mount } from 'svelte';
import App from './app/App.svelte';
import { assemble } from './app/causo';
import { Settings } from './app/settings.svelte';
import { forgetOldMarks } from './sync/near';

const IDLE_MS_MAX = 1_000;
const idle = () =>
  new Promise<unknown>((resolve) => {
    // Safari has no word for it.
    if ('requestIdleCallback' in window) requestIdleCallback(resolve, { timeout: IDLE_MS_MAX });
    else setTimeout(resolve, IDLE_MS_MAX);
  });

async function start(): Promise<void> {
  const settings = new Settings(localStorage);
  const [causo] = await Promise.all([assemble(settings), settings.apply()]);
  causo.router.start();
  const met = causo.courier.start();
  // A new phone of someone signed in gets what the app asks for beside the script; then the door need not be shown first.
  const sentAlong = performance.getEntriesByName(new URL('/api/v1/changes', location.href).href).length > 0;
  if (sentAlong && causo.session.people.length === 0) await met;
  mount(App, { target: document.getElementById('app') ?? document.body, props: { causo } });

  // The rest must take neither the line nor the processor from what the person waits for. Where the phone holds the
  // app already, the line does not matter.
  if (!navigator.serviceWorker?.controller) await met;
  await idle();
  // What comes next: the type, the other screens' addresses, the screen after signing in, and the details of a record. Without them the app still works.
  await Promise.allSettled([
    import('./ui/fonts.css'),
    import('./app/later-routes'),
    import('./features/home/HomePage.svelte'),
    import('./features/assists/Details.svelte'),
  ]);
  await causo.version.start();
  await forgetOldMarks(causo.db, causo.clock.nowMs());
  await causo.ledger.tidy();
}

void start();
