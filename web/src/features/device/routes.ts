import type { Route } from '@/app/router.svelte';

export const deviceRoutes: Route[] = [
  { path: '/may-nay', title: 'nav.device', words: 'device', load: () => import('./DevicePage.svelte') },
];
