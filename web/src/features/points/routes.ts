import type { Route } from '@/app/router.svelte';

export const pointRoutes: Route[] = [
  {
    path: '/dia-ban/diem',
    title: 'points.title',
    words: 'points',
    load: () => import('./PointsPage.svelte'),
  },
];
