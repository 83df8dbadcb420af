import type { Route } from '@/app/router.svelte';

const words = 'experts';

export const expertRoutes: Route[] = [
  { path: '/chuyen-gia', title: 'nav.experts', words, load: () => import('./RequestsPage.svelte') },
  { path: '/chuyen-gia/cua-toi', title: 'nav.experts', words, load: () => import('./JobsPage.svelte') },
  { path: '/chuyen-gia/doi-hinh', title: 'nav.experts', words, load: () => import('./SquadPage.svelte') },
  { path: '/chuyen-gia/bao-cao', title: 'nav.experts', words, load: () => import('./ReportPage.svelte') },
  {
    path: '/chuyen-gia/yeu-cau/:id',
    title: 'nav.experts',
    words,
    load: () => import('./RequestPage.svelte'),
  },
];
