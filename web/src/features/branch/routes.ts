import type { Route } from '@/app/router.svelte';

const words = 'branch';

export const branchRoutes: Route[] = [
  { path: '/chi-doan', title: 'nav.branch', words, load: () => import('./BranchPage.svelte') },
  {
    path: '/chi-doan/chi-dao',
    title: 'branch.directives',
    words,
    load: () => import('./DirectivesPage.svelte'),
  },
  {
    path: '/chi-doan/chi-dao/:id',
    title: 'branch.directive',
    words,
    load: () => import('./DirectivePage.svelte'),
  },
  {
    path: '/chi-doan/hop/:id/:day',
    title: 'branch.meeting',
    words,
    load: () => import('./MeetingPage.svelte'),
  },
];
