import { beforeAll, describe, expect, it } from 'vitest';
import { loadWords } from '@/i18n/words.svelte';
import { factsLink, progressLink, readView } from './address';
import { marks, nearest, plot, roundStep } from './chart';
import { progressCsv } from './csv';
import { defaultCampaign, defaultPlace } from './defaults';
import { roughly, say, sayShort } from './figures';
import { orderText, paceCounts, ranked, readOrder, worst } from './ranking';
import type { ChildStanding, ProgressPage, Standing } from '@/wire';

beforeAll(() => loadWords('progress'));

const standing = (change: Partial<Standing> = {}): Standing => ({
  code: 'a',
  result: 1_204,
  anonymous: 0,
  late: 0,
  numerator: null,
  denominator: null,
  target: 2_000,
  percent: 60.2,
  expected_percent: 78.4,
  pace: 'behind',
  forecast_on: null,
  units_met: null,
  units_total: null,
  ...change,
});
const place = (name: string, id = name) => ({
  id,
  code: '1',
  level: 'commune' as const,
  kind: 'xa',
  name,
  full_name: `Xã ${name}`,
  path: `VN/${id}/`,
});
const child = (name: string, ...indicators: Standing[]): ChildStanding => ({
  place: place(name),
  team: null,
  score: null,
  indicators,
});
const person = { kind: 'count' as const, unit: 'person' as const };

describe('a size in words', () => {
  it('says three digits and no more', () => {
    expect([0, 7, 999, 1_234, 348_217, 1_044_350].map(roughly)).toEqual([
      0, 7, 999, 1_230, 348_000, 1_040_000,
    ]);
  });
});

describe('a standing in words', () => {
  it('says result, target and unit, anonymous and late ones apart', () => {
    const said = say(standing({ anonymous: 1_204, late: 3 }), person);
    expect(said.result).toBe('1.204');
    expect(said.of).toBe('/ 2.000 người');
    expect(said.notes).toEqual(['trong đó 1.204 người không định danh', '3 sau hạn, không tính vào kết quả']);
  });
  it('never shows a ratio without what it was divided by', () => {
    const ratio = { kind: 'ratio' as const, unit: 'person' as const };
    const figure = { value: 12_345, as_of: '2023-12-31', source: 'Niên giám' };
    const said = say(standing({ result: 98, numerator: 1_204, target: 100, denominator: figure }), ratio);
    expect(said.result).toBe('9,8%');
    expect(said.of).toBe('mục tiêu 10%');
    expect(said.notes).toEqual(['1.204 / 12.345 người · mẫu số: Niên giám, ngày 31/12/2023']);
    const without = say(standing({ result: null, numerator: 7, target: 100 }), ratio);
    expect(without.notes[0]).toContain('chưa có mẫu số');
  });
  it('says a per-unit minimum as units that reached it, and a single unit by its own count', () => {
    const posts = { kind: 'per_unit' as const, unit: 'post' as const };
    expect(sayShort(standing({ units_met: 9, units_total: 11, target: null }), posts)).toBe(
      '9/11 đơn vị đạt',
    );
    expect(sayShort(standing({ result: 4, units_met: 0, units_total: 1, target: 6 }), posts)).toBe('4 / 6');
  });
});

describe('the ranking', () => {
  const none = standing({ percent: null, pace: 'no_target', target: null });
  const list = [
    child('Đức', standing({ percent: 70 })),
    child('An', standing({ percent: 20 })),
    child('Ân', none),
    child('Bình', standing({ percent: 20 })),
  ];
  const names = (order: string | null) => ranked(list, readOrder(order)).map((one) => one.place?.name);

  it('leaves the server its own order', () => expect(names(null)).toEqual(['Đức', 'An', 'Ân', 'Bình']));
  it('sorts names the Vietnamese way', () => expect(names('name')).toEqual(['An', 'Ân', 'Bình', 'Đức']));
  it('puts the lowest first, equals by name, and those without a target last either way', () => {
    expect(names('a')).toEqual(['An', 'Bình', 'Đức', 'Ân']);
    expect(names('-a')).toEqual(['Đức', 'An', 'Bình', 'Ân']);
  });
  it('keeps the order in the address', () => {
    expect(orderText(readOrder('-ind_news'))).toBe('-ind_news');
    expect(orderText(readOrder(null))).toBeNull();
    expect(orderText(readOrder('-'))).toBe('-');
    expect(names('-')).toEqual([...names(null)].reverse());
  });
  it('finds what needs help most', () => {
    const weak = standing({ code: 'weak', percent: 40, expected_percent: 100 });
    const early = standing({ code: 'early', percent: 30, expected_percent: 30 });
    const one = child('An', early, weak, standing({ code: 'done', percent: 0, pace: 'done' }), none);
    expect(worst(one)?.code).toBe('weak');
    expect(paceCounts(one).get('behind')).toBe(2);
    expect(worst(child('An', none))).toBeNull();
  });
});

