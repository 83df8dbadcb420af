import type { Route } from '@/app/router.svelte';

/** What for, what is at hand, where to: in under twenty seconds, and without a network. */
export const triageRoutes: Route[] = [
  { path: '/phan-luong', title: 'nav.triage', words: 'triage', load: () => import('./TriagePage.svelte') },
];
