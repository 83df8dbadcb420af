import type { Route } from '@/app/router.svelte';

const words = 'people';

export const peopleRoutes: Route[] = [
  { path: '/thanh-vien', title: 'nav.people', words, load: () => import('./PeoplePage.svelte') },
  { path: '/thanh-vien/moi', title: 'people.invite', words, load: () => import('./InvitePage.svelte') },
  { path: '/thanh-vien/to', title: 'people.teams', words, load: () => import('./TeamsPage.svelte') },
  { path: '/thanh-vien/thon', title: 'people.hamlets', words, load: () => import('./HamletsPage.svelte') },
];
