/** An activity as the sheet writes it, from one there is or for a day, and back to the wire. */
import { addDays, dayOf, formatTime, fromLocalInput, msOf, weekdayOf, wireTime } from '@/i18n/format';
import type { Activity, Day, NewActivity, Team } from '@/wire';
import { stepsOf } from './playbook';
import { firstOn, readRule, ruleOf, type Repeat } from './rule';

type Details = Activity['details'];
export type Evidence = Details['steps'][number]['evidence'];

const SEASON_DAYS = 84;

export function draftOf(from: Activity | null, day: Day) {
  const first = from === null ? day : dayOf(msOf(from.starts_at));
  const { repeat, weekdays, until } = readRule(from?.recurrence ?? '', first);
  const { details } = from ?? {};
  return {
    title: from?.title ?? '',
    kind: (from?.kind ?? 'sunday') as string,
    first: first as string,
    start: from === null ? '07:30' : formatTime(from.starts_at),
    end: from === null ? '11:30' : formatTime(msOf(from.starts_at) + from.duration_min * 60_000),
    repeat: repeat as Repeat,
    weekdays,
    until: (until ?? addDays(first, SEASON_DAYS)) as string,
    on_holidays: from?.on_holidays ?? false,
    except: details?.except ?? ([] as Day[]),
    venue: details?.venue ?? '',
    point: from?.point_id ?? '',
    team_kinds: details?.team_kinds ?? (['cnstn'] as Team['kind'][]),
    teams: from?.team_ids ?? ([] as string[]),
    host: details?.host ?? '',
    partners: details?.partners.join('\n') ?? '',
    category: (details?.category ?? 'digital') as string,
    services: details?.services ?? ([] as string[]),
    campaign: from?.campaign_id ?? '',
    steps: details?.steps.map(({ title }) => title).join('\n') ?? '',
    evidence: Object.fromEntries(
      (details?.steps ?? []).map(({ title, evidence }) => [title, evidence]),
    ) as Record<string, Evidence>,
    note: details?.note ?? '',
  };
}
export type Draft = ReturnType<typeof draftOf>;

export const minutesOf = ({ start, end }: Draft): number =>
  (Date.parse(`1970-01-01T${end}Z`) - Date.parse(`1970-01-01T${start}Z`)) / 60_000;

/** The day it really begins on. */
export const firstDayOf = ({ first, repeat, weekdays }: Draft): Day =>
  repeat === 'weekly' ? firstOn(first, weekdays) : first;

export const stepsIn = ({ steps, evidence }: Draft, before: Details['steps']): Details['steps'] =>
  stepsOf(steps, before).map((step) => ({ ...step, evidence: evidence[step.title] ?? step.evidence }));

export function bodyOf(draft: Draft, from: Activity | null, place: string): NewActivity {
  const first = firstDayOf(draft);
  const own = draft.repeat === 'own' ? (from?.recurrence ?? '') : '';
  return {
    kind: draft.kind as Activity['kind'],
    title: draft.title.trim(),
    place_id: from?.place_id ?? place,
    point_id: draft.point === '' ? null : draft.point,
    campaign_id: draft.campaign === '' ? null : draft.campaign,
    starts_at: wireTime(fromLocalInput(`${first}T${draft.start}`)),
    duration_min: minutesOf(draft),
    recurrence: own === '' ? ruleOf(draft) : own,
    on_holidays: draft.on_holidays,
    team_ids: [...draft.teams],
    details: {
      category: draft.category as Details['category'],
      venue: draft.venue,
      team_kinds: [...draft.team_kinds],
      host: draft.host,
      partners: draft.partners.split('\n').filter((line) => line.trim() !== ''),
      services: [...draft.services],
      note: draft.note,
      steps: stepsIn(draft, from?.details.steps ?? []),
      except: draft.repeat === 'none' ? [] : [...draft.except],
    },
  };
}

/** Another first day takes its weekday along, while that is the only one. */
export const weekdaysFrom = (weekdays: number[], before: Day, after: Day): number[] =>
  weekdays.length === 1 && weekdays[0] === weekdayOf(before) ? [weekdayOf(after)] : weekdays;
