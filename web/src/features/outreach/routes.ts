import type { Route } from '@/app/router.svelte';

const post = { words: 'outreach', focused: true, load: () => import('./PostPage.svelte') } as const;
const street = { words: 'outreach', focused: true, load: () => import('./StreetPage.svelte') } as const;

/** What a team does besides assists: posts that spread the word, and streets without cash. */
export const outreachRoutes: Route[] = [
  { path: '/ghi/tin-bai', title: 'outreach.post_title', ...post },
  { path: '/ghi/tuyen-duong', title: 'outreach.street_title', ...street },
  { path: '/nhat-ky/:id/sua-tin-bai', title: 'outreach.post_edit', ...post },
  { path: '/nhat-ky/:id/sua-tuyen-duong', title: 'outreach.street_edit', ...street },
];
