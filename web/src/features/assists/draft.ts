/** An assist while it is being written: plain data that can be stored at any moment, and the rules that make it a fact. */
import { msOf } from '@/i18n/format';
import type {
  AgeBand,
  AssistBody,
  AssistFact,
  BeneficiaryKind,
  Channel,
  Companion,
  Consent,
  Day,
  PlaceId,
  Service,
  ServiceOutcome,
  Setting,
} from '@/wire';
import { isDossierCode, tidyDossierCode } from './dossier';

export const ITEMS_MAX = 12;
export const NOTE_CHARS_MAX = 500;
/** The wording of the consent read aloud; a change of the text needs a new version. */
export const CONSENT_TEXT_VERSION = 'assist-2024-1';

export interface DraftItem {
  service: string;
  outcome: string;
  reason: string;
  follow_up_on: Day;
  dossier_code: string;
  channel: Channel | null;
}
export interface Draft {
  items: DraftItem[];
  kind: BeneficiaryKind;
  age_band: AgeBand | null;
  person: string | null;
  household: string | null;
  organisation: string | null;
  consent: Consent | null;
  setting: Setting;
  /** Who went along to a door; absent, as in drafts of older versions, means nobody. */
  companion?: Companion | null;
  /** A code; absent, as in drafts of older versions, or empty means Vietnamese. */
  language?: string;
  place: PlaceId;
  note: string;
  /** The ticket of a desk that it is for; absent for most. */
  ticket?: string;
  /** Null means "now", decided at the moment of saving. */
  at_ms: number | null;
}
/** What is the same from door to door, so that it is chosen once. */
export interface Usual {
  setting: Setting;
  place: PlaceId;
  /** Only for the day on which it was chosen. */
  companion?: { who: Companion; day: Day } | null;
}

export const emptyDraft = ({ setting, place, companion }: Usual, today: Day): Draft => ({
  items: [],
  kind: 'person',
  age_band: null,
  person: null,
  household: null,
  organisation: null,
  consent: null,
  setting,
  companion: companion?.day === today ? companion.who : null,
  place,
  note: '',
  at_ms: null,
});

export const defaultOutcome = (service: Service): ServiceOutcome | undefined =>
  service.outcomes.find((outcome) => outcome.default) ?? service.outcomes[0];

export const newItem = (service: Service): DraftItem => ({
  service: service.code,
  outcome: defaultOutcome(service)?.code ?? '',
  reason: '',
  follow_up_on: '',
  dossier_code: '',
  channel: null,
});

/** A tap on a tile puts the service in the basket, a second tap takes it out. */
export function toggleService(draft: Draft, service: Service): DraftItem[] {
  const without = draft.items.filter((item) => item.service !== service.code);
  if (without.length < draft.items.length) return without;
  return draft.items.length >= ITEMS_MAX ? draft.items : [...draft.items, newItem(service)];
}

export const hasIdentity = (draft: Draft): boolean =>
  draft.person !== null || draft.household !== null || draft.organisation !== null;

export const withoutIdentity = (draft: Draft): Draft => ({
  ...draft,
  person: null,
  household: null,
  organisation: null,
  consent: null,
});

export type Fault = 'dossier_code' | 'note_long' | 'future' | 'empty' | 'place';

export function draftFaults(draft: Draft, nowMs: number): Fault[] {
  const faults: Fault[] = [];
  if (draft.items.length === 0) faults.push('empty');
  if (draft.place === '') faults.push('place');
  if (draft.items.some(({ dossier_code }) => dossier_code !== '' && !isDossierCode(dossier_code))) {
    faults.push('dossier_code');
  }
  if ([...draft.note].length > NOTE_CHARS_MAX) faults.push('note_long');
  if (draft.at_ms !== null && draft.at_ms > nowMs) faults.push('future');
  return faults;
}

/** Who went along is only asked at doors; chosen before changing one's mind, it does not count. */
export const companionOf = ({ setting, companion }: Draft): Companion | null =>
  setting === 'door' ? (companion ?? null) : null;

/** Only what the chosen outcome asks for travels: a reason typed before changing one's mind does not. */
export function bodyOf(draft: Draft, outcomeOf: (item: DraftItem) => ServiceOutcome | undefined): AssistBody {
  const consented = draft.consent !== null && draft.consent.purposes.includes('count_once');
  return {
    beneficiary: {
      kind: draft.kind,
      age_band: draft.kind === 'person' ? draft.age_band : null,
      person: consented ? draft.person : null,
      household: consented ? draft.household : null,
      organisation: consented ? draft.organisation : null,
    },
    consent: draft.consent,
    setting: draft.setting,
    accompanied_by: companionOf(draft),
    language: draft.language || null,
    items: draft.items.map((item) => {
      const asks = outcomeOf(item)?.asks ?? [];
      const asked = <T>(what: (typeof asks)[number], value: T | '' | null): T | null =>
        asks.includes(what) && value !== '' ? value : null;
      return {
        service: item.service,
        outcome: item.outcome,
        reason: asked('reason', item.reason),
        follow_up_on: asked('follow_up', item.follow_up_on),
        dossier_code: asked(
          'dossier_code',
          item.dossier_code === '' ? '' : tidyDossierCode(item.dossier_code),
        ),
        channel: asked('channel', item.channel),
      };
    }),
    note: draft.note.trim() === '' ? null : draft.note.trim(),
    ...(draft.ticket === undefined ? {} : { ticket: draft.ticket }),
  };
}

export function draftOf(fact: AssistFact): Draft {
  const { beneficiary, consent, setting, accompanied_by, language, items, note, ticket } = fact.body;
  return {
    items: items.map((item) => ({
      service: item.service,
      outcome: item.outcome,
      reason: item.reason ?? '',
      follow_up_on: item.follow_up_on ?? '',
      dossier_code: item.dossier_code ?? '',
      channel: item.channel,
    })),
    ...beneficiary,
    consent,
    setting,
    companion: accompanied_by ?? null,
    language: language ?? '',
    place: fact.place,
    note: note ?? '',
    ...(ticket === undefined ? {} : { ticket }),
    at_ms: msOf(fact.happened_at),
  };
}

/** The same help for the next person: everything but what belongs to one resident or one dossier. */
export function againDraft(fact: AssistFact): Draft {
  const draft = withoutIdentity(draftOf(fact));
  delete draft.ticket;
  const items = draft.items.map((item) => ({ ...item, dossier_code: '', follow_up_on: '' }));
  return { ...draft, items, language: '', note: '', at_ms: null };
}
