/** The rules of a desk that one device runs alone: held against the server's vectors, and kept as facts. */
import { describe, expect, it } from 'vitest';
import vectors from '../../../../crates/domain/data/next.json';
import { msOf, wireTime } from '@/i18n/format';
import type { DeskRow } from '@/sync/db';
import { freshPhone } from '@/sync/testing';
import type { Counter, ProcedureGroup, Setup, Ticket } from '@/wire';
import { newDesk, step, taken } from './desk.svelte';
import { whereNow } from './points.svelte';
import { after, at, codeFrom, next, nextAt, onward, ownNumber, seriesFrom, type InLine } from './rules';
import { communeTemplate, faultsOf, freeCode, withoutGroup } from './setup';
import { timesCsv } from './times';

const OPENS = msOf('2024-10-14T07:30:00+07:00');
const minute = (n: number) => OPENS + n * 60_000;
const PROCEDURES = {
  groups: (['civil_status', 'certification', 'land'] as const).map((code, n) => ({
    code,
    letter: 'ABD'.charAt(n),
    name: code,
    name_en: code,
    name_km: null,
  })),
  procedures: [],
};
const counter = (code: string, groups: ProcedureGroup[], quick = false): Counter => ({
  code,
  name: '',
  groups,
  quick,
});
const setup: Setup = {
  ...communeTemplate(PROCEDURES, ['', '', '']),
  counters: [
    counter('1', ['civil_status', 'certification']),
    counter('2', ['certification', 'land']),
    counter('3', ['certification'], true),
  ],
  calls: 2,
};
const none = () => undefined;
const fresh = (): DeskRow => ({
  ...newDesk('m', 'point'),
  version: 7,
  alone_since_ms: OPENS,
  at_ms: OPENS,
  queue: { day: '2024-10-14', setup, runs: {}, tickets: [], outlook: [] },
});
const take = (row: DeskRow, id: string, n: number, groups: ProcedureGroup[], priority = false) => {
  const made = taken(
    row,
    id,
    minute(n),
    {
      wanted: groups.map((group) => ({ group })),
      priority: priority ? 'elderly' : null,
      language: 'vi',
    },
    'CODE',
    none,
  );
  if (made === null) throw new Error('not taken');
  return made;
};
const found = (row: DeskRow, id: string): Ticket => {
  const ticket = row.queue.tickets.find((one) => one.id === id);
  if (ticket === undefined) throw new Error(`no ticket ${id}`);
  return ticket;
};

describe('who is next', () => {
  it.each(vectors.cases.map((one) => [one.name, one] as const))('%s', (_, one) => {
    const called = next(one.line as InLine[], one.counter as Counter, vectors, one.run);
    expect(called?.id ?? null).toBe(one.next);
  });
});

