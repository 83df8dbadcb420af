/** Which screens a role sees. The server decides what is allowed; this only decides what is worth showing. */
import type { Key } from '@/i18n/keys';
import type { IconName } from '@/ui/icons';
import type { Grant, PlaceRef, Role } from '@/wire';

const RANK: Record<Role, number> = {
  volunteer: 0,
  leader: 1,
  commune_officer: 2,
  province_officer: 3,
  admin: 4,
};

export const ROLE_NAMES: Record<Role, Key> = {
  volunteer: 'role.volunteer',
  leader: 'role.leader',
  commune_officer: 'role.commune_officer',
  province_officer: 'role.province_officer',
  admin: 'role.admin',
};

export const atLeast = (grants: Grant[], role: Role): boolean =>
  grants.some((grant) => RANK[grant.role] >= RANK[role]);

/** The grant that says most about the person: the highest role, then the first given. */
export function mainGrant(grants: Grant[]): Grant | null {
  return grants.reduce<Grant | null>(
    (best, grant) => (best === null || RANK[grant.role] > RANK[best.role] ? grant : best),
    null,
  );
}

export const covers = (grant: Grant, place: Pick<PlaceRef, 'path'>): boolean =>
  place.path.startsWith(grant.place.path);

/** Sums and targets may be seen inside and above one's own place, not beside it. */
export const inSight = (grants: Grant[], place: Pick<PlaceRef, 'path'>): boolean =>
  grants.some((grant) => covers(grant, place) || grant.place.path.startsWith(place.path));

/** The team a record at this place is credited to: that of the nearest grant above it that has one. */
export function teamAt(grants: Grant[], place: Pick<PlaceRef, 'path'>): Grant['team'] {
  const nearest = grants
    .filter((grant) => grant.team !== null && covers(grant, place))
    .sort((a, b) => b.place.path.length - a.place.path.length)[0];
  return nearest?.team ?? null;
}

export interface NavItem {
  href: string;
  label: Key;
  icon: IconName;
}
const HOME: NavItem = { href: '/', label: 'nav.home', icon: 'home' };
const RECORD: NavItem = { href: '/ghi', label: 'nav.record', icon: 'plus' };
const LOG: NavItem = { href: '/nhat-ky', label: 'nav.log', icon: 'log' };
const ROSTERS: NavItem = { href: '/ca-truc', label: 'nav.rosters', icon: 'calendar' };
const GUIDES: NavItem = { href: '/huong-dan', label: 'nav.guides', icon: 'book' };
const DEVICE: NavItem = { href: '/may-nay', label: 'nav.device', icon: 'phone' };
const PROGRESS: NavItem = { href: '/tien-do', label: 'nav.progress', icon: 'chart' };
const CAMPAIGNS: NavItem = { href: '/chien-dich', label: 'nav.campaigns', icon: 'flag' };
const CHECKIN: NavItem = { href: '/diem-danh', label: 'nav.checkin', icon: 'clock' };
const CALENDAR: NavItem = { href: '/lich', label: 'nav.calendar', icon: 'calendar' };
const PEOPLE: NavItem = { href: '/thanh-vien', label: 'nav.people', icon: 'people' };
const TERRITORY: NavItem = { href: '/dia-ban', label: 'nav.territory', icon: 'map' };

/** In order of use. A phone shows the first four and puts the rest behind "more"; a laptop shows all. */
export function navFor(grants: Grant[]): NavItem[] {
  if (atLeast(grants, 'commune_officer'))
    return [PROGRESS, CAMPAIGNS, RECORD, PEOPLE, CALENDAR, ROSTERS, CHECKIN, TERRITORY, LOG, GUIDES, DEVICE];
  if (atLeast(grants, 'leader'))
    return [HOME, RECORD, LOG, PROGRESS, CALENDAR, ROSTERS, CHECKIN, PEOPLE, GUIDES, TERRITORY, DEVICE];
  return [HOME, RECORD, LOG, GUIDES, CALENDAR, ROSTERS, CHECKIN, PROGRESS, TERRITORY, DEVICE];
}

/** Where "/" leads an officer; volunteers and leaders stay on their own day. */
export const firstScreen = (grants: Grant[]): string =>
  atLeast(grants, 'commune_officer') ? '/tien-do' : '/';
