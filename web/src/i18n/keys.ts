/** Every key there is, from the Vietnamese catalogues. A new feature adds its line here. */
import type shell from './vi.json';
import type allowances from '@/features/allowances/vi.json';
import type assists from '@/features/assists/vi.json';
import type branch from '@/features/branch/vi.json';
import type calendar from '@/features/calendar/vi.json';
import type campaigns from '@/features/campaigns/vi.json';
import type cards from '@/features/cards/vi.json';
import type certificates from '@/features/certificates/vi.json';
import type checkin from '@/features/checkin/vi.json';
import type device from '@/features/device/vi.json';
import type experts from '@/features/experts/vi.json';
import type guides from '@/features/guides/vi.json';
import type home from '@/features/home/vi.json';
import type lobby from '@/features/lobby/vi.json';
import type notifications from '@/features/notifications/vi.json';
import type outreach from '@/features/outreach/vi.json';
import type people from '@/features/people/vi.json';
import type points from '@/features/points/vi.json';
import type progress from '@/features/progress/vi.json';
import type rosters from '@/features/rosters/vi.json';
import type scams from '@/features/scams/vi.json';
import type session from '@/features/session/vi.json';
import type territory from '@/features/territory/vi.json';
import type visits from '@/features/visits/vi.json';

export type Key =
  | keyof typeof shell
  | keyof typeof allowances
  | keyof typeof assists
  | keyof typeof branch
  | keyof typeof calendar
  | keyof typeof campaigns
  | keyof typeof cards
  | keyof typeof certificates
  | keyof typeof checkin
  | keyof typeof device
  | keyof typeof experts
  | keyof typeof guides
  | keyof typeof home
  | keyof typeof lobby
  | keyof typeof notifications
  | keyof typeof outreach
  | keyof typeof people
  | keyof typeof points
  | keyof typeof progress
  | keyof typeof rosters
  | keyof typeof scams
  | keyof typeof session
  | keyof typeof territory
  | keyof typeof visits;
