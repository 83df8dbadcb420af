/**
 * Identity strings, made on the phone and replaced by a keyed pseudonym on the server. The same resident must give
 * the same string on any phone, so everything is folded and put in one form first.
 */
import { fold, normalise } from '@/i18n/fold';
import type { PlaceId } from '@/wire';

/** Prefixes that changed in 2018; people still read the old number off an old card. */
const OLD_PREFIXES: Record<string, string> = {
  ...Object.fromEntries([2, 3, 4, 5, 6, 7, 8, 9].map((n) => [`016${n}`, `03${n}`])),
  ...{ '0123': '083', '0124': '084', '0125': '085', '0127': '081', '0129': '082' },
  ...{ '0120': '070', '0121': '079', '0122': '077', '0126': '076', '0128': '078' },
  ...{ '0186': '056', '0188': '058', '0199': '059' },
};
const MOBILE =
  /^(?:(?:3\d|7[06-9])\d|5(?:[1689]\d|2[238]|59)|8(?:[1-8]\d|9[6-9])|9(?:[0-8]\d|9[013-9]))\d{6}$/;

/** E.164, or null when it is no Vietnamese mobile number. */
export function parsePhone(text: string): string | null {
  let digits = text.replace(/[\s.\-()]/g, '').replace(/^(?:\+|00)?84/, '0');
  if (!/^\d{10,11}$/.test(digits)) return null;
  const renewed = digits.length === 11 ? OLD_PREFIXES[digits.slice(0, 4)] : undefined;
  if (renewed !== undefined) digits = renewed + digits.slice(4);
  return digits.startsWith('0') && MOBILE.test(digits.slice(1)) ? `+84${digits.slice(1)}` : null;
}

/** Twelve digits starting with a place of birth; the number has no check digit to test. */
export function parseCitizenNumber(text: string): string | null {
  const digits = text.replace(/[\s.]/g, '');
  return /^\d{12}$/.test(digits) && !digits.startsWith('000') ? digits : null;
}

export type PersonForm =
  | { by: 'citizen'; number: string }
  | { by: 'phone'; phone: string; given: string }
  | { by: 'name'; name: string; year: string };

export function personIdentity(form: PersonForm, yearNow: number): string | null {
  switch (form.by) {
    case 'citizen': {
      const number = parseCitizenNumber(form.number);
      return number === null ? null : `cccd:${number}`;
    }
    case 'phone': {
      const phone = parsePhone(form.phone);
      const given = fold(form.given).split(' ').at(-1) ?? '';
      // One phone often serves a whole household, so the number alone never stands for a person.
      return phone === null || given === '' ? null : `phone:${phone}/${given}`;
    }
    case 'name': {
      const name = fold(form.name);
      const year = Number(form.year);
      const plausible = /^\d{4}$/.test(form.year) && year >= yearNow - 130 && year <= yearNow;
      return name.split(' ').length < 2 || !plausible ? null : `name:${name}/${year}`;
    }
  }
}

const foldAddress = (text: string) =>
  fold(text)
    .replace(/[,;.]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();

export function householdIdentity(address: string, commune: PlaceId): string | null {
  const folded = foldAddress(address);
  return folded.length < 2 ? null : `house:${folded}/${commune}`;
}

/** Ten digits, or thirteen with a branch; a sole proprietor's is their citizen number. */
const TAX_CODE = /^(?:\d{10}(?:-\d{3})?|\d{12})$/;

export function organisationIdentity(taxCode: string, name: string, commune: PlaceId): string | null {
  const code = normalise(taxCode).replace(/\s/g, '');
  if (code !== '') return TAX_CODE.test(code) ? `tax:${code}` : null;
  const folded = foldAddress(name);
  return folded.length < 2 ? null : `org:${folded}/${commune}`;
}

/** What may be shown again on a screen others can see: enough to recognise, too little to copy down. */
export function maskIdentity(identity: string): string {
  const value = identity.slice(identity.indexOf(':') + 1);
  const text = value.split('/')[0] ?? value;
  return text.length <= 6 ? `${text.slice(0, 2)}•••` : `${text.slice(0, 3)}•••${text.slice(-3)}`;
}
