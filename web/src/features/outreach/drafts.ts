/** A post or a street while it is being written, and the rules that make it a fact. */
import { fold, normalise } from '@/i18n/fold';
import { msOf, parseWhole } from '@/i18n/format';
import type { Key } from '@/i18n/keys';
import type { PlaceId, PostBody, PostFact, StreetBody, StreetFact } from '@/wire';

/** The server's own limit for a title, a name or an address. */
export const TEXT_MAX = 300;
const MERCHANTS_MAX = 100_000;

export interface Common {
  place: PlaceId;
  /** Null means "now", decided at the moment of saving. */
  at_ms: number | null;
}
export interface PostDraft extends Common {
  title: string;
  url: string;
  /** Null until somebody chooses: then it follows the address. */
  channel: PostBody['channel'] | null;
}
export interface StreetDraft extends Common {
  name: string;
  status: StreetBody['status'];
  merchants: string;
}
export type Faults<D> = Partial<Record<keyof D, Key>>;

export const emptyPost = (place: PlaceId): PostDraft => ({
  title: '',
  url: '',
  channel: null,
  place,
  at_ms: null,
});
export const emptyStreet = (place: PlaceId): StreetDraft => ({
  name: '',
  status: 'operating',
  merchants: '',
  place,
  at_ms: null,
});
export const postOf = ({ body, place, happened_at }: PostFact): PostDraft => ({
  ...body,
  place,
  at_ms: msOf(happened_at),
});
export const streetOf = ({ body, place, happened_at }: StreetFact): StreetDraft => ({
  name: body.name,
  status: body.status,
  merchants: body.merchants === null ? '' : String(body.merchants),
  place,
  at_ms: msOf(happened_at),
});

/** What apps add to a link when it is shared says nothing about the post, and would make it look like another one. */
const TRACKING = /^(?:utm_.*|fbclid|gclid|mibextid|zarsrc|rdid|share_url|_rdr)$/i;

/** The address as it is kept; null when it is not one. People paste it with and without `https://`. */
export function tidyUrl(text: string): string | null {
  const typed = text.trim();
  const whole = /^[a-z]+:\/\//i.test(typed) ? typed : `https://${typed}`;
  if (/\s/.test(typed) || !URL.canParse(whole)) return null;
  const url = new URL(whole);
  const isPage = (url.protocol === 'https:' || url.protocol === 'http:') && /[^.]\.[^.]+$/.test(url.hostname);
  if (!isPage || url.username !== '') return null;
  for (const name of [...url.searchParams.keys()]) if (TRACKING.test(name)) url.searchParams.delete(name);
  return url.href.replace(/\/$/, '');
}

const OUTLETS: [RegExp, PostBody['channel']][] = [
  [/(?:^|\.)(?:facebook\.com|fb\.(?:com|me|watch))$/, 'facebook'],
  [/(?:^|\.)(?:zalo\.me|zaloapp\.com)$/, 'zalo'],
  [/(?:^|\.)(?:youtube\.com|youtu\.be|tiktok\.com)$/, 'other'],
];
export function channelOf(draft: Pick<PostDraft, 'channel' | 'url'>): PostBody['channel'] {
  if (draft.channel !== null) return draft.channel;
  const url = tidyUrl(draft.url);
  const host = url === null ? '' : new URL(url).hostname;
  return OUTLETS.find(([names]) => names.test(host))?.[1] ?? 'website';
}

const future = ({ at_ms }: Common, nowMs: number) => at_ms !== null && at_ms > nowMs;

export function postFaults(draft: PostDraft, nowMs: number): Faults<PostDraft> {
  const faults: Faults<PostDraft> = {};
  const url = tidyUrl(draft.url);
  if (draft.url.trim() === '') faults.url = 'outreach.fault_url_blank';
  else if (url === null) faults.url = 'outreach.fault_url';
  else if (url.length > TEXT_MAX) faults.url = 'outreach.fault_url_long';
  if (normalise(draft.title) === '') faults.title = 'outreach.fault_title';
  if (draft.place === '') faults.place = 'assists.place_none';
  if (future(draft, nowMs)) faults.at_ms = 'assists.when_fault';
  return faults;
}

const merchantsOf = (text: string): number | null => {
  const number = parseWhole(text);
  return number !== null && number <= MERCHANTS_MAX ? number : null;
};

export function streetFaults(draft: StreetDraft, nowMs: number): Faults<StreetDraft> {
  const faults: Faults<StreetDraft> = {};
  if (normalise(draft.name) === '') faults.name = 'outreach.fault_name';
  if (draft.merchants.trim() !== '' && merchantsOf(draft.merchants) === null)
    faults.merchants = 'outreach.fault_merchants';
  if (draft.place === '') faults.place = 'assists.place_none';
  if (future(draft, nowMs)) faults.at_ms = 'assists.when_fault';
  return faults;
}

export const postBody = (draft: PostDraft): PostBody => ({
  title: normalise(draft.title),
  url: tidyUrl(draft.url) ?? draft.url,
  channel: channelOf(draft),
});
export const streetBody = (draft: StreetDraft): StreetBody => ({
  name: normalise(draft.name),
  status: draft.status,
  merchants: merchantsOf(draft.merchants),
});

/** Whether both say the same post, or the same street of the same place: the server counts such a pair once. */
export const isSamePost = (fact: PostFact, draft: PostDraft): boolean =>
  fact.body.url.toLowerCase() === tidyUrl(draft.url)?.toLowerCase();
export const isSameStreet = (fact: StreetFact, draft: StreetDraft): boolean =>
  fact.place === draft.place && draft.name.trim() !== '' && fold(fact.body.name) === fold(draft.name);
