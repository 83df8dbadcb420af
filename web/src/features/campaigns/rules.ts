/**
 * An indicator's definition in words. Indicators are data: the same sentences are written for one that came with the
 * campaign, one built in the form and one pasted as JSON, so that nobody has to trust a name.
 */
import type { Key } from '@/i18n/keys';
import { STATUSES } from '@/features/outreach/saying';
import { FIGURES } from '@/i18n/figures';
import { formatNumber, formatPermille } from '@/i18n/format';
import { unitName } from '@/i18n/units';
import { t } from '@/i18n/words.svelte';
import type { BeneficiaryKind, Definition, FactKind, Filter, Measure, Service, Setting, Stage } from '@/wire';

export interface Names {
  service: (code: string) => string;
  /** The outcome's name, looked for among these services first. */
  outcome: (services: string[], code: string) => string;
}
/** One measure in words: what is counted and under which conditions. */
export interface Rule {
  head: string;
  conditions: string[];
}

export const STAGES: Record<Stage, Key> = {
  informed: 'campaigns.stage_informed',
  registered: 'campaigns.stage_registered',
  referred: 'campaigns.stage_referred',
  done: 'campaigns.stage_done',
  transacted: 'campaigns.stage_transacted',
  self_service: 'campaigns.stage_self_service',
  declined: 'campaigns.stage_declined',
  failed: 'campaigns.stage_failed',
};
const KINDS: Record<FactKind, Key> = {
  'assist.v1': 'campaigns.kind_assist',
  'void.v1': 'campaigns.kind_void',
  'post.v1': 'campaigns.kind_post',
  'street.v1': 'campaigns.kind_street',
  'attendance.v1': 'campaigns.kind_attendance',
  'step.v1': 'campaigns.kind_step',
  'roster.v1': 'campaigns.kind_roster',
  'expert_step.v1': 'campaigns.kind_expert_step',
  'expert_work.v1': 'campaigns.kind_expert_work',
  'task.v1': 'campaigns.kind_task',
  'directive.v1': 'campaigns.kind_directive',
  'minutes.v1': 'campaigns.kind_minutes',
  'scam_report.v1': 'campaigns.kind_scam',
  'question.v1': 'campaigns.kind_question',
  'ticket.v1': 'campaigns.kind_ticket',
};
export const SETTINGS: Record<Setting, Key> = {
  door: 'campaigns.setting_door',
  desk: 'campaigns.setting_desk',
  event: 'campaigns.setting_event',
  remote: 'campaigns.setting_remote',
};
export const BENEFICIARIES: Record<BeneficiaryKind, Key> = {
  person: 'campaigns.for_person',
  household: 'campaigns.for_household',
  organisation: 'campaigns.for_organisation',
  official: 'campaigns.for_official',
};

const named = (keys: Record<string, Key>, code: string): string => {
  const key = keys[code];
  return key === undefined ? code : t(key);
};
const list = (label: Key, texts: string[] | undefined): string[] =>
  texts === undefined || texts.length === 0 ? [] : [`${t(label)}: ${[...new Set(texts)].join(', ')}`];

export function sayFilter(filter: Filter, names: Names): string {
  const { services = [], outcomes, stages, kinds, channel, setting, beneficiary, statuses } = filter;
  const parts = [
    ...list(
      'campaigns.rule_kinds',
      kinds?.map((kind) => named(KINDS, kind)),
    ),
    ...list('campaigns.rule_services', services.map(names.service)),
    ...list(
      'campaigns.rule_outcomes',
      outcomes?.map((code) => names.outcome(services, code)),
    ),
    ...list(
      'campaigns.rule_stages',
      stages?.map((stage) => named(STAGES, stage)),
    ),
    ...(channel === undefined
      ? []
      : [t(channel === 'online' ? 'campaigns.rule_online' : 'campaigns.rule_paper')]),
    ...list(
      'campaigns.rule_setting',
      setting?.map((one) => named(SETTINGS, one)),
    ),
    ...list(
      'campaigns.rule_for',
      beneficiary?.map((one) => named(BENEFICIARIES, one)),
    ),
    ...(filter.age_14_plus === true ? [t('campaigns.rule_age')] : []),
    ...list(
      'campaigns.rule_statuses',
      statuses?.map((one) => named(STATUSES, one)),
    ),
  ];
  return parts.length === 0 ? t('campaigns.rule_any') : parts.join(' · ');
}

export function sayMeasure(measure: Measure, names: Names): Rule {
  const unit = unitName(measure.unit);
  const once = measure.count === 'distinct' && measure.unit !== 'assist';
  return {
    head: t(once ? 'campaigns.rule_once' : 'campaigns.rule_sum', { unit }),
    conditions: measure.all_of.map((filter) => sayFilter(filter, names)),
  };
}

/** The whole definition, one rule for each thing that is counted, and what has to be reached. */
export function sayDefinition(definition: Definition, names: Names): Rule[] {
  switch (definition.kind) {
    case 'count':
      return [sayMeasure(definition.measure, names)];
    case 'per_unit': {
      const unit = unitName(definition.measure.unit);
      const words = { n: formatNumber(definition.minimum), unit };
      const each =
        definition.unit_level === 'district' ? 'campaigns.rule_each_district' : 'campaigns.rule_each_commune';
      return [sayMeasure(definition.measure, names), { head: t(each, words), conditions: [] }];
    }
    case 'ratio': {
      const { numerator, denominator, target_permille } = definition;
      const above = sayMeasure(numerator, names);
      const below =
        denominator.kind === 'figure'
          ? {
              head: t('campaigns.rule_figure', { figure: named(FIGURES, denominator.figure) }),
              conditions: [],
            }
          : sayMeasure(denominator.measure, names);
      return [
        { ...above, head: t('campaigns.rule_above', { rule: above.head }) },
        { ...below, head: t('campaigns.rule_below', { rule: below.head }) },
        { head: t('campaigns.rule_rate', { rate: formatPermille(target_permille) }), conditions: [] },
      ];
    }
  }
}

/** Names out of the catalogue on the phone; a code it does not know is shown as it is. */
export function catalogueNames(services: Service[]): Names {
  const byCode = new Map(services.map((service) => [service.code, service]));
  const outcomeIn = (code: string) => (service: Service | undefined) =>
    service?.outcomes.find((outcome) => outcome.code === code)?.name;
  return {
    service: (code) => byCode.get(code)?.short_name ?? code,
    outcome: (inside, code) => {
      const found = (inside.length === 0 ? services : inside.map((one) => byCode.get(one))).map(
        outcomeIn(code),
      );
      return found.find((name) => name !== undefined) ?? code;
    },
  };
}
