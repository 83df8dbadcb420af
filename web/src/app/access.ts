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
  /** The lowest role that has use for it; everybody, if none is named. */
  from?: Role;
}
export interface NavGroup {
  title: Key;
  items: NavItem[];
}

const HOME: NavItem = { href: '/', label: 'nav.home', icon: 'home' };
const RECORD: NavItem = { href: '/ghi', label: 'nav.record', icon: 'plus' };
const LOG: NavItem = { href: '/nhat-ky', label: 'nav.log', icon: 'log' };
const ROSTERS: NavItem = { href: '/ca-truc', label: 'nav.rosters', icon: 'desk' };
const PROGRESS: NavItem = { href: '/tien-do', label: 'nav.progress', icon: 'chart' };
const CAMPAIGNS: NavItem = {
  href: '/chien-dich',
  label: 'nav.campaigns',
  icon: 'flag',
  from: 'commune_officer',
};
const PEOPLE: NavItem = { href: '/thanh-vien', label: 'nav.people', icon: 'people', from: 'leader' };

const GROUPS: NavGroup[] = [
  {
    title: 'nav.group_day',
    items: [HOME, RECORD, LOG, { href: '/huong-dan', label: 'nav.guides', icon: 'book' }],
  },
  {
    title: 'nav.group_time',
    items: [
      { href: '/lich', label: 'nav.calendar', icon: 'calendar' },
      ROSTERS,
      { href: '/diem-danh', label: 'nav.checkin', icon: 'clock' },
    ],
  },
  {
    title: 'nav.group_desk',
    items: [
      { href: '/quay', label: 'nav.desk', icon: 'ticket' },
      { href: '/phan-luong', label: 'nav.triage', icon: 'signpost' },
      { href: '/khong-viet', label: 'nav.thursday', icon: 'signature' },
      { href: '/lich-hen', label: 'nav.slips', icon: 'calendar-check' },
    ],
  },
  {
    title: 'nav.group_voice',
    items: [
      { href: '/dan-hoi', label: 'nav.questions', icon: 'question' },
      { href: '/hai-long', label: 'nav.ratings', icon: 'star', from: 'commune_officer' },
      { href: '/canh-bao', label: 'nav.scams', icon: 'shield' },
    ],
  },
  {
    title: 'nav.group_people',
    items: [
      { href: '/chi-doan', label: 'nav.branch', icon: 'megaphone' },
      PEOPLE,
      { href: '/chuyen-gia', label: 'nav.experts', icon: 'hand', from: 'leader' },
      { href: '/ho-tro', label: 'nav.support', icon: 'wallet' },
      { href: '/the', label: 'nav.card', icon: 'id-card' },
    ],
  },
  {
    title: 'nav.group_results',
    items: [
      PROGRESS,
      CAMPAIGNS,
      { href: '/di-cung', label: 'nav.visits', icon: 'door', from: 'leader' },
      { href: '/dia-ban', label: 'nav.territory', icon: 'map' },
    ],
  },
  { title: 'nav.group_device', items: [{ href: '/may-nay', label: 'nav.device', icon: 'phone' }] },
];

/** What is always at the foot of a phone's screen, by role; the fifth place there opens the rest. */
function footFor(grants: Grant[]): NavItem[] {
  if (atLeast(grants, 'commune_officer')) return [PROGRESS, CAMPAIGNS, PEOPLE, RECORD];
  if (atLeast(grants, 'leader')) return [HOME, RECORD, LOG, PROGRESS];
  return [HOME, RECORD, LOG, ROSTERS];
}

/** Everything a role has use for, in groups, and what of it is at hand on a phone. */
export function navFor(grants: Grant[]): { foot: NavItem[]; groups: NavGroup[] } {
  const officer = atLeast(grants, 'commune_officer');
  const shown = (item: NavItem) => atLeast(grants, item.from ?? 'volunteer') && !(officer && item === HOME);
  const groups = GROUPS.map((group) => ({ ...group, items: group.items.filter(shown) }));
  return { foot: footFor(grants), groups: groups.filter((group) => group.items.length > 0) };
}

/** Where "/" leads an officer; volunteers and leaders stay on their own day. */
export const firstScreen = (grants: Grant[]): string =>
  atLeast(grants, 'commune_officer') ? '/tien-do' : '/';
