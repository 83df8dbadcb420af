import type { Route } from '@/app/router.svelte';

/** "Ngày thứ Năm không hẹn không viết": nobody writes, and many take the result home the same day. */
export const thursdayRoutes: Route[] = [
  {
    path: '/khong-viet',
    title: 'nav.thursday',
    words: 'thursday',
    load: () => import('./ThursdayPage.svelte'),
  },
  {
    path: '/khong-viet/ket-qua',
    title: 'thursday.report',
    words: 'thursday',
    load: () => import('./ReportPage.svelte'),
  },
  {
    path: '/khong-viet/:code',
    title: 'thursday.fill',
    words: 'thursday',
    load: () => import('./FormPage.svelte'),
    focused: true,
  },
];
