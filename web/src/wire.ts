/**
 * The wire, as the server speaks it (snake_case, see openapi.json). Types come from the generated schema under the
 * names the screens use; only what the schema leaves open (the bodies of facts, closed lists of words) is said here.
 */
import type * as schema from './api/schema';

/** `T` with some fields said more exactly. */
type Exactly<T, Fields> = Omit<T, keyof Fields> & Fields;

/** RFC 3339 with offset, always +07:00. */
export type WireTime = schema.Instant;
/** A calendar day in Asia/Ho_Chi_Minh: `2024-10-13`. */
export type Day = schema.Day;
export type PlaceId = string;
export type FactId = string;

export type Problem = Exactly<schema.Problem, { facts: Record<string, unknown> }>;

export type Role = schema.Role;
export type PlaceLevel = 'nation' | 'province' | 'district' | 'commune' | 'hamlet';
export type PlaceRef = Exactly<schema.PlaceRef, { level: PlaceLevel }>;
export type TeamRef = schema.TeamRef;
export type MemberRef = schema.NameRef;
export type Grant = Exactly<schema.GrantBody, { place: PlaceRef }>;
export type Me = Exactly<schema.Me, { grants: Grant[] }>;

export type SessionRequest = schema.SignInBody;
export type Invitation = Exactly<schema.InvitationBody, { place: PlaceRef }>;
export type NewInvitation = Required<schema.InviteBody>;
export type InvitationIssued = schema.InvitedBody;
export type MemberRow = Exactly<
  schema.MemberBody,
  { status: 'active' | 'disabled'; grants: Grant[]; place: PlaceRef }
>;
export type MembersPage = Exactly<schema.MembersBody, { members: MemberRow[] }>;

export type Office = schema.Office;
export type Origin = schema.Origin;
export type Position = schema.Position;
export type Skills = schema.Skills;
export type Person = Exactly<
  schema.PersonBody,
  {
    status: 'active' | 'disabled';
    grants: Grant[];
    place: PlaceRef;
    offices: Exactly<schema.TermBody, { place: PlaceRef }>[];
  }
>;
export type TeamPage = Exactly<schema.TeamPageBody, { place: PlaceRef; first_in: PlaceRef[] }>;
export type Coverage = schema.CoverageBody;
export type ListColumn = schema.Column;
export type ListLine = schema.LineBody;
export type ListPreview = schema.PreviewBody;
export type ListTaken = schema.ImportedBody;

// Facts ----------------------------------------------------------------------------------------------------------

export type BeneficiaryKind = schema.BeneficiaryKind;
export type AgeBand = 'under_14' | '14_17' | '18_59' | '60_plus';
export type Setting = schema.Setting;
export type Channel = schema.Channel;
export type ConsentMethod = 'read_aloud' | 'signed' | 'electronic';
export type ConsentPurpose = 'count_once' | 'follow_up';

export interface Consent {
  text_version: string;
  method: ConsentMethod;
  purposes: ConsentPurpose[];
  at: WireTime;
}
export interface Beneficiary {
  kind: BeneficiaryKind;
  age_band: AgeBand | null;
  person: string | null;
  household: string | null;
  organisation: string | null;
}
export interface AssistItem {
  service: string;
  outcome: string;
  reason: string | null;
  follow_up_on: Day | null;
  dossier_code: string | null;
  channel: Channel | null;
}
export type Companion = Extract<Office, 'trusted_person' | 'hamlet_head' | 'party_cell'>;
export interface AssistBody {
  beneficiary: Beneficiary;
  consent: Consent | null;
  setting: Setting;
  /** Whom people trust and who went along; older records do not say. */
  accompanied_by?: Companion | null;
  language: string | null;
  items: AssistItem[];
  note: string | null;
  /** The ticket of a desk that it was for; left out where there was none. */
  ticket?: string;
}
export interface VoidBody {
  reason: string | null;
}
export interface PostBody {
  title: string;
  url: string;
  channel: 'website' | 'facebook' | 'zalo' | 'other';
}
export interface StreetBody {
  name: string;
  status: schema.StreetStatus;
  merchants: number | null;
}

/** Somebody's coming to a point or an activity, or leaving it. */
export interface AttendanceFactBody {
  member: string;
  point?: string;
  activity?: string;
  direction: 'in' | 'out';
  way: { kind: 'qr'; step: number; code: string } | { kind: 'by_leader' } | { kind: 'self' };
  /** What the phone made of the distance, when it may look; where it is never leaves it. */
  near?: boolean;
}

