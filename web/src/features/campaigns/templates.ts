/**
 * Where a new campaign can start: the eight indicators of the Bình Định plan of 2024, as data to be changed. They
 * use the same definitions as any other; nothing in the software knows them by name.
 */
import type { Key } from '@/i18n/keys';
import { formatNumber } from '@/i18n/format';
import { t } from '@/i18n/words.svelte';
import type { Day, Definition, Filter } from '@/wire';
import { newIndicator, type CampaignDraft, type IndicatorDraft } from './draft';

export interface Template {
  code: string;
  name: Key;
  short_name: Key;
  definition: Definition;
  target: number | null;
  /** Month and day, in the campaign's first year. */
  deadline: string | null;
}

const PORTAL = ['dvc_account', 'dvc_signin'];
const VNEID = ['vneid_l1', 'vneid_l2'];
const submitted: Filter = { services: ['dvc_dossier'], outcomes: ['submitted'] };

export const TEMPLATES: Template[] = [
  {
    code: 'ind_active_account_rate',
    name: 'campaigns.tpl_accounts',
    short_name: 'campaigns.tpl_accounts_short',
    definition: {
      kind: 'ratio',
      numerator: {
        unit: 'account',
        count: 'distinct',
        all_of: [{ services: PORTAL, outcomes: ['transacted'] }],
      },
      denominator: {
        kind: 'measure',
        measure: {
          unit: 'account',
          count: 'distinct',
          all_of: [{ services: PORTAL, outcomes: ['registered', 'linked', 'transacted'] }],
        },
      },
      target_permille: 400,
    },
    target: null,
    deadline: null,
  },
  {
    code: 'ind_online_dossier_rate',
    name: 'campaigns.tpl_online',
    short_name: 'campaigns.tpl_online_short',
    definition: {
      kind: 'ratio',
      numerator: { unit: 'dossier', count: 'distinct', all_of: [{ ...submitted, channel: 'online' }] },
      denominator: { kind: 'measure', measure: { unit: 'dossier', count: 'distinct', all_of: [submitted] } },
      target_permille: 800,
    },
    target: null,
    deadline: null,
  },
  {
    code: 'ind_dossier_count',
    name: 'campaigns.tpl_dossiers',
    short_name: 'campaigns.tpl_dossiers_short',
    definition: {
      kind: 'count',
      measure: { unit: 'dossier', count: 'distinct', all_of: [{ ...submitted, channel: 'online' }] },
    },
    target: 66_000,
    deadline: null,
  },
  {
    code: 'ind_news_count',
    name: 'campaigns.tpl_news',
    short_name: 'campaigns.tpl_news_short',
    definition: {
      kind: 'per_unit',
      measure: { unit: 'post', count: 'distinct', all_of: [{ kinds: ['post.v1'] }] },
      unit_level: 'commune',
      minimum: 6,
    },
    target: null,
    deadline: null,
  },
  {
    code: 'ind_household_count',
    name: 'campaigns.tpl_households',
    short_name: 'campaigns.tpl_households_short',
    definition: {
      kind: 'count',
      measure: {
        unit: 'household',
        count: 'distinct',
        all_of: [
          { services: VNEID, outcomes: ['activated', 'registered'] },
          { services: ['dvc_outreach'], stages: ['informed', 'self_service', 'referred'] },
        ],
      },
    },
    target: 160_000,
    deadline: null,
  },
  {
    code: 'ind_payment_account_count',
    name: 'campaigns.tpl_payment',
    short_name: 'campaigns.tpl_payment_short',
    definition: {
      kind: 'count',
      measure: {
        unit: 'person',
        count: 'distinct',
        all_of: [{ services: ['payment_account'], outcomes: ['opened'] }],
      },
    },
    target: 294_021,
    deadline: null,
  },
  {
    code: 'ind_dsig_rate',
    name: 'campaigns.tpl_signature',
    short_name: 'campaigns.tpl_signature_short',
    definition: {
      kind: 'ratio',
      numerator: {
        unit: 'person',
        count: 'distinct',
        all_of: [{ services: ['dsig'], outcomes: ['issued'], age_14_plus: true }],
      },
      denominator: { kind: 'figure', figure: 'population_14' },
      target_permille: 100,
    },
    target: null,
    deadline: null,
  },
  {
    code: 'ind_vneid_activation_count',
    name: 'campaigns.tpl_vneid',
    short_name: 'campaigns.tpl_vneid_short',
    definition: {
      kind: 'count',
      measure: { unit: 'person', count: 'distinct', all_of: [{ services: VNEID, outcomes: ['activated'] }] },
    },
    target: 190_759,
    deadline: '06-30',
  },
];

type Period = Pick<CampaignDraft, 'starts_on' | 'ends_on'>;

/** The template's deadline in the campaign's first year; a campaign that does not reach it has none. */
function deadlineIn(period: Period, deadline: string | null): Day | '' {
  if (deadline === null || period.starts_on === '') return '';
  const day = `${period.starts_on.slice(0, 4)}-${deadline}`;
  return day >= period.starts_on && (period.ends_on === '' || day <= period.ends_on) ? day : '';
}

export function fromTemplate(template: Template, taken: IndicatorDraft[], period: Period): IndicatorDraft {
  const { code, name, short_name, definition, target, deadline } = template;
  return {
    ...newIndicator(taken),
    code,
    name: t(name),
    short_name: t(short_name),
    definition: structuredClone(definition),
    target: target === null ? '' : formatNumber(target),
    deadline: deadlineIn(period, deadline),
  };
}
