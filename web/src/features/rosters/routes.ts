import type { Route } from '@/app/router.svelte';

const words = 'rosters';

export const rosterRoutes: Route[] = [
  { path: '/ca-truc', title: 'nav.rosters', words, load: () => import('./RosterPage.svelte') },
  {
    path: '/ca-truc/lich-ranh',
    title: 'rosters.free_title',
    words,
    load: () => import('./AvailabilityPage.svelte'),
  },
  { path: '/ca-truc/xep', title: 'rosters.arrange_title', words, load: () => import('./ArrangePage.svelte') },
  { path: '/ca-truc/thieu', title: 'rosters.short_title', words, load: () => import('./GapsPage.svelte') },
  {
    path: '/ca-truc/quy-dinh',
    title: 'rosters.rules_title',
    words,
    load: () => import('./RulesPage.svelte'),
  },
  { path: '/ca-truc/in', title: 'rosters.print', words, load: () => import('./PrintPage.svelte') },
];
