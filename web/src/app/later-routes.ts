/** The screens that can wait for the first one. A feature lists its own; this only puts them one after another. */
import { allowanceRoutes } from '@/features/allowances/routes';
import { branchRoutes } from '@/features/branch/routes';
import { calendarRoutes } from '@/features/calendar/routes';
import { campaignRoutes } from '@/features/campaigns/routes';
import { cardRoutes } from '@/features/cards/routes';
import { certificateRoutes } from '@/features/certificates/routes';
import { checkinRoutes } from '@/features/checkin/routes';
import { deskRoutes } from '@/features/desk/routes';
import { deviceRoutes } from '@/features/device/routes';
import { expertRoutes } from '@/features/experts/routes';
import { guideRoutes } from '@/features/guides/routes';
import { lobbyRoutes } from '@/features/lobby/routes';
import { notificationRoutes } from '@/features/notifications/routes';
import { outreachRoutes } from '@/features/outreach/routes';
import { peopleRoutes } from '@/features/people/routes';
import { pointRoutes } from '@/features/points/routes';
import { progressRoutes } from '@/features/progress/routes';
import { questionRoutes } from '@/features/questions/routes';
import { ratingRoutes } from '@/features/ratings/routes';
import { rosterRoutes } from '@/features/rosters/routes';
import { scamRoutes } from '@/features/scams/routes';
import { slipRoutes } from '@/features/slips/routes';
import { territoryRoutes } from '@/features/territory/routes';
import { thursdayRoutes } from '@/features/thursday/routes';
import { triageRoutes } from '@/features/triage/routes';
import { visitRoutes } from '@/features/visits/routes';
import type { Route } from './router.svelte';

export const laterRoutes: Route[] = [
  ...outreachRoutes,
  ...checkinRoutes,
  ...deskRoutes,
  ...rosterRoutes,
  ...ratingRoutes,
  ...expertRoutes,
  ...questionRoutes,
  ...guideRoutes,
  ...deviceRoutes,
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
  ...thursdayRoutes,
  ...triageRoutes,
  ...slipRoutes,
];