describe('the chart', () => {
  const frame = { width: 500, height: 200, left: 50, right: 10, top: 10, bottom: 30 };
  it('has round levels that hold the highest value', () => {
    expect(roundStep(190_759, 4)).toBe(50_000);
    expect(roundStep(7, 4)).toBe(2);
    expect(roundStep(0, 4)).toBe(1);
    const { levels } = plot(['2024-01-07', '2024-01-14'], [100, 730], [50, 800], frame);
    expect(levels.map(({ value }) => value)).toEqual([0, 200, 400, 600, 800]);
  });
  it('spaces points by time, not by number', () => {
    const { points } = plot(['2024-01-01', '2024-01-08', '2024-01-10'], [0, 5, 10], [], frame);
    expect(points.map(({ x }) => Math.round(x))).toEqual([50, 392, 490]);
    expect(points.map(({ y }) => Math.round(y))).toEqual([170, 90, 10]);
    expect(nearest(points, 400)).toBe(1);
  });
  it('draws nothing broken without data', () => {
    const empty = plot([], [], [], frame);
    expect(empty.area).toBe('');
    expect(empty.points).toEqual([]);
  });
  it('names the first and the last day and some between', () => {
    const days = Array.from({ length: 40 }, (_, at) => String(at));
    expect(marks(days, 4)).toEqual(['0', '13', '26', '39']);
    expect(marks(['1', '2'], 4)).toEqual(['1', '2']);
  });
});

it('writes a table that Excel in Vietnam reads, and nothing that it would run', () => {
  const page: ProgressPage = {
    campaign: 'c',
    place: { ...place('Bình Định'), full_name: 'Tỉnh Bình Định' },
    on: '2024-10-13',
    rev: 1,
    indicators: [
      {
        ...standing(),
        indicator: { id: '1', code: 'a', name: 'VNeID', short_name: 'VNeID', order: 1, ...person },
      },
    ],
    children: [{ ...child('An', standing()), place: { ...place('An'), full_name: '=1+1;x' } }],
  };
  const [title, head, row] = progressCsv(page).split('\r\n');
  expect(title).toBe('\ufeffTiến độ Tỉnh Bình Định, số liệu đến hết ngày 13/10/2024');
  expect(head?.split(';').length).toBe(6);
  expect(row).toBe(`"'=1+1;x";1;1204;2000;60,2;Chậm`);
});

describe('where the screen starts', () => {
  const campaign = (id: string, starts_on: string, ends_on: string) => ({ id, starts_on, ends_on });
  it('with the running campaign that ends soonest, else the newest', () => {
    const all = [
      campaign('old', '2023-01-01', '2023-12-31'),
      campaign('year', '2024-01-01', '2024-12-31'),
      campaign('sprint', '2024-10-01', '2024-10-31'),
    ];
    expect(defaultCampaign(all, '2024-10-13')?.id).toBe('sprint');
    expect(defaultCampaign(all, '2025-02-01')?.id).toBe('sprint');
    expect(defaultCampaign([], '2024-10-13')).toBeNull();
  });
  it("at one's own place inside the campaign, else at the campaign's", () => {
    const grant = { role: 'leader' as const, place: { ...place('x', 'x'), path: 'VN/63-52/x/' }, team: null };
    expect(defaultPlace({ place_id: '63-52' }, grant)).toBe('x');
    expect(defaultPlace({ place_id: '63-48' }, grant)).toBe('63-48');
    expect(defaultPlace({ place_id: '63-52' }, null)).toBe('63-52');
  });
});

it('keeps what is shown in the address', () => {
  const view = readView(new URLSearchParams('place=63-540&on=2024-10-13&sort=-a'));
  expect(progressLink(view)).toBe('/tien-do?place=63-540&on=2024-10-13&sort=-a');
  expect(readView(new URLSearchParams('on=yesterday')).on).toBeNull();
  expect(factsLink({ campaign: 'c', team: null })).toBe('/tien-do/luot?campaign=c');
});
