import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { inSight } from '@/app/access';
import { loadWords, setLanguage } from '@/i18n/words.svelte';
import type { Definition, Grant, Role, Service } from '@/wire';
import {
  codeFrom,
  draftFaults,
  emptyDraft,
  indicatorFaults,
  newIndicator,
  parseDefinition,
  readDefinition,
  toWire,
  whereWrong,
  type CampaignDraft,
} from './draft';
import { catalogueNames, sayDefinition } from './rules';
import { stateOf } from './states';
import { common, mayGive, maySetOwn, parseTarget, sayGap, targetsLink, typedTarget } from './targets';
import { fromTemplate, TEMPLATES } from './templates';

beforeAll(() => loadWords('campaigns'));

const services = JSON.parse(readFileSync('../crates/domain/data/services.json', 'utf8')) as Service[];
const names = catalogueNames(services);
const place = (id: string, path: string, level = 'commune') => ({
  id,
  code: '',
  level: level as 'commune',
  kind: 'xa',
  name: id,
  full_name: `Xã ${id}`,
  path,
});
const grant = (role: Role, path: string): Grant => ({ role, place: place('x', path), team: null });

describe('a definition in words', () => {
  const definition = (code: string) => TEMPLATES.find((one) => one.code === code)?.definition as Definition;

  it('names unit, services and outcomes out of the catalogue', () => {
    const [rule] = sayDefinition(definition('ind_vneid_activation_count'), names);
    expect(rule?.head).toBe('Đếm người, mỗi người một lần');
    expect(rule?.conditions).toEqual(['dịch vụ: VNeID mức 1, VNeID mức 2 · kết quả: Đã kích hoạt']);
  });
  it('numbers the conditions that must all be met', () => {
    const [rule] = sayDefinition(definition('ind_household_count'), names);
    expect(rule?.conditions.length).toBe(2);
    expect(rule?.conditions[1]).toContain('mức kết quả: đã thông tin');
  });
  it('says what a ratio is divided by and what has to be reached', () => {
    const rules = sayDefinition(definition('ind_dsig_rate'), names).map(({ head }) => head);
    expect(rules).toEqual([
      'Tử số: Đếm người, mỗi người một lần',
      'Mẫu số: Dân số từ 14 tuổi (số liệu có ngày và nguồn)',
      'Cần đạt tỷ lệ 10%',
    ]);
  });
  it('says a minimum for each unit', () => {
    const rules = sayDefinition(definition('ind_news_count'), names);
    expect(rules[1]?.head).toBe('Mỗi xã, phường, thị trấn ít nhất 6 tin, bài');
  });
  it('shows a code that the catalogue does not know, and "any" for an empty condition', () => {
    const measure = { unit: 'assist', count: 'sum', all_of: [{}, { services: ['newer'] }] } as const;
    const [rule] = sayDefinition(
      { kind: 'count', measure: { ...measure, all_of: [...measure.all_of] } } as unknown as Definition,
      names,
    );
    expect(rule).toEqual({
      head: 'Đếm lượt, tính tất cả',
      conditions: ['mọi lượt hỗ trợ', 'dịch vụ: newer'],
    });
  });
});

describe('the templates', () => {
  it('are the eight indicators, each a definition the server takes, out of the catalogue', () => {
    expect(TEMPLATES.length).toBe(8);
    const codes = new Set(services.map(({ code }) => code));
    for (const { definition } of TEMPLATES) {
      expect(readDefinition(definition)).not.toBeNull();
      const used = [...JSON.stringify(definition).matchAll(/"services":\[([^\]]*)\]/g)];
      for (const [, list] of used) {
        for (const code of JSON.parse(`[${list}]`) as string[]) expect(codes).toContain(code);
      }
    }
  });
  it('bring their deadline only into a campaign that reaches it', () => {
    const vneid = TEMPLATES[7]!;
    const within = (starts_on: string, ends_on: string) => fromTemplate(vneid, [], { starts_on, ends_on });
    expect(within('2024-03-03', '2024-12-31').deadline).toBe('2024-06-30');
    expect(within('2024-10-01', '2024-12-31').deadline).toBe('');
    expect(within('2024-03-03', '2024-12-31').target).toBe('190.759');
  });
});

