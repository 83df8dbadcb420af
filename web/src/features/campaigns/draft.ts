/** A campaign being made: what is typed, what is still wrong with it, and what goes to the server. */
import { fold, normalise } from '@/i18n/fold';
import type { Key } from '@/i18n/keys';
import { UNIT_NAMES } from '@/i18n/units';
import type { Day, Definition, Filter, Measure, PlaceRef, Problem } from '@/wire';
import { parseTarget } from './targets';
import type { NewCampaign, NewIndicator } from '@/wire';

export interface IndicatorDraft {
  /** Tells drafts apart on screen; never sent. */
  key: string;
  code: string;
  name: string;
  short_name: string;
  definition: Definition;
  /** As typed; only a count has one. */
  target: string;
  deadline: Day | '';
}
export interface CampaignDraft {
  title: string;
  number: string;
  issued_on: Day | '';
  issuer: string;
  name: string;
  theme: string;
  code: string;
  place: PlaceRef | null;
  starts_on: Day | '';
  ends_on: Day | '';
  indicators: IndicatorDraft[];
}
export type Field = Exclude<keyof CampaignDraft, 'theme' | 'issued_on'>;
export type IndicatorField = 'code' | 'name' | 'short_name' | 'target' | 'deadline' | 'definition';

/** The server's own limits, so that nobody learns about them only at the end. */
export const NAME_MAX = 200;
export const CODE_MAX = 40;
export const INDICATOR_NAME_MAX = 300;
export const SHORT_NAME_MAX = 40;
export const INDICATOR_CODE_MAX = 60;
export const INDICATORS_MAX = 50;
export const CONDITIONS_MAX = 4;

export const emptyDraft = (place: PlaceRef | null, issuer: string): CampaignDraft => ({
  title: '',
  number: '',
  issued_on: '',
  issuer,
  name: '',
  theme: '',
  code: '',
  place,
  starts_on: '',
  ends_on: '',
  indicators: [],
});

/** `Tuổi trẻ tiên phong 2025` → `tuoi-tre-tien-phong-2025` */
export const codeFrom = (name: string, joint = '-', most = CODE_MAX): string =>
  fold(name)
    .replace(/[^a-z0-9]+/g, joint)
    .slice(0, most)
    .replace(new RegExp(`^\\${joint}|\\${joint}$`, 'g'), '');

export function newIndicator(taken: IndicatorDraft[]): IndicatorDraft {
  const numbers = taken.map(({ key }) => Number(key));
  return {
    key: String(Math.max(0, ...numbers) + 1),
    code: '',
    name: '',
    short_name: '',
    definition: { kind: 'count', measure: { unit: 'person', count: 'distinct', all_of: [{}] } },
    target: '',
    deadline: '',
  };
}

export type Faults<F extends string> = Partial<Record<F, Key>>;
const blank = (text: string) => normalise(text) === '';

export function draftFaults(draft: CampaignDraft): Faults<Field> {
  const faults: Faults<Field> = {};
  for (const field of ['title', 'number', 'issuer', 'name', 'code'] as const) {
    if (blank(draft[field])) faults[field] = 'campaigns.fault_blank';
  }
  if (draft.place === null) faults.place = 'campaigns.fault_place';
  if (draft.starts_on === '') faults.starts_on = 'campaigns.fault_day';
  if (draft.ends_on === '') faults.ends_on = 'campaigns.fault_day';
  else if (draft.starts_on !== '' && draft.ends_on < draft.starts_on)
    faults.ends_on = 'campaigns.fault_period';
  if (draft.indicators.length === 0) faults.indicators = 'campaigns.fault_no_indicators';
  else if (draft.indicators.some((one) => Object.keys(indicatorFaults(one, draft)).length > 0)) {
    faults.indicators = 'campaigns.fault_indicators';
  }
  return faults;
}

type Around = Pick<CampaignDraft, 'starts_on' | 'ends_on' | 'indicators'>;