/** Steps of one's own on a roster. */
export type RosterAction = 'sign_up' | 'leave' | 'offer' | 'keep' | 'take';
export interface RosterStep {
  shift: string;
  action: RosterAction;
}

/** Steps of an expert's own on a commune's request, and time given to it. */
export type ExpertAction = 'accept' | 'decline' | 'finish';
export interface ExpertStepBody {
  request: string;
  action: ExpertAction;
  note: string | null;
}
/** A suspected scam that a resident told of: the deceiver's number or link, never the resident's. */
export interface ScamReportFactBody {
  scam: string;
  channel: schema.ScamChannel;
  trace: string | null;
  loss: schema.Loss;
  happened_on: Day;
  note: string | null;
}
/** A resident's question, written down for them. The phone forgets the words once the server has them. */
export interface QuestionFactBody {
  source: 'counter' | 'paper';
  /** What the resident finds it by, minted here, for there may be no network to ask for one. */
  code: string;
  text: string;
  phone: string | null;
  consents: boolean;
}
export interface ExpertWorkBody {
  request: string;
  minutes: number;
  done: string;
  next: string | null;
}
export type TaskState = schema.TaskState;
export type TaskSource = schema.TaskSource;
/** What a leader asks somebody, or the whole team when `member` is null, to do. */
export interface Giving {
  title: string;
  note: string | null;
  member: string | null;
  due_on: Day | null;
  source: TaskSource | null;
}
export type TaskStep =
  { action: 'give'; task: string; what: Giving } | { action: 'move'; task: string; to: TaskState };
export type DirectiveStep =
  | { action: 'read'; directive: string }
  | { action: 'report'; directive: string; text: string | null; number: number | null };
export type Minutes = Exactly<schema.Minutes, { why: string | null }>;
/** Something a desk did about a ticket without a network; what is not said is left out. */
export interface TicketStep {
  ticket: string;
  act: TicketAct;
  counter?: string;
  group?: ProcedureGroup;
  /** The step of the ticket before this one, when that is a fact of this device, too. */
  after?: FactId;
  taken?: {
    point: string;
    number: string;
    code: string;
    wanted: Wanted[];
    priority?: PriorityClass;
    language: DeskLanguage;
    source: Ticket['source'];
  };
}

interface FactHead {
  id: FactId;
  happened_at: WireTime;
  place: PlaceId;
  team: string | null;
  device: string;
  seq: number;
  corrects: FactId | null;
}
export type AssistFact = FactHead & { kind: 'assist.v1'; body: AssistBody };
export type VoidFact = FactHead & { kind: 'void.v1'; body: VoidBody };
export type PostFact = FactHead & { kind: 'post.v1'; body: PostBody };
export type StreetFact = FactHead & { kind: 'street.v1'; body: StreetBody };
export type AttendanceFact = FactHead & { kind: 'attendance.v1'; body: AttendanceFactBody };
export interface StepBody {
  activity: string;
  day: Day;
  step: string;
  note: string | null;
  url: string | null;
}
export type StepFact = FactHead & { kind: 'step.v1'; body: StepBody };
export type RosterFact = FactHead & { kind: 'roster.v1'; body: RosterStep };
export type ExpertStepFact = FactHead & { kind: 'expert_step.v1'; body: ExpertStepBody };
export type ExpertWorkFact = FactHead & { kind: 'expert_work.v1'; body: ExpertWorkBody };
export type TaskFact = FactHead & { kind: 'task.v1'; body: TaskStep };
export type DirectiveFact = FactHead & { kind: 'directive.v1'; body: DirectiveStep };
export type MinutesFact = FactHead & { kind: 'minutes.v1'; body: Minutes };
export type TicketFact = FactHead & { kind: 'ticket.v1'; body: TicketStep };
export type ScamReportFact = FactHead & { kind: 'scam_report.v1'; body: ScamReportFactBody };
export type QuestionFact = FactHead & { kind: 'question.v1'; body: QuestionFactBody };
export type Fact =
  | AssistFact
  | VoidFact
  | PostFact
  | StreetFact
  | AttendanceFact
  | StepFact
  | RosterFact
  | ExpertStepFact
  | ExpertWorkFact
  | TaskFact
  | DirectiveFact
  | MinutesFact
  | TicketFact
  | ScamReportFact
  | QuestionFact;
export type FactKind = Fact['kind'];

export interface FactsRequest {
  facts: Fact[];
}
export type CountedIn = schema.CountedIn;
export type Outcome = Exactly<
  schema.OutcomeBody,
  { id: FactId; outcome: 'counted' | 'duplicate' | 'held' | 'refused'; problem: Problem | null }