describe('targets', () => {
  it('reads numbers as Vietnam writes them', () => {
    expect(parseTarget('1.204', 'count')).toBe(1204);
    expect(parseTarget('66 000', 'count')).toBe(66_000);
    expect(parseTarget('12,5', 'count')).toBeNull();
    expect(parseTarget('12,5', 'ratio')).toBe(125);
    expect(parseTarget('40 %', 'ratio')).toBe(400);
    expect(parseTarget('101', 'ratio')).toBeNull();
    expect(parseTarget('', 'count')).toBeNull();
    expect(parseTarget('-3', 'count')).toBeNull();
    expect(typedTarget(125, 'ratio')).toBe('12,5');
    expect(typedTarget(66_000, 'count')).toBe('66.000');
    expect(parseTarget('1.2', 'count')).toBeNull();
    expect(parseTarget('7.5', 'ratio')).toBeNull();
  });
  it('reads back what it shows, in English, too', async () => {
    await setLanguage('en');
    for (const [value, kind] of [
      [66_000, 'count'],
      [75, 'ratio'],
      [1000, 'ratio'],
    ] as const)
      expect(parseTarget(typedTarget(value, kind), kind)).toBe(value);
    await setLanguage('vi');
  });
  it('shows the gap honestly', () => {
    const own = { value: 100, locked: false, source: 'override' };
    expect(sayGap({ own, gap: 0, children_sum: 100 }).tone).toBe('good');
    expect(sayGap({ own, gap: 30, children_sum: 70 }).text).toBe('Còn 30 chưa giao');
    expect(sayGap({ own, gap: -1, children_sum: 101 })).toEqual({ text: 'Giao vượt 1', tone: 'bad' });
    expect(sayGap({ own: null, gap: null, children_sum: 5 }).tone).toBe('wait');
  });
  it('falls back on the common rate or minimum', () => {
    const ratio = TEMPLATES[1]!.definition;
    expect(common(ratio, { place: null })).toBe(800);
    const posts = TEMPLATES[3]!.definition;
    expect(common(posts, { place: place('a', 'VN/a/') })).toBe(6);
    expect(common(posts, { place: place('a', 'VN/a/', 'district') })).toBeNull();
    expect(common(TEMPLATES[2]!.definition, { place: place('a', 'VN/a/') })).toBeNull();
  });
  it('are given from above', () => {
    const commune = { path: 'VN/63-52/63-540/c/' };
    const officer = [grant('commune_officer', 'VN/63-52/63-540/c/')];
    expect(mayGive(officer, commune)).toBe(true);
    expect(maySetOwn(officer, commune)).toBe(false);
    expect(maySetOwn([grant('commune_officer', 'VN/63-52/63-540/')], commune)).toBe(true);
    expect(maySetOwn([grant('province_officer', 'VN/63-52/')], { path: 'VN/63-52/' })).toBe(true);
    expect(mayGive([grant('leader', 'VN/63-52/63-540/c/')], commune)).toBe(false);
    expect(mayGive(officer, { path: 'VN/63-52/' })).toBe(false);
    expect(inSight(officer, { path: 'VN/63-52/' })).toBe(true);
    expect(inSight(officer, { path: 'VN/63-52/63-540/d/' })).toBe(false);
  });
  it('keep place and indicator in the address', () => {
    expect(targetsLink('c', {})).toBe('/chien-dich/c/chi-tieu');
    expect(targetsLink('c', { place: '63-52', indicator: null })).toBe('/chien-dich/c/chi-tieu?place=63-52');
  });
});

