/** The screens somebody begins with: to know their addresses, the first script need not know all others. */
import { assistRoutes } from '@/features/assists/routes';
import { homeRoutes } from '@/features/home/routes';
import { sessionRoutes } from '@/features/session/routes';
import type { Route } from './router.svelte';

export const firstRoutes: Route[] = [...homeRoutes, ...assistRoutes, ...sessionRoutes];
