import { describe, expect, it } from 'vitest';
import { exportUnsent, importUnsent } from './handover';
import type { FactView } from '@/wire';
import { findNear } from './near';
import { body, entry, freshDb, freshPhone, ledgerServer, NOW_MS, OFFLINE, problem } from './testing';
import { upload } from './uploader';

const DAY = '2024-10-13';

describe('recording', () => {
  it('stores the fact with its view, and empties the draft, in one go', async () => {
    const { db, ledger } = freshPhone();
    await db.drafts.put({ member: 'an', draft: {}, at_ms: NOW_MS });
    const row = await ledger.record('an', entry());
    expect(await db.facts.get(row.id)).toMatchObject({
      state: 'unsent',
      member: 'an',
      day: DAY,
      attempted: false,
    });
    expect(row.fact.happened_at).toBe('2024-10-13T08:05:00+07:00');
    expect(await db.drafts.count()).toBe(0);
  });

  it('takes back an unsent fact without a trace', async () => {
    const { db, ledger } = freshPhone();
    const row = await ledger.record('an', entry());
    expect(await ledger.void('an', row.id, null)).toBe('dropped');
    expect(await db.facts.count()).toBe(0);
  });

  it('follows with a void once the fact may have left the phone', async () => {
    const { db, ledger } = freshPhone();
    const row = await ledger.record('an', entry());
    await upload({ db, post: async () => OFFLINE }, 'an');
    expect(await ledger.void('an', row.id, 'mistake')).toBe('voided');
    const rows = await db.facts.toArray();
    expect(rows.find(({ fact }) => fact.kind === 'void.v1')?.fact.corrects).toBe(row.id);
    expect((await db.facts.get(row.id))?.voided_by).not.toBeNull();
  });

  it('will not touch another member’s fact', async () => {
    const { ledger } = freshPhone();
    const row = await ledger.record('an', entry());
    await expect(ledger.void('binh', row.id, null)).rejects.toThrow();
  });

  it('takes back what another phone recorded, and says it again word for word', async () => {
    const { ledger } = freshPhone();
    const said = { member: 'binh', point: 'p', direction: 'in', way: { kind: 'self' } } as const;
    const taken = await ledger.takeBack('an', { id: 'f', place: '63-1', team: 't' }, 'absent');
    expect(taken.fact).toMatchObject({ kind: 'void.v1', corrects: 'f', place: '63-1', team: 't' });
    const told = {
      id: 'f',
      happened_at: '2024-10-09T20:40:07+07:00',
      place: { id: '63-1' },
      team: { id: 't' },
      body: said,
    };
    const again = await ledger.sayAgain('an', told as unknown as FactView);
    expect(again.fact).toMatchObject({
      kind: 'attendance.v1',
      corrects: 'f',
      happened_at: told.happened_at,
      body: said,
      place: '63-1',
      team: 't',
    });
  });

  it('gives an edited refused fact a new id and drops the old one', async () => {
    const { db, ledger } = freshPhone();
    const row = await ledger.record('an', entry());
    const refuse = ledgerServer(() => ({
      outcome: 'refused',
      problem: problem('fact.service_unknown', 422),
    }));
    await upload({ db, post: refuse.post }, 'an');
    const next = await ledger.replace('an', row.id, entry(null, 'dsig'));
    expect(next.id).not.toBe(row.id);
    expect(await db.facts.get(row.id)).toBeUndefined();
    expect((await db.facts.get(next.id))?.state).toBe('unsent');
  });

  it('corrects a fact the server may hold instead of replacing it, and names the first of the chain', async () => {
    const { db, ledger } = freshPhone();
    const row = await ledger.record('an', entry());
    await upload({ db, post: ledgerServer().post }, 'an');
    const second = await ledger.replace('an', row.id, entry(null, 'dsig'));
    expect(await db.facts.get(row.id)).toBeDefined();
    const third = await ledger.correct('an', second.id, entry(null, 'vssid'));
    expect(third.fact.corrects).toBe(row.id);
    expect((await db.facts.get(row.id))?.superseded_by).toBe(second.id);
    expect((await db.facts.get(second.id))?.superseded_by).toBe(third.id);
  });

  it('puts right the time of a fact written under a wrong clock', async () => {
    const { db, clock, phone, ledger } = freshPhone(NOW_MS + 3_600_000);
    const row = await ledger.record('an', entry());
    const refuse = ledgerServer(() => ({ outcome: 'refused', problem: problem('fact.future', 422) }));
    await upload({ db, post: refuse.post }, 'an');
    clock.learn('2024-10-13T08:05:00+07:00', phone.ms, phone.ms);
    phone.ms += 600_000;
    const fixed = await ledger.fixTime('an', row.id);
    expect(fixed?.fact.happened_at).toBe('2024-10-13T08:05:00+07:00');
  });

  it('wipes identities two days after the server took the fact, never before it did', async () => {
    const { db, phone, ledger } = freshPhone();
    const taken = await ledger.record('an', entry('cccd:052191000123'));
    await upload({ db, post: ledgerServer().post }, 'an');
    const unsent = await ledger.record('an', entry('cccd:052191000124'));
    phone.ms += 3 * 86_400_000;
    await ledger.tidy();
    const person = async (id: string) => {
      const fact = (await db.facts.get(id))?.fact;
      return fact?.kind === 'assist.v1' ? fact.body.beneficiary.person : undefined;
    };
    expect(await person(taken.id)).toBeNull();
    expect(await person(unsent.id)).toBe('cccd:052191000124');
  });
});

