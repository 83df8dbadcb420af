import { describe, expect, it } from 'vitest';
import type { Service } from '@/wire';
import { isDossierCode, tidyDossierCode } from './dossier';
import { againDraft, bodyOf, draftFaults, draftOf, emptyDraft, toggleService, type Draft } from './draft';
import {
  householdIdentity,
  maskIdentity,
  organisationIdentity,
  parseCitizenNumber,
  parsePhone,
  personIdentity,
} from './identity';
import { languageName } from './languages';
import { searchServices, sortServices } from './services';

const service = (code: string, part: Partial<Service> = {}): Service => ({
  code,
  name: code,
  short_name: code,
  name_en: '',
  sources: [],
  group: '',
  unit: 'person',
  icon: 'hand',
  common_rank: null,
  valid_from: null,
  valid_to: null,
  dossier: false,
  outcomes: [
    { code: 'informed', name: 'Đã hướng dẫn', stage: 'informed', default: false, asks: [] },
    { code: 'done', name: 'Đã kích hoạt', stage: 'done', default: true, asks: [] },
    { code: 'failed', name: 'Không được', stage: 'failed', default: false, asks: ['reason', 'follow_up'] },
  ],
  guide: null,
  note: null,
  ...part,
});

describe('dossier code', () => {
  it('accepts both printed forms, however they were typed', () => {
    expect(isDossierCode('000.00.12.H08-240310-0007')).toBe(true);
    expect(isDossierCode('H08.12-240310-0007')).toBe(true);
    expect(tidyDossierCode(' h08.12–240310 –0007 ')).toBe('H08.12-240310-0007');
  });
  it('refuses what no counter prints', () => {
    for (const text of ['', 'H08', 'H08.12-241310-0007', 'H08.12-240230-0007', '000.00.12.H08-240310-07']) {
      expect(isDossierCode(text)).toBe(false);
    }
  });
});

describe('identity strings', () => {
  it('writes every spelling of a phone number in one way, old eleven-digit ones included', () => {
    for (const text of ['0912 345 678', '+84912345678', '84912345678', '0912.345.678']) {
      expect(parsePhone(text)).toBe('+84912345678');
    }
    expect(parsePhone('01621234567')).toBe('+84321234567');
    expect(parsePhone('0123456789')).toBeNull();
  });
  it('adds the given name, because one phone serves a household', () => {
    const form = { by: 'phone' as const, phone: '0912345678', given: 'Nguyễn Thị Ân' };
    expect(personIdentity(form, 2024)).toBe('phone:+84912345678/an');
    expect(personIdentity({ ...form, given: ' ' }, 2024)).toBeNull();
  });
  it('knows the other forms of the contract', () => {
    expect(parseCitizenNumber('052 191 000 123')).toBe('052191000123');
    expect(personIdentity({ by: 'citizen', number: '052191000123' }, 2024)).toBe('cccd:052191000123');
    expect(personIdentity({ by: 'name', name: 'Đặng Thị Ðào', year: '1961' }, 2024)).toBe(
      'name:dang thi dao/1961',
    );
    expect(personIdentity({ by: 'name', name: 'Đào', year: '1961' }, 2024)).toBeNull();
    expect(householdIdentity('12/3, Lê Lợi', '63-21553')).toBe('house:12/3 le loi/63-21553');
    expect(organisationIdentity('4100267111', '', 'x')).toBe('tax:4100267111');
    expect(organisationIdentity('', 'HTX Nông nghiệp Nhơn Lộc', '63-1')).toBe(
      'org:htx nong nghiep nhon loc/63-1',
    );
  });
  it('shows only the ends again', () => {
    expect(maskIdentity('cccd:052191000123')).toBe('052•••123');
  });
});

describe('draft', () => {
  const usual = { setting: 'door' as const, place: '63-21553' };
  const filled = (part: Partial<Draft> = {}): Draft => ({
    ...emptyDraft(usual, '2024-10-13'),
    items: toggleService(emptyDraft(usual, '2024-10-13'), service('vneid')),
    ...part,
  });
  const outcomeOf = (item: { outcome: string }) =>
    service('vneid').outcomes.find((one) => one.code === item.outcome);

  it('is anonymous and has the service’s own default outcome', () => {
    const body = bodyOf(filled(), outcomeOf);
    expect(body.items[0]?.outcome).toBe('done');
    expect(body.beneficiary.person).toBeNull();
    expect(body.consent).toBeNull();
  });
  it('takes a service out again with a second tap', () => {
    expect(toggleService(filled(), service('vneid'))).toEqual([]);
  });
  it('sends no identity without consent to be counted', () => {
    const consent = { text_version: 'v', method: 'read_aloud' as const, purposes: [], at: '' };
    expect(bodyOf(filled({ person: 'cccd:1', consent }), outcomeOf).beneficiary.person).toBeNull();
  });
  it('leaves behind what the final outcome does not ask for', () => {
    const items = filled().items.map((item) => ({ ...item, reason: 'no_own_sim' }));
    expect(bodyOf(filled({ items }), outcomeOf).items[0]?.reason).toBeNull();
    const failed = items.map((item) => ({ ...item, outcome: 'failed' }));
    expect(bodyOf(filled({ items: failed }), outcomeOf).items[0]?.reason).toBe('no_own_sim');
  });
  it('names its faults', () => {
    expect(draftFaults(emptyDraft(usual, '2024-10-13'), 0)).toEqual(['empty']);
    const items = filled().items.map((item) => ({ ...item, dossier_code: 'sai' }));
    expect(draftFaults(filled({ items, note: 'x'.repeat(501), at_ms: 5 }), 4)).toEqual([
      'dossier_code',
      'note_long',
      'future',
    ]);
  });
  it('comes back from a fact as it was, and again without what is personal', () => {
    const head = { id: 'f', team: null, device: 'd', seq: 1, corrects: null, kind: 'assist.v1' as const };
    const happened_at = '2024-10-13T08:05:00+07:00';
    const fact = {
      ...head,
      happened_at,
      place: usual.place,
      body: bodyOf(filled({ note: 'ghi', language: 'bdq' }), outcomeOf),
    };
    expect(bodyOf(draftOf(fact), outcomeOf)).toEqual(fact.body);
    const again = againDraft({
      ...fact,
      body: { ...fact.body, beneficiary: { ...fact.body.beneficiary, person: 'p' } },
    });
    expect(again).toMatchObject({ person: null, language: '', note: '', at_ms: null });
    expect(bodyOf(again, outcomeOf).language).toBeNull();
  });
  it('names the languages it knows, and shows the code of one it does not', () => {
    expect(languageName('bdq')).toBe('Tiếng Ba Na');
    expect(languageName('kkk')).toBe('kkk');
  });
});

describe('services', () => {
  it('come in the order of one’s own use, then of common use', () => {
    const list = [
      service('c', { common_rank: 2 }),
      service('b', { common_rank: 1 }),
      service('a'),
      service('d'),
    ];
    expect(sortServices(list, new Map([['d', 3]])).map(({ code }) => code)).toEqual(['d', 'b', 'c', 'a']);
  });
  it('are found without tone marks and in any order of words', () => {
    const list = [
      service('x', { name: 'Kích hoạt VNeID mức 2' }),
      service('y', { name: 'Chữ ký số cá nhân' }),
    ];
    expect(searchServices(list, 'ky so').map(({ code }) => code)).toEqual(['y']);
    expect(searchServices(list, 'vneid kich').map(({ code }) => code)).toEqual(['x']);
  });
});
