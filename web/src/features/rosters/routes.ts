import type { Route } from '@/app/router.svelte';

const words = 'rosters';

export const rosterRoutes: Route[] = [
  { path: '/ca-truc', title: 'nav.rosters', words, load: () => import('./RosterPage.svelte') },
  { path: '/ca-truc/xep', title: 'rosters.arrange_title', words, load: () => import('./ArrangePage.svelte') },
];
