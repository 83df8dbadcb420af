import type { Route } from '@/app/router.svelte';

const words = 'notifications';

export const notificationRoutes: Route[] = [
  {
    path: '/thong-bao',
    title: 'nav.notifications',
    words,
    load: () => import('./NotificationsPage.svelte'),
  },
  {
    path: '/thong-bao/cach-bao',
    title: 'notifications.choices',
    words,
    load: () => import('./ChoicesPage.svelte'),
  },
];
