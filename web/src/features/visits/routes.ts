import type { Route } from '@/app/router.svelte';

/** Whether people agree at the door, alone and with somebody they trust along. */
export const visitRoutes: Route[] = [
  { path: '/di-cung', title: 'visits.title', words: 'visits', load: () => import('./VisitsPage.svelte') },
];
