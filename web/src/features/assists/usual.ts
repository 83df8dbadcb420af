/** Where a first record goes before anyone chose: the team's own commune, else the first one of the scope. */
import { covers, mainGrant } from '@/app/access';
import type { Causo } from '@/app/causo';
import { inForce } from '@/app/in-force';
import type { PlaceId } from '@/wire';

export async function firstPlace({ db, session, clock }: Causo): Promise<PlaceId> {
  const grant = mainGrant(session.grants);
  if (grant === null) return '';
  if (grant.place.level === 'commune' || grant.place.level === 'hamlet') return grant.place.id;
  const member = session.me?.member.id ?? '';
  const communes = await db.places.where('[member+level]').equals([member, 'commune']).toArray();
  const today = clock.today();
  return communes.find((place) => covers(grant, place) && inForce(place, today))?.id ?? '';
}
