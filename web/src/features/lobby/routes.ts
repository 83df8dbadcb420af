import type { Route } from '@/app/router.svelte';

/** Kiosks and boards of a desk. What residents see of it are the server's own pages. */
export const lobbyRoutes: Route[] = [
  {
    path: '/quay/thiet-bi',
    title: 'lobby.title',
    words: 'lobby',
    load: () => import('./DevicesPage.svelte'),
  },
];
