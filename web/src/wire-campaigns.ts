/** The campaign half of the wire: indicators, targets, progress. Import it from `@/wire`, like the rest. */
import type {
  FactKind,
  Stage,
  Channel,
  Setting,
  BeneficiaryKind,
  CountUnit,
  Day,
  PlaceRef,
  TeamRef,
  MemberRef,
  WireTime,
  CampaignBrief,
  IndicatorBrief,
  FactView,
} from './wire';

export interface Filter {
  kinds?: FactKind[];
  services?: string[];
  outcomes?: string[];
  stages?: Stage[];
  channel?: Channel;
  setting?: Setting[];
  beneficiary?: BeneficiaryKind[];
  age_14_plus?: true;
  statuses?: string[];
}
export interface Measure {
  unit: CountUnit | 'post' | 'street';
  count: 'sum' | 'distinct';
  all_of: Filter[];
}
export type Definition =
  | { kind: 'count'; measure: Measure }
  | {
      kind: 'ratio';
      numerator: Measure;
      denominator: { kind: 'measure'; measure: Measure } | { kind: 'figure'; figure: string };
      target_permille: number;
    }
  | { kind: 'per_unit'; measure: Measure; unit_level: 'district' | 'commune'; minimum: number };
export interface Indicator {
  id: string;
  code: string;
  name: string;
  short_name: string;
  order: number;
  definition: Definition;
  deadline: Day | null;
  target: number | null;
}
export interface IssuingDocument {
  number: string;
  issued_on: Day;
  issuer: string;
  title: string;
}
export interface Campaign {
  id: string;
  code: string;
  name: string;
  theme: string;
  issuing_document: IssuingDocument;
  place: PlaceRef;
  starts_on: Day;
  ends_on: Day;
  indicators: Indicator[];
}
export interface CampaignsPage {
  campaigns: (CampaignBrief & { issuing_document: IssuingDocument; theme: string })[];
}
export interface TargetChild {
  place?: PlaceRef;
  team?: TeamRef;
  value: number | null;
  locked: boolean;
  source: 'split' | 'override';
  rev: number;
}
export interface TargetRow {
  indicator: string;
  own: { value: number; locked: boolean; source: string } | null;
  children: TargetChild[];
  children_sum: number;
  gap: number;
  weights: { population: boolean; households: boolean; equal: boolean };
}
export interface TargetsPage {
  place: PlaceRef;
  rows: TargetRow[];
}
export type SplitMethod = 'population' | 'households' | 'equal';
export interface SplitReply {
  values: { place?: PlaceRef; team?: TeamRef; value: number; before: number | null; locked: boolean }[];
  sum: number;
}
export interface TargetChange {
  at: WireTime;
  member: MemberRef;
  place: PlaceRef | null;
  team: TeamRef | null;
  before: number | null;
  after: number | null;
  locked: boolean;
  method: string;
  reason: string | null;
}
export type Pace = 'ahead' | 'on_track' | 'behind' | 'stuck' | 'done' | 'no_target';
export interface Progress {
  indicator: IndicatorBrief;
  result: number;
  anonymous: number;
  late: number;
  numerator: number | null;
  denominator: { value: number; as_of: Day; source: string } | null;
  target: number | null;
  percent: number | null;
  expected_percent: number;
  pace: Pace;
  forecast_on: Day | null;
  units_met: number | null;
  units_total: number | null;
}
/** A child's line in the ranking; the server sends the same figures as for the place itself, without forecasts. */
export type ChildProgress = Pick<Progress, 'result' | 'target' | 'percent' | 'pace'> & { indicator: string };
export interface ProgressPage {
  campaign: CampaignBrief;
  place: PlaceRef;
  on: Day;
  as_of_rev: number;
  indicators: Progress[];
  children: { place: PlaceRef | null; team: TeamRef | null; score: number; indicators: ChildProgress[] }[];
}
export interface Series {
  days: Day[];
  cumulative: number[];
  expected: number[];
}
export interface FactsPage {
  facts: FactView[];
  next: string | null;
  total: number;
}
