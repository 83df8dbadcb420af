/** The catalogue and the campaigns on the phone, for the screens of this feature. */
import type { Causo } from '@/app/causo';
import { live } from '@/sync/live.svelte';
import type { Service } from '@/wire';
import { catalogueNames } from './rules';
import type { CampaignBrief } from '@/wire';

const member = (causo: Causo) => () => causo.session.me?.member.id ?? '';

export function liveCatalogue(causo: Causo) {
  const rows = live<string, Service[]>(
    member(causo),
    (id) => causo.db.services.where('member').equals(id).toArray(),
    [],
  );
  const names = $derived(catalogueNames(rows.value));
  return {
    get services() {
      return rows.value;
    },
    get names() {
      return names;
    },
  };
}

export const liveCampaigns = (causo: Causo) =>
  live<string, CampaignBrief[]>(
    member(causo),
    (id) => causo.db.campaigns.where('member').equals(id).toArray(),
    [],
  );
