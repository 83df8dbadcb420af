/** Months, by their first days, and the policies that held in them. */
import type { AllowancePolicy, Day } from '@/wire';

export const monthOf = (day: Day): Day => `${day.slice(0, 7)}-01`;

export function addMonths(month: Day, by: number): Day {
  const at = Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1 + by;
  return `${String(Math.floor(at / 12)).padStart(4, '0')}-${String((at % 12) + 1).padStart(2, '0')}-01`;
}

/** This month and the eleven before it, the latest first. */
export const lastYear = (today: Day): Day[] =>
  Array.from({ length: 12 }, (_, back) => addMonths(monthOf(today), -back));

/** `09/2024` */
export const sayMonth = (month: Day): string => `${month.slice(5, 7)}/${month.slice(0, 4)}`;

export const heldIn = ({ valid_from, valid_to }: AllowancePolicy, month: Day): boolean =>
  valid_from < addMonths(month, 1) && (valid_to === null || valid_to === undefined || valid_to > month);
