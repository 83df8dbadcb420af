import type { Route } from '@/app/router.svelte';

const words = 'campaigns';

export const campaignRoutes: Route[] = [
  { path: '/chien-dich', title: 'nav.campaigns', words, load: () => import('./CampaignsPage.svelte') },
  {
    path: '/chien-dich/moi',
    title: 'campaigns.new',
    words,
    load: () => import('./NewCampaignPage.svelte'),
    focused: true,
  },
  { path: '/chien-dich/:id', title: 'nav.campaigns', words, load: () => import('./CampaignPage.svelte') },
  {
    path: '/chien-dich/:id/chi-tieu',
    title: 'campaigns.targets',
    words,
    load: () => import('./TargetsPage.svelte'),
  },
];
