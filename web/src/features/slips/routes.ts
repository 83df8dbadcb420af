import type { Route } from '@/app/router.svelte';

/** Reminders of the day on which a result can be fetched. */
export const slipRoutes: Route[] = [
  { path: '/lich-hen', title: 'nav.slips', words: 'slips', load: () => import('./SlipsPage.svelte') },
  {
    path: '/lich-hen/moi',
    title: 'slips.new',
    words: 'slips',
    load: () => import('./NewSlipPage.svelte'),
    focused: true,
  },
  {
    path: '/lich-hen/:id',
    title: 'slips.one',
    words: 'slips',
    load: () => import('./SlipPage.svelte'),
    focused: true,
  },
];