describe('a ticket', () => {
  it('is timed apart in line and at a counter, and on hold is neither', () => {
    let row = take(fresh(), 't', 0, ['civil_status']).desk;
    const acts = [
      ['call', 10],
      ['recall', 11],
      ['start', 12],
      ['hold', 17],
      ['resume', 40],
      ['finish', 43],
    ] as const;
    for (const [act, n] of acts) {
      const made = step(row, `${act}${n}`, minute(n), 't', {
        act,
        ...(act === 'call' || act === 'resume' ? { counter: '1' } : {}),
      });
      if (made === null) throw new Error(act);
      row = made.desk;
    }
    const ticket = found(row, 't');
    expect([ticket.stage, ticket.waited_s, ticket.errands[0]?.served_s]).toEqual(['done', 600, 480]);
    expect([ticket.called_at, ticket.finished_at]).toEqual([wireTime(minute(10)), wireTime(minute(43))]);
    expect(after(ticket, { act: 'start' }, minute(50))).toBeNull();
  });

  it('with several errands goes on where it is, or back in line in its old place', () => {
    let row = take(fresh(), 't', 0, ['civil_status', 'certification', 'land']).desk;
    const go = (act: 'call' | 'start' | 'finish', n: number) => {
      const made = step(row, `${act}${n}`, minute(n), 't', {
        act,
        ...(act === 'call' ? { counter: '1' } : {}),
      });
      if (made === null) throw new Error(act);
      row = made.desk;
      return made.body;
    };
    go('call', 1);
    go('start', 2);
    expect(onward(found(row, 't'), setup)).toBeNull();
    go('finish', 9);
    expect(found(row, 't').stage).toBe('serving');
    expect(go('finish', 12)).toMatchObject({ act: 'finish', group: 'land', after: 'finish9' });
    expect(found(row, 't')).toMatchObject({ stage: 'waiting', counter: null, since: wireTime(OPENS) });
    expect(at(row.queue.tickets, '1')).toBeNull();
  });

  it('has a number of the device, and every step names the one before it', () => {
    const first = take(fresh(), 'a', 0, ['civil_status']);
    const second = take(first.desk, 'b', 1, ['civil_status']);
    const other = take(second.desk, 'c', 2, ['land']);
    expect(other.desk.queue.tickets.map(({ number }) => number)).toEqual(['A-N01', 'A-N02', 'D-N01']);
    expect(first.body).toEqual({
      ticket: 'a',
      act: 'take',
      taken: {
        point: 'point',
        number: 'A-N01',
        code: 'CODE',
        wanted: [{ group: 'civil_status' }],
        language: 'vi',
        source: 'counter',
      },
    });
    const called = step(other.desk, 'x', minute(3), 'a', { act: 'call', counter: '1' });
    expect(called?.body).toEqual({ ticket: 'a', act: 'call', counter: '1', after: 'a' });
  });

  it('is not called where somebody is, nor missed before it was called often enough', () => {
    let row = take(take(fresh(), 'a', 0, ['civil_status']).desk, 'b', 1, ['civil_status']).desk;
    row = step(row, 'x', minute(2), 'a', { act: 'call', counter: '1' })?.desk ?? row;
    expect(step(row, 'y', minute(3), 'b', { act: 'call', counter: '1' })).toBeNull();
    expect(step(row, 'y', minute(3), 'a', { act: 'no_show' })).toBeNull();
    row = step(row, 'y', minute(3), 'a', { act: 'recall' })?.desk ?? row;
    expect(step(row, 'z', minute(4), 'a', { act: 'recall' })).toBeNull();
    row = step(row, 'z', minute(4), 'a', { act: 'no_show' })?.desk ?? row;
    row = step(row, 'w', minute(9), 'a', { act: 'return' })?.desk ?? row;
    // Who came back is behind those who stayed.
    expect(nextAt(row.queue, '1', none)?.id).toBe('b');
  });

  it('of priority goes first, but not for ever', () => {
    let row = fresh();
    row = take(row, 'o', 0, ['civil_status']).desk;
    for (const n of [1, 2, 3]) row = take(row, `p${n}`, n, ['civil_status'], true).desk;
    const order: string[] = [];
    for (let n = 0; n < 4; n += 1) {
      const first = nextAt(row.queue, '1', none)?.id ?? '';
      order.push(first);
      row = step(row, `c${n}`, minute(10 + n), first, { act: 'call', counter: '1' })?.desk ?? row;
      row = step(row, `h${n}`, minute(10 + n), first, { act: 'hold' })?.desk ?? row;
    }
    expect(order).toEqual(['p1', 'p2', 'o', 'p3']);
  });

  it('of yesterday is gone today', () => {
    const row = take(fresh(), 'a', 0, ['civil_status']).desk;
    const today = take(row, 'b', 24 * 60, ['civil_status']).desk;
    expect(today.queue.tickets.map(({ number }) => number)).toEqual(['A-N01']);
    expect(today.queue.day).toBe('2024-10-15');
  });
});