>;
export type FactsReply = Exactly<schema.OutcomesBody, { outcomes: Outcome[] }>;
/** A fact as people look at it; identities are shown as `true`, never as anything else. */
export type FactView = Exactly<
  schema.FactView,
  {
    kind: FactKind;
    place: PlaceRef;
    state: 'live' | 'superseded' | 'voided';
    body: Fact['body'];
  }
>;

// Changes --------------------------------------------------------------------------------------------------------

export interface Dated {
  valid_from: Day | null;
  valid_to: Day | null;
}
export type Place = PlaceRef & Dated;
export type Team = schema.TeamBody;
export type TeamLine = schema.TeamLine;
export type Stage = schema.Stage;
export type Ask = schema.Ask;
export type ServiceOutcome = schema.Outcome;
export type CountUnit = 'person' | 'household' | 'account' | 'dossier' | 'assist';
export type Service = Exactly<schema.Service, { unit: CountUnit }>;
export type GuideStep = schema.Step;
export type Guide = schema.Guide;
export type Objection = schema.Objection;
export type IndicatorBrief = Exactly<schema.IndicatorBrief, { kind: 'count' | 'ratio' | 'per_unit' }>;
export type CampaignBrief = Exactly<schema.CampaignBrief, { indicators: IndicatorBrief[] }>;
export type Changes = Exactly<
  schema.ChangesBody,
  {
    me: Me;
    places: Place[];
    services: Service[];
    campaigns: CampaignBrief[];
    expert_jobs: ExpertRequest[];
    card: Card | null;
  }
>;

// Cards and scams ------------------------------------------------------------------------------------------------

export type Card = schema.CardBody;
export type ScamChannel = schema.ScamChannel;
export type Loss = schema.Loss;
export type ScamStage = schema.ScamStage;
export type ScamAct = schema.ScamAct;
export type ScamResult = schema.ScamResult;
export type HandingWay = schema.HandingWay;
export type ScamReport = Exactly<schema.ScamReportBody, { place: PlaceRef }>;
export type ScamReportPage = Exactly<schema.ScamReportPageBody, { report: ScamReport }>;
export type ScamWave = Exactly<schema.ScamWaveBody, { place: PlaceRef }>;
export type ScamReports = Exactly<
  schema.ScamReportsBody,
  { place: PlaceRef; reports: ScamReport[]; waves: ScamWave[] }
>;

// Calendar -------------------------------------------------------------------------------------------------------

export type Point = schema.PointBody;
export type NewPoint = Required<schema.NewPointBody>;
export type Hours = schema.Hours;
export type Activity = schema.ActivityBody;
export type NewActivity = Required<schema.NewActivityBody>;
export type Occurrence = schema.OccurrenceBody;
export type ActivityDay = schema.ActivityDayBody;
export type Holiday = schema.Holiday;
export type Commemoration = schema.Commemoration;
export type FeedKind = schema.FeedKind;
export type Workplace = schema.WorkplaceBody;
export type DeskDevice = schema.DeskDeviceBody;
export type DeskDeviceKeys = schema.DeskDeviceKeysBody;
export type Feed = schema.FeedBody;
export type FeedMade = schema.FeedMade;
// Rosters --------------------------------------------------------------------------------------------------------

export type Shift = schema.ShiftBody;
export type Generated = schema.GeneratedBody;
export type Suggestions = schema.SuggestionsBody;
export type Proposal = schema.ProposalBody;
export type Half = schema.Half;
export type Availability = schema.Availability;
export type StaffingRule = schema.RuleBody;
export type ShiftHistory = schema.ShiftHistoryBody;
export type ShiftChange = schema.Change;
export type RosterCoverage = schema.RosterCoverageBody;

// Ratings --------------------------------------------------------------------------------------------------------

export type RatingStep = schema.RatingStep;
export type RatingTopic = schema.RatingTopic;
export type RatingScale = schema.RatingScale;
export type RatingIndex = schema.Index;
export type RatingLine = schema.RatingLine;
export type RatingResults = schema.RatingResultsBody;
export type RatingComment = schema.RatingCommentBody;
export type RatingPoint = schema.RatingPointBody;
export type RatingStage = schema.ActionStage;
export type RatingActionAct = schema.ActionAct;
export type RatingAction = schema.RatingActionBody;
export type RatingActionPage = schema.RatingActionPageBody;

// Experts --------------------------------------------------------------------------------------------------------

