import type { Route } from '@/app/router.svelte';

const words = 'allowances';

/** What a team is paid for a month: the list, what it rests on, and what oneself is paid. */
export const allowanceRoutes: Route[] = [
  { path: '/ho-tro', title: 'allowances.title', words, load: () => import('./SupportPage.svelte') },
  { path: '/ho-tro/cua-toi', title: 'allowances.mine', words, load: () => import('./OwnPage.svelte') },
  {
    path: '/ho-tro/chinh-sach',
    title: 'allowances.policies',
    words,
    load: () => import('./PoliciesPage.svelte'),
  },
];
