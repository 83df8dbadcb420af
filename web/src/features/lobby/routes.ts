import type { Route } from '@/app/router.svelte';
import { loadWords } from '@/i18n/words.svelte';

/** Kiosks and boards of a desk. What residents see of it are the server's own pages. */
export const lobbyRoutes: Route[] = [
  {
    path: '/quay/thiet-bi',
    title: 'lobby.title',
    words: 'lobby', // Its tabs are the desk's.
    load: async () => (await Promise.all([import('./DevicesPage.svelte'), loadWords('desk')]))[0],
  },
];
