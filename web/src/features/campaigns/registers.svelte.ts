/** The catalogue and the campaigns on the phone, for the screens of this feature. */
import type { Causo } from '@/app/causo';
import { liveServices } from '@/features/assists/registers.svelte';
import { live } from '@/sync/live.svelte';
import { catalogueNames } from './rules';
import type { CampaignBrief } from '@/wire';

const member = (causo: Causo) => () => causo.session.me?.member.id ?? '';

export function liveCatalogue(causo: Causo) {
  const services = liveServices(causo);
  const names = $derived(catalogueNames(services.list));
  return {
    get services() {
      return services.list;
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
