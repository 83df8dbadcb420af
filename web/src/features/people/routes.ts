import type { Route } from '@/app/router.svelte';

const words = 'people';

export const peopleRoutes: Route[] = [
  { path: '/thanh-vien', title: 'nav.people', words, load: () => import('./PeoplePage.svelte') },
  { path: '/thanh-vien/moi', title: 'people.invite', words, load: () => import('./InvitePage.svelte') },
  { path: '/thanh-vien/them', title: 'people.add', words, load: () => import('./PersonFormPage.svelte') },
  { path: '/thanh-vien/nhap', title: 'people.import', words, load: () => import('./ImportPage.svelte') },
  { path: '/thanh-vien/phu', title: 'people.coverage', words, load: () => import('./CoveragePage.svelte') },
  { path: '/thanh-vien/nguoi/:id', title: 'people.person', words, load: () => import('./PersonPage.svelte') },
  {
    path: '/thanh-vien/nguoi/:id/sua',
    title: 'people.edit',
    words,
    load: () => import('./PersonFormPage.svelte'),
  },
  { path: '/thanh-vien/to/:id', title: 'people.team_page', words, load: () => import('./TeamPage.svelte') },
  { path: '/thanh-vien/to', title: 'people.teams', words, load: () => import('./TeamsPage.svelte') },
  { path: '/thanh-vien/thon', title: 'people.hamlets', words, load: () => import('./HamletsPage.svelte') },
];
