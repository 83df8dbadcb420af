import type { Route } from '@/app/router.svelte';

export const guideRoutes: Route[] = [
  { path: '/huong-dan', title: 'nav.guides', words: 'guides', load: () => import('./GuidesPage.svelte') },
  {
    path: '/huong-dan/thac-mac',
    title: 'guides.objections',
    words: 'guides',
    load: () => import('./ObjectionsPage.svelte'),
  },
  {
    path: '/huong-dan/:code',
    title: 'nav.guides',
    words: 'guides',
    load: () => import('./GuidePage.svelte'),
    focused: true,
  },
];
