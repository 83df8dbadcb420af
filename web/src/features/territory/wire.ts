/** What the server says about a place beyond the shared wire types. */
import type { Dated, PlaceDetail as SharedDetail } from '@/wire';

export type PlaceDetail = Omit<SharedDetail, 'names'> & {
  names: ({ name: string; full_name: string; kind: string } & Dated)[];
};
