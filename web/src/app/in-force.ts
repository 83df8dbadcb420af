/** Register rows hold from `valid_from` up to, not including, `valid_to`; an open end is null. */
import type { Dated, Day } from '@/wire';

export const inForce = ({ valid_from, valid_to }: Dated, day: Day): boolean =>
  (valid_from === null || valid_from <= day) && (valid_to === null || day < valid_to);
