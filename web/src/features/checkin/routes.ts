import type { Route } from '@/app/router.svelte';

const words = 'checkin';

/** Being there: one's own coming and going, the code a point shows, and for leaders who is where. */
export const checkinRoutes: Route[] = [
  { path: '/diem-danh', title: 'checkin.title', words, load: () => import('./CheckInPage.svelte') },
  {
    path: '/diem-danh/quet',
    title: 'checkin.scan',
    words,
    focused: true,
    load: () => import('./ScanPage.svelte'),
  },
  {
    path: '/diem-danh/ma/:id',
    title: 'checkin.code_title',
    words,
    focused: true,
    load: () => import('./CodePage.svelte'),
  },
  { path: '/diem-danh/to', title: 'checkin.roll', words, load: () => import('./RollPage.svelte') },
  { path: '/diem-danh/bang', title: 'checkin.board', words, load: () => import('./BoardPage.svelte') },
  {
    path: '/diem-danh/chu-nhat',
    title: 'checkin.sunday',
    words,
    load: () => import('./SundayPage.svelte'),
  },
];
