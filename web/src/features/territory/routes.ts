import type { Route } from '@/app/router.svelte';

export const territoryRoutes: Route[] = [
  {
    path: '/dia-ban',
    title: 'nav.territory',
    words: 'territory',
    load: () => import('./TerritoryPage.svelte'),
  },
  {
    path: '/dia-ban/:id',
    title: 'nav.territory',
    words: 'territory',
    load: () => import('./PlacePage.svelte'),
  },
  {
    path: '/dia-ban/:id/so-lieu',
    title: 'territory.figures',
    words: 'territory',
    load: () => import('./FiguresPage.svelte'),
  },
];
