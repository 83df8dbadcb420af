import type { Route } from '@/app/router.svelte';

const words = 'calendar';

export const calendarRoutes: Route[] = [
  { path: '/lich', title: 'nav.calendar', words, load: () => import('./CalendarPage.svelte') },
  { path: '/lich/hoat-dong', title: 'nav.calendar', words, load: () => import('./ActivityPage.svelte') },
  { path: '/lich/dang-ky', title: 'calendar.feeds', words, load: () => import('./FeedsPage.svelte') },
];
