import type { Route } from '@/app/router.svelte';
import SignInPage from './SignInPage.svelte';

/** The sign-in screen is part of the first script: it is the first thing a new phone shows. */
export const sessionRoutes: Route[] = [
  {
    path: '/dang-nhap',
    title: 'action.sign_in',
    words: 'session',
    load: async () => ({ default: SignInPage }),
    open: true,
  },
  {
    path: '/moi/:token',
    title: 'session.invitation',
    words: 'session',
    load: () => import('./InvitationPage.svelte'),
    open: true,
  },
];
