import type { Route } from '@/app/router.svelte';

const words = 'scams';

export const scamRoutes: Route[] = [
  { path: '/canh-bao', title: 'nav.scams', words, load: () => import('./ScamsPage.svelte') },
  { path: '/canh-bao/bao', title: 'nav.scams', words, load: () => import('./ReportFormPage.svelte') },
  { path: '/canh-bao/:id', title: 'nav.scams', words, load: () => import('./ReportPage.svelte') },
  { path: '/canh-bao/:id/phieu', title: 'nav.scams', words, load: () => import('./HandoffPage.svelte') },
];
