import { describe, expect, it } from 'vitest';
import objections from '../../../../crates/domain/data/objections.json';
import { REASONS } from '@/features/assists/reasons';
import { found, nearestFirst } from './objections';

const codes = (list: { code: string }[]) => list.map(({ code }) => code);
const name = (service: string) => ({ payment_account: 'Mở tài khoản thanh toán' })[service] ?? '';

describe('objections', () => {
  it('are found without tones, by the words of either side and by the service', () => {
    expect(codes(found(objections, 'sap nhap', name))).toContain('where_after_merger');
    expect(codes(found(objections, 'so lua', name))[0]).toBe('fear_scam');
    expect(codes(found(objections, 'tai khoan thanh toan', name))).toContain('account_fees');
    expect(found(objections, 'khong co cau nay dau', name)).toEqual([]);
    expect(found(objections, ' ', name)).toHaveLength(objections.length);
  });
  it('begin with those of the reason, and of these with those of the service', () => {
    const [first, second] = nearestFirst(objections, { reason: 'fears_scam', service: 'payment_account' });
    expect([first, second].every((one) => one?.reasons.includes('fears_scam'))).toBe(true);
    expect(first?.services).toContain('payment_account');
    expect(codes(nearestFirst(objections, { reason: null, service: null }))).toEqual(codes(objections));
  });
  it('belong to reasons that a record can have', () => {
    for (const { reasons } of objections)
      for (const reason of reasons) expect(REASONS).toHaveProperty(reason);
  });
});
