import type { Route } from '@/app/router.svelte';

const words = 'cards';

export const cardRoutes: Route[] = [
  { path: '/the', title: 'nav.card', words, load: () => import('./CardPage.svelte') },
  { path: '/the/to/:id', title: 'nav.card', words, load: () => import('./TeamCardsPage.svelte') },
];