describe('near-duplicates', () => {
  it('sees the same service for the same person on the same day, across the phone’s members', async () => {
    const { db, ledger } = freshPhone();
    const row = await ledger.record('an', entry('cccd:052191000123'));
    expect((await findNear(db, body('cccd:052191000123'), DAY)).map(({ mark }) => mark.fact)).toEqual([
      row.id,
    ]);
    expect(await findNear(db, body('cccd:052191000123'), '2024-10-14')).toEqual([]);
    expect(await findNear(db, body('cccd:052191000123', 'dsig'), DAY)).toEqual([]);
    expect(await findNear(db, body('cccd:052191000999'), DAY)).toEqual([]);
    expect(await findNear(db, body(null), DAY)).toEqual([]);
  });

  it('keeps no identity in the index and forgets what was taken back', async () => {
    const { db, ledger } = freshPhone();
    const row = await ledger.record('an', entry('cccd:052191000123'));
    expect(JSON.stringify(await db.marks.toArray())).not.toContain('052191000123');
    await ledger.void('an', row.id, null);
    expect(await db.marks.count()).toBe(0);
  });
});

describe('handing unsent facts to another phone', () => {
  const FAST = 1_000;

  it('moves them, and a second import adds nothing', async () => {
    const { db, ledger } = freshPhone();
    await ledger.record('an', entry());
    await ledger.record('an', entry());
    await ledger.record('binh', entry());
    const { text, count } = await exportUnsent(db, 'an', 'cầu số 2024', FAST);
    expect(count).toBe(2);
    expect(text).not.toContain('assist.v1');
    const other = freshDb();
    expect(await importUnsent(other, 'an', text, 'cầu số 2024')).toEqual({
      kind: 'imported',
      added: 2,
      known: 0,
    });
    expect(await importUnsent(other, 'an', text, 'cầu số 2024')).toEqual({
      kind: 'imported',
      added: 0,
      known: 2,
    });
    const server = ledgerServer();
    await upload({ db, post: server.post }, 'an');
    await upload({ db: other, post: server.post }, 'an');
    expect(server.stored.size).toBe(2);
  });

  it('opens for nobody else', async () => {
    const { db, ledger } = freshPhone();
    await ledger.record('an', entry());
    const { text } = await exportUnsent(db, 'an', 'cầu số 2024', FAST);
    expect((await importUnsent(freshDb(), 'an', text, 'sai rồi nhé')).kind).toBe('wrong_passphrase');
    expect((await importUnsent(freshDb(), 'binh', text, 'cầu số 2024')).kind).toBe('other_member');
    expect((await importUnsent(freshDb(), 'an', '{}', 'cầu số 2024')).kind).toBe('unreadable');
  });
});
