/** The member's own registers on the phone, and what they have recorded, for the screens of this feature. */
import type { Causo } from '@/app/causo';
import { readMeta, writeMeta, type FactRow } from '@/sync/db';
import { currentLanguage } from '@/i18n/words.svelte';
import { live } from '@/sync/live.svelte';
import type { Place, PlaceLevel, Service } from '@/wire';
import type { Usual } from './draft';

/** Enough of the latest rows to know habits and show weeks; older ones are only counted by the server. */
const ROWS_MAX = 400;

const member = (causo: Causo) => () => causo.session.me?.member.id ?? '';

/** The catalogue has an English name for each service; outcomes and guides are read out to residents, in Vietnamese. */
const inOwnWords = (service: Service): Service =>
  currentLanguage() === 'en' && service.name_en !== ''
    ? { ...service, name: service.name_en, short_name: service.name_en }
    : service;

export function liveServices(causo: Causo) {
  const rows = live<string, Service[]>(
    member(causo),
    (id) => causo.db.services.where('member').equals(id).toArray(),
    [],
  );
  const list = $derived(rows.value.map(inOwnWords));
  const byCode = $derived(new Map(list.map((service) => [service.code, service])));
  return {
    get list() {
      return list;
    },
    get ready() {
      return rows.ready;
    },
    name: (code: string) => byCode.get(code)?.short_name ?? code,
    get: (code: string) => byCode.get(code),
    outcome: (code: string, outcome: string) =>
      byCode.get(code)?.outcomes.find((one) => one.code === outcome),
  };
}

/** Where a fact may be placed: of the member's scope, unless said otherwise the communes and hamlets. */
export function livePlaces(causo: Causo, levels: () => PlaceLevel[] = () => ['commune', 'hamlet']) {
  const rows = live<string, Place[]>(
    member(causo),
    (id) =>
      causo.db.places
        .where('[member+level]')
        .anyOf(levels().map((level) => [id, level]))
        .toArray(),
    [],
  );
  const byId = $derived(new Map(rows.value.map((place) => [place.id, place])));
  return {
    get list() {
      return rows.value;
    },
    get ready() {
      return rows.ready;
    },
    get: (id: string) => byId.get(id),
  };
}

export const liveRows = (causo: Causo) =>
  live<string, FactRow[]>(
    member(causo),
    (id) => causo.db.facts.where('[member+at_ms]').between([id, -Infinity], [id, Infinity]).last(ROWS_MAX),
    [],
  );

const usualKey = (id: string) => `usual.${id}`;
export const readUsual = (causo: Causo, id: string) => readMeta<Usual>(causo.db, usualKey(id));
export const writeUsual = (causo: Causo, id: string, usual: Usual) =>
  writeMeta(causo.db, usualKey(id), usual);
