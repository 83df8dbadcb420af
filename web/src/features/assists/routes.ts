import type { Route } from '@/app/router.svelte';
import RecordPage from './RecordPage.svelte';

/** The record screen is part of the first script: it is what the app is for. */
export const assistRoutes: Route[] = [
  {
    path: '/ghi',
    title: 'nav.record',
    words: 'assists',
    load: async () => ({ default: RecordPage }),
    focused: true,
  },
  { path: '/nhat-ky', title: 'nav.log', words: 'assists', load: () => import('./LogPage.svelte') },
  {
    path: '/nhat-ky/:id/sua',
    title: 'assists.edit_title',
    words: 'assists',
    load: () => import('./EditPage.svelte'),
    focused: true,
  },
  {
    path: '/an-toan',
    title: 'assists.safety_title',
    words: 'assists',
    load: () => import('./SafetyPage.svelte'),
  },
];