describe('a desk without a network', () => {
  it('moves its queue and writes the fact in one', async () => {
    const phone = freshPhone(OPENS);
    await phone.db.desks.put(fresh());
    const where = { point: 'point', place: '63-21553', team: null };
    const wish = { wanted: [{ group: 'land' as const }], priority: null, language: 'vi' as const };
    await phone.ledger.atDesk('m', where, (row, id, at_ms) => taken(row, id, at_ms, wish, 'CODE', none));
    const [fact] = await phone.db.facts.toArray();
    const row = await phone.db.desks.get(['m', 'point']);
    expect(fact).toMatchObject({ state: 'unsent', fact: { kind: 'ticket.v1', body: { act: 'take' } } });
    expect(row?.queue.tickets[0]).toMatchObject({ id: fact?.id, number: 'D-N01' });
    expect(await phone.ledger.atDesk('m', where, () => null)).toBeNull();
    const torn = phone.ledger.atDesk('m', where, () => {
      throw new Error('torn');
    });
    await expect(torn).rejects.toThrow('torn');
    expect(await phone.db.facts.count()).toBe(1);
  });

  it('makes codes and numbers that people can read', () => {
    expect(codeFrom(new Uint8Array([0, 31, 1, 24, 10, 255, 33, 7, 8, 9]))).toBe('0Z1RAZ1789');
    expect([ownNumber('A', 'N', 3), ownNumber('B', 'X', 112)]).toEqual(['A-N03', 'B-X112']);
    expect([0, 9, 10, 255].map(seriesFrom)).toEqual(['L', 'Y', 'L', 'S']);
  });
});

describe('a set-up', () => {
  it('of the template leaves nobody waiting for ever', () => {
    const all = communeTemplate(
      {
        groups: (
          [
            'civil_status',
            'certification',
            'residence',
            'land',
            'social',
            'business',
            'identity',
            'other',
          ] as const
        ).map((code, n) => ({ code, letter: 'ABCDEGHK'.charAt(n), name: '', name_en: '', name_km: null })),
        procedures: [],
      },
      ['', '', ''],
    );
    expect(faultsOf(all)).toEqual([]);
    expect(freeCode(all.counters)).toBe('4');
  });
  it('says what is wrong with it', () => {
    const kinds = (change: Partial<Setup>) => faultsOf({ ...setup, ...change }).map(({ kind }) => kind);
    expect(kinds({})).toEqual([]);
    expect(kinds({ counters: setup.counters.slice(0, 1) })).toEqual(['nobody']);
    expect(kinds({ counters: setup.counters.map((one) => ({ ...one, quick: true })) })).toEqual([
      'only_quick',
      'only_quick',
      'only_quick',
    ]);
    expect(kinds({ counters: [...setup.counters, counter('1', ['land'])] })).toEqual(['code_twice']);
    expect(kinds({ counters: [...setup.counters, counter('1 b', [])] })).toEqual(['code', 'idle']);
    expect(kinds({ groups: setup.groups.map((one) => ({ ...one, letter: 'A' })) })).toEqual([
      'letter_twice',
      'letter_twice',
    ]);
    expect(withoutGroup(setup, 'land').counters[1]?.groups).toEqual(['certification']);
  });
});

it('writes times for Excel, with n', () => {
  const spread = { n: 3, median_s: 720, p90_s: 1830 };
  const line = { key: '7', waited: spread, served: spread, whole: spread };
  expect(timesCsv('P', '2024-10-01', '2024-10-31', [['H', [{ name: '7', line }]]])).toContain(
    '7;3;12;30,5;3;12;30,5',
  );
});

describe('where somebody works', () => {
  const today = '2024-10-14';
  const points = ['a', 'b', 'c', 'd'].map((id) => ({ id }));
  const desk = (id: string, rostered: boolean) => ({
    id,
    name: id,
    place_id: '63-1',
    rostered,
    scale: 'five' as const,
    guest: false,
  });
  const desks = { day: today, points: [desk('b', false), desk('c', true), desk('d', false)] };
  const at = (day: string, point: string) => ({ day, point });
  it.each<[string, typeof desks | null, ReturnType<typeof at> | null, string]>([
    ['where they said today', desks, at(today, 'd'), 'd'],
    ['where the roster has them today', desks, at('2024-10-13', 'd'), 'c'],
    [
      'where they last were, once the roster is of another day',
      { ...desks, day: '2024-10-11' },
      at('2024-10-11', 'd'),
      'd',
    ],
    ['the first that has a desk', { ...desks, points: [desk('b', false)] }, null, 'b'],
    ['what was chosen and is there no more is nothing', { ...desks, points: [] }, at(today, 'x'), 'a'],
    ['any, where nothing is known', null, null, 'a'],
  ])('%s', (_, known, chosen, expected) => {
    expect(whereNow(points, known, chosen, today)?.id).toBe(expected);
  });
  it('nowhere, where there is no point', () => {
    expect(whereNow([], desks, null, today)).toBeNull();
  });
});