export type RequestStage = schema.RequestStage;
export type RequestAct = schema.RequestAct;
export type Urgency = schema.Urgency;
export type CommuneWord = schema.CommuneWord;
export type Pressure = schema.Pressure;
export type Signal = schema.PressureBody;
export type PressedDesk = schema.PressedDeskBody;
export type ExpertField = schema.ExpertField;
export type Expert = schema.ExpertBody;
export type ExpertFit = schema.ExpertFitBody;
export type ExpertFits = schema.ExpertFitsBody;
export type ExpertRequest = Exactly<schema.ExpertRequestBody, { place: PlaceRef }>;
export type ExpertRequestPage = Exactly<schema.ExpertRequestPageBody, { request: ExpertRequest }>;
export type ExpertReport = schema.ExpertReportBody;
export type ExpertReportLine = schema.ExpertReportLine;

// Branch ---------------------------------------------------------------------------------------------------------

export type Task = schema.TaskBody;
/** A directive as it reached one team. */
export type Directive = schema.DirectiveBody;
export type DirectiveLine = schema.DirectiveLine;
export type DirectivePage = schema.DirectivePageBody;
export type NewDirective = Required<schema.NewDirectiveBody>;
export type Branch = Exactly<schema.BranchBody, { place: PlaceRef }>;
export type MeetingLine = schema.MeetingLine;
export type Meeting = Exactly<
  schema.MeetingBody,
  { minutes: Exactly<schema.SignedBody, { minutes: Minutes }>[] }
>;
export type TaskHistory = schema.TaskHistoryBody;

// Territory ------------------------------------------------------------------------------------------------------

export type PlacesPage = Exactly<schema.PlacesBody, { places: (Place & { parent_names: string[] })[] }>;
export type PlaceDetail = Place & Pick<schema.PlaceDetail, 'names'> & { ancestors: PlaceRef[] };
export type SuccessionSide = Exactly<
  schema.SuccessionAnswer,
  {
    answer: 'unchanged' | 'one' | 'candidates' | 'none';
    places: Exactly<schema.SuccessionPlace, { place: PlaceRef }>[];
  }
>;
export interface Succession {
  successors: SuccessionSide;
  predecessors: SuccessionSide;
}
export type NewPlace = schema.HamletBody;
export type Figure = schema.FigureBody;
export type FiguresPage = schema.FiguresBody;

// Campaigns and targets ------------------------------------------------------------------------------------------

export type Filter = schema.Filter;
export type Measure = schema.Measure;
export type Definition =
  | { kind: 'count'; measure: Measure }
  | { kind: 'ratio'; numerator: Measure; denominator: schema.Denominator; target_permille: number }
  | { kind: 'per_unit'; measure: Measure; unit_level: 'district' | 'commune'; minimum: number };
export type IssuingDocument = Exactly<schema.IssuingDocument, { issued_on: Day | null }>;
export type Indicator = Exactly<
  schema.IndicatorBody,
  { kind: IndicatorBrief['kind']; definition: Definition; deadline: Day | null; target: number | null }
>;
export type Campaign = Exactly<
  schema.CampaignBody,
  { issuing_document: IssuingDocument; place: PlaceRef; indicators: Indicator[] }
>;
export type NewIndicator = Exactly<
  Required<schema.NewIndicatorBody>,
  { definition: Definition; deadline: Day | null; target: number | null }
>;
export type NewCampaign = Exactly<
  Required<schema.NewCampaignBody>,
  { issuing_document: IssuingDocument; indicators: NewIndicator[] }
>;
/** A target belongs to a place, or to a team in it. */
export type TargetChild = Exactly<schema.ChildTarget, { place: PlaceRef | null }>;
export type TargetRow = Exactly<schema.TargetRow, { indicator: IndicatorBrief; children: TargetChild[] }>;
export type TargetsPage = Exactly<schema.TargetsBody, { place: PlaceRef; rows: TargetRow[] }>;
export type SplitMethod = 'population' | 'households' | 'equal';
export type SplitValue = Exactly<schema.SplitValue, { place: PlaceRef | null }>;
export type SplitReply = Exactly<schema.SplitDone, { values: SplitValue[] }>;
export type TargetChange = schema.TargetChange;

// Progress -------------------------------------------------------------------------------------------------------

export type Pace = schema.Pace;
/** What is said of a child; of the place itself there is more. */
export type StandingBrief = schema.StandingBrief;
export type IndicatorStanding = Exactly<schema.IndicatorStanding, { indicator: IndicatorBrief }>;
export type Standing = Omit<IndicatorStanding, 'indicator'>;
export type ChildStanding = Exactly<schema.ChildStanding, { place: PlaceRef | null }>;
export type ExportSize = schema.ExportSizeBody;
export type ProgressPage = Exactly<
  schema.ProgressBody,
  { place: PlaceRef; indicators: IndicatorStanding[]; children: ChildStanding[] }