export function indicatorFaults(indicator: IndicatorDraft, around: Around): Faults<IndicatorField> {
  const faults: Faults<IndicatorField> = {};
  for (const field of ['name', 'short_name', 'code'] as const) {
    if (blank(indicator[field])) faults[field] = 'campaigns.fault_blank';
  }
  const twin = around.indicators.some((one) => one.key !== indicator.key && one.code === indicator.code);
  if (twin && !blank(indicator.code)) faults.code = 'campaigns.fault_code_twice';
  const counts = indicator.definition.kind === 'count';
  if (counts && !blank(indicator.target) && parseTarget(indicator.target, 'count') === null) {
    faults.target = 'campaigns.fault_number';
  }
  const { deadline } = indicator;
  const outside =
    (around.starts_on !== '' && deadline < around.starts_on) ||
    (around.ends_on !== '' && deadline > around.ends_on);
  if (deadline !== '' && outside) faults.deadline = 'campaigns.fault_deadline';
  if (readDefinition(indicator.definition) === null) faults.definition = 'campaigns.fault_definition';
  return faults;
}

export function toWire(draft: CampaignDraft): NewCampaign {
  const indicators = draft.indicators.map((one): NewIndicator => ({
    code: normalise(one.code),
    name: normalise(one.name),
    short_name: normalise(one.short_name),
    definition: one.definition,
    deadline: one.deadline === '' ? null : one.deadline,
    target: one.definition.kind === 'count' ? parseTarget(one.target, 'count') : null,
  }));
  return {
    code: normalise(draft.code),
    name: normalise(draft.name),
    theme: normalise(draft.theme),
    issuing_document: {
      title: normalise(draft.title),
      number: normalise(draft.number),
      issued_on: draft.issued_on === '' ? null : draft.issued_on,
      issuer: normalise(draft.issuer),
    },
    place_id: draft.place?.id ?? '',
    starts_on: draft.starts_on,
    ends_on: draft.ends_on,
    indicators,
  };
}

/** Which step of the form a refusal belongs to, and its field there. */
export function whereWrong(problem: Problem): { step: 1 | 2; field: Field } | null {
  switch (problem.code) {
    case 'campaign.code_taken':
      return { step: 1, field: 'code' };
    case 'campaign.period':
      return { step: 1, field: 'ends_on' };
    case 'campaign.deadline':
    case 'campaign.definition':
      return { step: 2, field: 'indicators' };
    case 'request.validation': {
      const field = String(problem.facts.field ?? '');
      if (field.startsWith('indicators')) return { step: 2, field: 'indicators' };
      return field === 'code' || field === 'name' ? { step: 1, field } : null;
    }
    default:
      return null;
  }
}

const LISTS = ['kinds', 'services', 'outcomes', 'stages', 'setting', 'beneficiary', 'statuses'];
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function isFilter(value: unknown): value is Filter {
  return (
    isObject(value) &&
    Object.entries(value).every(([name, given]) => {
      if (LISTS.includes(name)) return Array.isArray(given) && given.every((one) => typeof one === 'string');
      if (name === 'channel') return given === 'online' || given === 'paper';
      return name === 'age_14_plus' && typeof given === 'boolean';
    })
  );
}
function isMeasure(value: unknown): value is Measure {
  if (!isObject(value) || !(String(value.unit) in UNIT_NAMES)) return false;
  const { count, all_of } = value;
  if (count !== 'sum' && count !== 'distinct') return false;
  if (!Array.isArray(all_of) || all_of.length === 0 || all_of.length > CONDITIONS_MAX) return false;
  return all_of.every(isFilter) && (all_of.length === 1 || count === 'distinct');
}

/** A definition as the server takes it; null for anything else. The server has the last word, this saves a round trip. */
export function readDefinition(value: unknown): Definition | null {
  if (!isObject(value)) return null;
  const whole = value as unknown as Definition;
  switch (value.kind) {
    case 'count':
      return isMeasure(value.measure) ? whole : null;
    case 'per_unit': {
      const { unit_level, minimum } = value;
      const fits = (unit_level === 'district' || unit_level === 'commune') && Number(minimum) >= 0;
      return fits && isMeasure(value.measure) ? whole : null;
    }
    case 'ratio': {
      const { denominator, target_permille } = value;
      if (!isMeasure(value.numerator) || !isObject(denominator)) return null;
      const rate = Number(target_permille);
      if (!Number.isInteger(rate) || rate < 0 || rate > 1000) return null;
      const below =
        denominator.kind === 'figure'
          ? typeof denominator.figure === 'string' && denominator.figure !== ''
          : denominator.kind === 'measure' && isMeasure(denominator.measure);
      return below ? whole : null;
    }
    default:
      return null;
  }
}

export function parseDefinition(text: string): Definition | null {
  try {
    return readDefinition(JSON.parse(text));
  } catch {
    return null;
  }
}
