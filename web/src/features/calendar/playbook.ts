/** Ordered steps of an activity: what was done, what comes next, and how they are written down. */
import { normalise } from '@/i18n/fold';
import type { FactRow } from '@/sync/db';
import type { Activity, Day } from '@/wire';

export type Step = Activity['details']['steps'][number];

/** The first step before `code` that is not done: doing `code` now is out of turn. The server's rule, for a phone alone. */
export function beforeItsTurn(steps: Step[], done: Set<string>, code: string): Step | null {
  const at = steps.findIndex((step) => step.code === code);
  return steps.slice(0, Math.max(at, 0)).find((step) => !done.has(step.code)) ?? null;
}

/** The standing fact of this phone for each step, by its code. */
export function ticksOf(rows: FactRow[], activity: string, day: Day): Map<string, FactRow> {
  const ticks = new Map<string, FactRow>();
  for (const row of rows) {
    const { fact } = row;
    if (fact.kind !== 'step.v1' || row.voided_by !== null || row.state === 'refused') continue;
    if (fact.body.activity === activity && fact.body.day === day) ticks.set(fact.body.step, row);
  }
  return ticks;
}

/** One step a line; a step that keeps its words keeps its code, because facts name it by that. */
export function stepsOf(text: string, before: Step[]): Step[] {
  const titles = text.split('\n').map(normalise).filter(Boolean);
  const taken = new Set(before.map(({ code }) => code));
  let number = 0;
  return titles.map((title) => {
    const known = before.find((step) => step.title === title);
    if (known !== undefined) return known;
    do number += 1;
    while (taken.has(`b${number}`));
    return { code: `b${number}`, title, evidence: 'tick' };
  });
}
