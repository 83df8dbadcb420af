/** Every screen of the app. A feature lists its own; this only puts them one after another. */
import { allowanceRoutes } from '@/features/allowances/routes';
import { assistRoutes } from '@/features/assists/routes';
import { branchRoutes } from '@/features/branch/routes';
import { calendarRoutes } from '@/features/calendar/routes';
import { campaignRoutes } from '@/features/campaigns/routes';
import { cardRoutes } from '@/features/cards/routes';
import { certificateRoutes } from '@/features/certificates/routes';
import { checkinRoutes } from '@/features/checkin/routes';
import { deviceRoutes } from '@/features/device/routes';
import { expertRoutes } from '@/features/experts/routes';
import { guideRoutes } from '@/features/guides/routes';
import { homeRoutes } from '@/features/home/routes';
import { lobbyRoutes } from '@/features/lobby/routes';
import { notificationRoutes } from '@/features/notifications/routes';
import { outreachRoutes } from '@/features/outreach/routes';
import { peopleRoutes } from '@/features/people/routes';
import { pointRoutes } from '@/features/points/routes';
import { progressRoutes } from '@/features/progress/routes';
import { rosterRoutes } from '@/features/rosters/routes';
import { scamRoutes } from '@/features/scams/routes';
import { sessionRoutes } from '@/features/session/routes';
import { territoryRoutes } from '@/features/territory/routes';
import { visitRoutes } from '@/features/visits/routes';
import type { Route } from './router.svelte';

export const routes: Route[] = [
  ...homeRoutes,
  ...assistRoutes,
  ...outreachRoutes,
  ...checkinRoutes,
  ...rosterRoutes,
  ...expertRoutes,
  ...guideRoutes,
  ...deviceRoutes,
  ...sessionRoutes,
  ...progressRoutes,
  ...branchRoutes,
  ...calendarRoutes,
  ...campaignRoutes,
  ...peopleRoutes,
  ...pointRoutes,
  ...lobbyRoutes,
  ...notificationRoutes,
  ...territoryRoutes,
  ...allowanceRoutes,
  ...cardRoutes,
  ...scamRoutes,
  ...certificateRoutes,
  ...visitRoutes,
];
