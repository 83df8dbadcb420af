/** Who may invite whom, and where: people invite below their own role, inside their own place. */
import { atLeast, mainGrant } from '@/app/access';
import type { Grant, PlaceLevel, Role } from '@/wire';

const NEEDS: Record<Role, Role> = {
  volunteer: 'leader',
  leader: 'commune_officer',
  commune_officer: 'province_officer',
  province_officer: 'admin',
  admin: 'admin',
};
const UPWARDS: Role[] = ['volunteer', 'leader', 'commune_officer', 'province_officer', 'admin'];

export const invitable = (grants: Grant[]): Role[] => UPWARDS.filter((role) => atLeast(grants, NEEDS[role]));

/** The level of place a role is given on; an administrator answers for the whole installation. */
export const LEVEL_OF: Record<Role, PlaceLevel> = {
  volunteer: 'commune',
  leader: 'commune',
  commune_officer: 'commune',
  province_officer: 'province',
  admin: 'nation',
};

export const needsTeam = (role: Role): boolean => role === 'volunteer' || role === 'leader';

/** A place that goes without saying: one's own, when the role belongs on its level. */
export function ownPlace(grants: Grant[], role: Role): Grant['place'] | null {
  const place = mainGrant(grants)?.place ?? null;
  return place?.level === LEVEL_OF[role] ? place : null;
}

export const mayDisable = (grants: Grant[]): boolean => atLeast(grants, 'commune_officer');
