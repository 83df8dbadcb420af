import type { Route } from '@/app/router.svelte';

const words = 'ratings';

/** What residents think of how they were served, and what is done about it. Rating itself needs no app. */
export const ratingRoutes: Route[] = [
  { path: '/hai-long', title: 'nav.ratings', words, load: () => import('./ResultsPage.svelte') },
  { path: '/hai-long/gop-y', title: 'ratings.comments', words, load: () => import('./CommentsPage.svelte') },
  { path: '/hai-long/viec', title: 'ratings.actions', words, load: () => import('./ActionsPage.svelte') },
  { path: '/hai-long/viec/:id', title: 'ratings.action', words, load: () => import('./ActionPage.svelte') },
  { path: '/hai-long/dua-may/:code', title: 'ratings.hand', words, load: () => import('./HandPage.svelte') },
  { path: '/hai-long/ap-phich', title: 'ratings.poster', words, load: () => import('./PosterPage.svelte') },
];
