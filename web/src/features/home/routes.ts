import type { Route } from '@/app/router.svelte';
import HomePage from './HomePage.svelte';

/** Part of the first script: on a slow network a second trip for it would cost more than its bytes. */
export const homeRoutes: Route[] = [
  { path: '/', title: 'nav.home', words: 'home', load: async () => ({ default: HomePage }) },
];
