import { describe, expect, it } from 'vitest';
import type { Grant, PlaceLevel, Role } from '@/wire';
import { invitable, mayDisable, ownPlace } from './inviting';

const grant = (role: Role, level: PlaceLevel): Grant => ({
  role,
  place: { id: 'x', code: '', level, kind: '', name: 'X', full_name: 'X', path: 'VN/x/' },
  team: null,
});

describe('inviting', () => {
  it('is for those above the role', () => {
    expect(invitable([grant('volunteer', 'commune')])).toEqual([]);
    expect(invitable([grant('leader', 'commune')])).toEqual(['volunteer']);
    expect(invitable([grant('commune_officer', 'commune')])).toEqual(['volunteer', 'leader']);
    expect(invitable([grant('province_officer', 'province')])).toEqual([
      'volunteer',
      'leader',
      'commune_officer',
    ]);
    expect(invitable([grant('admin', 'nation')]).length).toBe(5);
  });
  it("takes one's own place where the role belongs there, and asks otherwise", () => {
    expect(ownPlace([grant('leader', 'commune')], 'volunteer')?.id).toBe('x');
    expect(ownPlace([grant('province_officer', 'province')], 'commune_officer')).toBeNull();
    expect(ownPlace([grant('admin', 'nation')], 'province_officer')).toBeNull();
  });
  it('leaves switching off to officers', () => {
    expect(mayDisable([grant('leader', 'commune')])).toBe(false);
    expect(mayDisable([grant('commune_officer', 'commune')])).toBe(true);
  });
});
