/** Campaigns and targets as the server speaks of them. */
import type {
  Campaign as SharedCampaign,
  CampaignBrief as SharedBrief,
  Day,
  Definition,
  Indicator as SharedIndicator,
  IndicatorBrief,
  MemberRef,
  PlaceId,
  PlaceRef,
  TeamRef,
  WireTime,
} from '@/wire';

export type CampaignBrief = SharedBrief & { theme?: string };
export interface IssuingDocument {
  number: string;
  issued_on: Day | null;
  issuer: string;
  title: string;
}
export type Indicator = SharedIndicator & IndicatorBrief;
export type Campaign = Omit<SharedCampaign, 'issuing_document' | 'indicators'> & {
  issuing_document: IssuingDocument;
  indicators: Indicator[];
};
export interface NewIndicator {
  code: string;
  name: string;
  short_name: string;
  definition: Definition;
  deadline: Day | null;
  target: number | null;
}
export interface NewCampaign {
  code: string;
  name: string;
  theme: string;
  issuing_document: IssuingDocument;
  place_id: PlaceId;
  starts_on: Day;
  ends_on: Day;
  indicators: NewIndicator[];
}

/** A target belongs to a place, or to a team in it. */
interface Holder {
  place: PlaceRef | null;
  team: TeamRef | null;
}
export type TargetChild = Holder & { value: number | null; locked: boolean; source: string | null };
export interface TargetRow {
  indicator: IndicatorBrief;
  own: { value: number; locked: boolean; source: string } | null;
  children: TargetChild[];
  children_sum: number;
  /** Own minus the children's sum; null without an own target. */
  gap: number | null;
}
export interface TargetsPage {
  place: PlaceRef;
  rows: TargetRow[];
}
export type SplitMethod = 'population' | 'households' | 'equal';
export type SplitValue = Holder & { value: number; before: number | null; locked: boolean };
export interface SplitReply {
  values: SplitValue[];
  sum: number;
}
export interface TargetChange {
  at: WireTime;
  member: MemberRef;
  indicator: string;
  place: PlaceId;
  place_name: string;
  team: TeamRef | null;
  before: number | null;
  after: number;
  locked: boolean;
  method: string;
  reason: string;
}
