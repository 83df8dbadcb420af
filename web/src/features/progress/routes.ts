import type { Route } from '@/app/router.svelte';

export const progressRoutes: Route[] = [
  { path: '/tien-do', title: 'nav.progress', words: 'progress', load: () => import('./ProgressPage.svelte') },
  {
    path: '/tien-do/luot',
    title: 'progress.facts_title',
    words: 'progress',
    load: () => import('./FactsPage.svelte'),
  },
];
