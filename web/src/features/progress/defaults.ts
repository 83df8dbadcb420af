/** Where the progress screen starts for someone who did not ask for anything in particular. */
import type { CampaignBrief, Day, Grant, PlaceId } from '@/wire';

type Dates = Pick<CampaignBrief, 'starts_on' | 'ends_on'>;

/** The campaign that runs today and ends soonest; otherwise the newest. */
export function defaultCampaign<T extends Dates>(campaigns: T[], today: Day): T | null {
  const running = campaigns
    .filter(({ starts_on, ends_on }) => starts_on <= today && today <= ends_on)
    .sort((a, b) => a.ends_on.localeCompare(b.ends_on));
  const newest = [...campaigns].sort((a, b) => b.starts_on.localeCompare(a.starts_on));
  return running[0] ?? newest[0] ?? null;
}

/** One's own place when the campaign runs there; otherwise the campaign's. */
export function defaultPlace(campaign: Pick<CampaignBrief, 'place_id'>, grant: Grant | null): PlaceId {
  const inside = grant?.place.path.split('/').includes(campaign.place_id) ?? false;
  return grant !== null && inside ? grant.place.id : campaign.place_id;
}