describe('a draft', () => {
  const draft = (change: Partial<CampaignDraft> = {}): CampaignDraft => ({
    ...emptyDraft(place('63-52', 'VN/63-52/'), 'Tỉnh đoàn'),
    title: 'Kế hoạch',
    number: '12-KH',
    name: 'Cao điểm',
    code: 'cao-diem',
    starts_on: '2024-03-03',
    ends_on: '2024-12-31',
    indicators: [fromTemplate(TEMPLATES[2]!, [], { starts_on: '2024-03-03', ends_on: '2024-12-31' })],
    ...change,
  });

  it('says what is missing, field by field', () => {
    expect(draftFaults(draft())).toEqual({});
    expect(Object.keys(draftFaults(emptyDraft(null, ''))).sort()).toEqual(
      ['code', 'ends_on', 'indicators', 'issuer', 'name', 'number', 'place', 'starts_on', 'title'].sort(),
    );
    expect(draftFaults(draft({ ends_on: '2024-01-01' })).ends_on).toBe('campaigns.fault_period');
    expect(draftFaults(draft({ indicators: [newIndicator([])] })).indicators).toBe(
      'campaigns.fault_indicators',
    );
  });
  it('refuses a code used twice and a deadline outside the campaign', () => {
    const { indicators } = draft();
    const twin = { ...indicators[0]!, key: '9', deadline: '2025-01-01' };
    const faults = indicatorFaults(twin, draft());
    expect(faults.code).toBe('campaigns.fault_code_twice');
    expect(faults.deadline).toBe('campaigns.fault_deadline');
    expect(newIndicator([twin]).key).toBe('10');
  });
  it('goes out as the server takes it', () => {
    const wire = toWire(draft({ name: ' Cao  điểm ', issued_on: '' }));
    expect(wire.name).toBe('Cao điểm');
    expect(wire.issuing_document.issued_on).toBeNull();
    expect(wire.indicators[0]).toMatchObject({ code: 'ind_dossier_count', target: 66_000, deadline: null });
  });
  it('makes plain codes out of names', () => {
    expect(codeFrom('Tuổi trẻ Ðà Nẵng, 2025!')).toBe('tuoi-tre-da-nang-2025');
    expect(codeFrom('Hộ có VNeID', '_')).toBe('ho_co_vneid');
  });
  it('takes a refusal to its field', () => {
    const problem = (code: string, facts = {}) => ({
      code,
      facts,
      status: 422,
      title: '',
      next: '',
      retryable: false,
      request_id: '',
    });
    expect(whereWrong(problem('campaign.code_taken'))).toEqual({ step: 1, field: 'code' });
    expect(whereWrong(problem('request.validation', { field: 'indicators.name' }))).toEqual({
      step: 2,
      field: 'indicators',
    });
    expect(whereWrong(problem('campaign.deadline'))).toEqual({ step: 2, field: 'indicators' });
    expect(whereWrong(problem('storage.busy'))).toBeNull();
  });
  it('reads a raw definition only in the form the server knows', () => {
    const good = JSON.stringify(TEMPLATES[0]!.definition);
    expect(parseDefinition(good)).toEqual(TEMPLATES[0]!.definition);
    expect(parseDefinition('{')).toBeNull();
    expect(
      parseDefinition('{"kind":"count","measure":{"unit":"person","count":"distinct","all_of":[]}}'),
    ).toBeNull();
    expect(parseDefinition(good.replace('"account"', '"cows"'))).toBeNull();
    expect(
      parseDefinition('{"kind":"count","measure":{"unit":"person","count":"sum","all_of":[{},{}]}}'),
    ).toBeNull();
    expect(
      parseDefinition('{"kind":"count","measure":{"unit":"person","count":"sum","all_of":[{"colour":[]}]}}'),
    ).toBeNull();
  });
});

it('says where a campaign stands in time', () => {
  const campaign = { starts_on: '2024-03-03', ends_on: '2024-12-31' };
  expect(stateOf(campaign, '2024-03-02').word).toBe('campaigns.state_coming');
  expect(stateOf(campaign, '2024-12-31').word).toBe('campaigns.state_running');
  expect(stateOf(campaign, '2025-01-01').word).toBe('campaigns.state_over');
});
