/** Progress as the server sends it. */
import type { Campaign, Day, FactView, Indicator, IndicatorBrief, Pace, PlaceRef, TeamRef } from '@/wire';

export interface Standing {
  code: string;
  /** The count; of a ratio the rate in thousandths; null when it cannot be worked out. */
  result: number | null;
  anonymous: number;
  late: number;
  numerator: number | null;
  /** `source` is null when the platform counted it by itself. */
  denominator: { value: number; as_of: Day; source: string | null } | null;
  target: number | null;
  percent: number | null;
  expected_percent: number;
  pace: Pace;
  forecast_on: Day | null;
  units_met: number | null;
  units_total: number | null;
}
export type IndicatorStanding = Standing & { indicator: IndicatorBrief };
export interface ChildStanding {
  place: PlaceRef | null;
  team: TeamRef | null;
  /** Attainment over expectation; lower is more stuck; null without any target. */
  score: number | null;
  indicators: Standing[];
}
export interface ProgressPage {
  campaign: string;
  place: PlaceRef;
  on: Day;
  rev: number;
  indicators: IndicatorStanding[];
  children: ChildStanding[];
}
export interface FactsPage {
  facts: FactView[];
  next: number | null;
  total: number;
}
export type CampaignDetail = Omit<Campaign, 'indicators'> & { indicators: (Indicator & IndicatorBrief)[] };
