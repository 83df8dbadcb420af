import type { Route } from '@/app/router.svelte';
import { loadWords } from '@/i18n/words.svelte';

const words = 'desk';

/** A point's desk: the counter, its board, its set-up, how long people waited, and who goes where. */
export const deskRoutes: Route[] = [
  { path: '/quay', title: 'desk.title', words, load: () => import('./CounterPage.svelte') },
  { path: '/quay/cai-dat', title: 'desk.setup', words, load: () => import('./SetupPage.svelte') },
  { path: '/quay/bang', title: 'desk.board', words, focused: true, load: () => import('./BoardPage.svelte') },
  { path: '/quay/dieu-phoi', title: 'desk.moving', words, load: () => import('./MovingPage.svelte') },
  { path: '/quay/thoi-gian', title: 'desk.times', words, load: () => import('./TimesPage.svelte') },
  {
    path: '/quay/phieu/:id',
    title: 'desk.ticket',
    words, // It says what slips, ratings and triage say.
    load: async () =>
      (
        await Promise.all([
          import('./TicketPage.svelte'),
          loadWords('slips'),
          loadWords('ratings'),
          loadWords('triage'),
        ])
      )[0],
  },
  {
    path: '/quay/in/:id',
    title: 'desk.print',
    words,
    focused: true,
    load: () => import('./PrintPage.svelte'),
  },
];