>;
export type Series = schema.SeriesBody;
export type FactsPage = Exactly<schema.FactsBody, { facts: FactView[] }>;

// Check-in -------------------------------------------------------------------------------------------------------

export type Site = schema.SiteBody;
export type Roll = schema.RollBody;
export type CheckIn = schema.CheckInBody;
export type PointCode = schema.PointCodeBody;
export type Doubt = 'code_wrong' | 'code_time' | 'outside_hours' | 'two_places' | 'far';
export type Stay = Exactly<
  schema.StayBody,
  { standing: 'verified' | 'plausible' | 'doubtful'; doubts: Doubt[] }
>;
export type Attendance = Exactly<schema.AttendanceBody, { stays: Stay[] }>;
export type DoubtfulRow = Exactly<schema.DoubtfulBody, { direction: 'in' | 'out'; doubts: Doubt[] }>;
export type PresentSite = Exactly<schema.PresentBody, { here: Stay[] }>;
export type PresentBoard = Exactly<schema.BoardBody, { place: PlaceRef; sites: PresentSite[] }>;
export type Acceptance = schema.AcceptanceBody;
export type Visits = Exactly<
  schema.VisitsBody,
  { place: PlaceRef; places: Exactly<schema.PlaceAcceptanceBody, { place: PlaceRef }>[] }
>;
export type ActiveTeams = Exactly<
  schema.ActiveTeamsBody,
  { place: PlaceRef; places: Exactly<schema.ActivePlaceBody, { place: PlaceRef }>[] }
>;

// Support and recognition ---------------------------------------------------------------------------------------

export type AllowancePolicy = schema.PolicyBody;
export type AllowanceSheet = Exactly<schema.SheetBody, { place: PlaceRef }>;
export type AllowanceLine = schema.AllowanceLineBody;
export type AllowancePaid = schema.PaidBody;
export type AllowanceOverlap = schema.OverlapBody;
export type OwnAllowances = schema.OwnListBody;
export type IssuedCertificate = schema.CertificateBody;
export type Certificate = schema.Certificate;
export type Certificates = schema.CertificatesBody;

// Questions -------------------------------------------------------------------------------------------------------

export type Faq = schema.FaqBody;
export type QuestionTopics = schema.TopicsBody;
export type Question = Exactly<schema.QuestionBody, { place: PlaceRef }>;
export type QuestionPage = Exactly<schema.QuestionPageBody, { question: Question }>;
export type QuestionAct = schema.QuestionAct;
export type QuestionStage = schema.QuestionStage;
export type QuestionSource = schema.QuestionSource;
export type QuestionFigures = schema.QuestionFiguresBody;
export type QuestionFiguresLine = schema.QuestionFigures;

// Notifications --------------------------------------------------------------------------------------------------

export type Notice = schema.NotificationBody;
export type NoticesPage = schema.NotificationsBody;
export type NoticeChoices = schema.ChoicesBody;
export type NoticeChannel = NoticeChoices['channels'][number];

// Desk -----------------------------------------------------------------------------------------------------------

export type Desk = schema.DeskBody;
export type Setup = schema.Setup;
export type Counter = schema.Counter;
export type OfferedGroup = schema.OfferedGroup;
export type ProcedureGroup = schema.ProcedureGroup;
export type PriorityClass = schema.PriorityClass;
export type DeskLanguage = schema.Language;
export type Procedure = schema.Procedure;
export type Procedures = schema.Procedures;
export type Wanted = { group: ProcedureGroup; procedure?: null } | { group?: null; procedure: string };
export type Ticket = schema.TicketBody;
export type Errand = schema.Errand;
export type TicketAct = schema.TicketAct;
export type TicketStage = schema.TicketStage;
export type QueueNow = schema.QueueNowBody;
export type QueueReply = Exactly<schema.QueueBody, { queue: QueueNow | null }>;
export type DeskTimes = schema.Times;
export type TimesLine = schema.TimesLine;
export type Spread = schema.Spread;
export type DeskLoad = schema.Load;
export type DeskNow = schema.DeskNowBody;
export type DesksNow = schema.DesksNowBody;
export type MoveProposal = schema.MoveProposalBody;
export type WholeTicket = schema.WholeTicketBody;
export type DoneStep = schema.DoneStepBody;

// Slips ----------------------------------------------------------------------------------------------------------

export type Slip = schema.SlipBody;
export type SlipList = schema.SlipsBody;
export type SlipDue = schema.DueBody;
export type SlipFigures = schema.SlipFiguresBody;
export type Thursday = schema.ThursdayBody;
