/** The fixed choices of an assist, in the order people meet them. */
import type { Key } from '@/i18n/keys';
import type { IconName } from '@/ui/icons';
import type {
  AgeBand,
  BeneficiaryKind,
  Channel,
  Companion,
  ConsentMethod,
  ConsentPurpose,
  Setting,
} from '@/wire';

export const KINDS: [BeneficiaryKind, Key][] = [
  ['person', 'assists.kind.person'],
  ['household', 'assists.kind.household'],
  ['organisation', 'assists.kind.organisation'],
  ['official', 'assists.kind.official'],
];
export const AGES: [AgeBand | 'unknown', Key][] = [
  ['under_14', 'assists.age.under_14'],
  ['14_17', 'assists.age.14_17'],
  ['18_59', 'assists.age.18_59'],
  ['60_plus', 'assists.age.60_plus'],
  ['unknown', 'assists.age.unknown'],
];
export const SETTINGS: [Setting, Key, IconName][] = [
  ['door', 'assists.setting.door', 'door'],
  ['desk', 'assists.setting.desk', 'desk'],
  ['event', 'assists.setting.event', 'people'],
  ['remote', 'assists.setting.remote', 'phone'],
];
export const COMPANIONS: [Companion, Key][] = [
  ['trusted_person', 'assists.companion.trusted_person'],
  ['hamlet_head', 'assists.companion.hamlet_head'],
  ['party_cell', 'assists.companion.party_cell'],
];
export const CHANNELS: [Channel, Key][] = [
  ['online', 'assists.channel.online'],
  ['paper', 'assists.channel.paper'],
];
export const METHODS: [ConsentMethod, Key][] = [
  ['read_aloud', 'assists.method.read_aloud'],
  ['signed', 'assists.method.signed'],
  ['electronic', 'assists.method.electronic'],
];
export const PURPOSES: [ConsentPurpose, Key][] = [
  ['count_once', 'assists.purpose.count_once'],
  ['follow_up', 'assists.purpose.follow_up'],
];
export const settingName = (setting: Setting): Key =>
  SETTINGS.find(([value]) => value === setting)?.[1] ?? 'assists.setting.door';
export const companionName = (companion: Companion): Key =>
  COMPANIONS.find(([value]) => value === companion)?.[1] ?? 'assists.companion.trusted_person';
