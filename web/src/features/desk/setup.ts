/** A desk while it is set up: a beginning that fits a commune's centre, and what would leave somebody waiting for ever. */
import type { Counter, OfferedGroup, ProcedureGroup, Procedures, Setup } from '@/wire';

export const COUNTERS_MAX = 40;
const EXPECTED_MIN: Record<ProcedureGroup, number> = {
  civil_status: 15,
  certification: 8,
  residence: 15,
  land: 25,
  social: 15,
  business: 20,
  identity: 12,
  other: 10,
};

export const offer = (procedures: Procedures, group: ProcedureGroup): OfferedGroup => ({
  group,
  letter: procedures.groups.find(({ code }) => code === group)?.letter ?? 'Z',
  expected_min: EXPECTED_MIN[group],
});

/** Two counters for all there is, and one for what is soon done. */
export function communeTemplate(procedures: Procedures, names: [string, string, string]): Setup {
  const counter = (code: string, name: string, groups: ProcedureGroup[], quick = false): Counter => ({
    code,
    name,
    groups,
    quick,
  });
  return {
    counters: [
      counter('1', names[0], ['civil_status', 'certification', 'residence', 'identity']),
      counter('2', names[1], ['land', 'social', 'business', 'other']),
      counter('3', names[2], ['certification', 'identity', 'other'], true),
    ],
    groups: procedures.groups.map(({ code }) => offer(procedures, code)),
    priority: ['elderly', 'disability', 'with_child', 'pregnant', 'from_afar', 'merit'],
    priority_run: 2,
    quick_min: 10,
    calls: 2,
    languages: ['vi', 'en'],
    voice: true,
  };
}

export type Fault =
  | { kind: 'no_counters' | 'no_groups' }
  | { kind: 'code' | 'code_twice' | 'idle'; code: string }
  | { kind: 'letter_twice' | 'minutes' | 'nobody' | 'only_quick'; group: ProcedureGroup };

/** What the server would refuse, said so that it can be put right. */
export function faultsOf({ counters, groups }: Setup): Fault[] {
  const faults: Fault[] = [];
  if (counters.length === 0) faults.push({ kind: 'no_counters' });
  if (groups.length === 0) faults.push({ kind: 'no_groups' });
  counters.forEach(({ code, groups: takes }, at) => {
    if (!/^[a-z0-9]{1,8}$/i.test(code)) faults.push({ kind: 'code', code });
    else if (counters.findIndex((one) => one.code === code) < at) faults.push({ kind: 'code_twice', code });
    if (takes.length === 0) faults.push({ kind: 'idle', code });
  });
  groups.forEach(({ group, letter, expected_min }, at) => {
    if (groups.findIndex((one) => one.letter === letter) < at) faults.push({ kind: 'letter_twice', group });
    if (!Number.isInteger(expected_min) || expected_min < 1 || expected_min > 120)
      faults.push({ kind: 'minutes', group });
    const taking = counters.filter((one) => one.groups.includes(group));
    if (taking.length === 0) faults.push({ kind: 'nobody', group });
    else if (taking.every(({ quick }) => quick)) faults.push({ kind: 'only_quick', group });
  });
  return faults;
}

/** A group no longer offered is no longer taken anywhere. */
export const withoutGroup = (setup: Setup, group: ProcedureGroup): Setup => ({
  ...setup,
  groups: setup.groups.filter((one) => one.group !== group),
  counters: setup.counters.map((one) => ({ ...one, groups: one.groups.filter((taken) => taken !== group) })),
});

/** The next free number for a counter. */
export const freeCode = (counters: Counter[]): string => {
  let at = counters.length + 1;
  while (counters.some(({ code }) => code === String(at))) at += 1;
  return String(at);
};
