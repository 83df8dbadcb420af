import type { Route } from '@/app/router.svelte';

export const homeRoutes: Route[] = [
  { path: '/', title: 'nav.home', words: 'home', load: () => import('./HomePage.svelte') },
];
