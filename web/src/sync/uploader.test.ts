import { describe, expect, it } from 'vitest';
import { backoffMs } from './outcomes';
import { entry, freshPhone, ledgerServer, OFFLINE, problem } from './testing';
import { BATCH_MAX, upload } from './uploader';

const COUNTED = { counted_in: [{ campaign: 'c', indicator: 'i', name: 'VNeID' }] };

describe('uploader', () => {
  it('sends what is unsent and keeps each answer with its fact', async () => {
    const { db, ledger } = freshPhone();
    const [first, second] = [await ledger.record('an', entry()), await ledger.record('an', entry())];
    const server = ledgerServer((id) => (id === first.id ? COUNTED : {}));
    expect(await upload({ db, post: server.post }, 'an')).toEqual({ kind: 'done', sent: 2 });
    expect((await db.facts.get(first.id))?.state).toBe('counted');
    expect((await db.facts.get(second.id))?.state).toBe('received');
  });

  it('sends again after a lost acknowledgement, and the fact is there once', async () => {
    const { db, ledger } = freshPhone();
    const row = await ledger.record('an', entry());
    const server = ledgerServer(() => COUNTED);
    const lost = async (...args: Parameters<typeof server.post>) => {
      await server.post(...args);
      return OFFLINE;
    };
    expect((await upload({ db, post: lost }, 'an')).kind).toBe('wait');
    expect((await db.facts.get(row.id))?.state).toBe('unsent');
    expect((await upload({ db, post: server.post }, 'an')).kind).toBe('done');
    expect((await db.facts.get(row.id))?.state).toBe('counted');
    expect(server.stored.size).toBe(1);
  });

  it('lets the rest through when some are refused or held', async () => {
    const { db, ledger } = freshPhone();
    const bad = await ledger.record('an', entry());
    const waits = await ledger.record('an', entry());
    const good = await ledger.record('an', entry());
    const server = ledgerServer((id) => {
      if (id === bad.id) return { outcome: 'refused', problem: problem('fact.future', 422) };
      return id === waits.id ? { outcome: 'held', needs: 'other' } : COUNTED;
    });
    await upload({ db, post: server.post }, 'an');
    expect((await db.facts.get(bad.id))?.problem?.code).toBe('fact.future');
    expect(await db.facts.get(waits.id)).toMatchObject({ state: 'held', needs: 'other' });
    expect((await db.facts.get(good.id))?.state).toBe('counted');
  });

  it('forgets what a resident asked as soon as the server has it, and not before', async () => {
    const { db, ledger } = freshPhone();
    const said = {
      source: 'counter' as const,
      code: '7K2M9QX4TB',
      text: 'Thuê trọ thì đăng ký ở đâu?',
      phone: '0905 123 456',
      consents: true,
    };
    const ask = () => ledger.record('an', { kind: 'question.v1', place: '63-1', team: null, body: said });
    const [taken, refused] = [await ask(), await ask()];
    expect((await upload({ db, post: async () => OFFLINE }, 'an')).kind).toBe('wait');
    expect((await db.facts.get(taken.id))?.fact.body).toEqual(said);
    const server = ledgerServer((id) =>
      id === refused.id ? { outcome: 'refused', problem: problem('question.phone', 422) } : {},
    );
    await upload({ db, post: server.post }, 'an');
    expect(await db.facts.get(taken.id)).toMatchObject({
      state: 'received',
      identity_wiped: true,
      fact: { body: { ...said, text: '', phone: null } },
    });
    expect((await db.facts.get(refused.id))?.fact.body).toEqual(said);
    expect(JSON.stringify(await db.facts.get(taken.id))).not.toMatch(/0905|trọ/);
  });

  it('stops at 401 and keeps everything for the next sign-in', async () => {
    const { db, ledger } = freshPhone();
    const row = await ledger.record('an', entry());
    const post = async () => ({ ok: false as const, problem: problem('auth.required', 401) });
    expect(await upload({ db, post }, 'an')).toEqual({ kind: 'sign_in', sent: 0 });
    expect((await db.facts.get(row.id))?.state).toBe('unsent');
  });

  it('never sends one member’s facts as another', async () => {
    const { db, ledger } = freshPhone();
    const hers = await ledger.record('an', entry());
    await ledger.record('binh', entry());
    const server = ledgerServer();
    await upload({ db, post: server.post }, 'binh');
    expect(server.stored.has(hers.id)).toBe(false);
    expect((await db.facts.get(hers.id))?.state).toBe('unsent');
  });

  it('narrows a batch the server cannot read down to the one fact, and refuses only that', async () => {
    const { db, ledger } = freshPhone();
    const rows = [];
    for (let n = 0; n < 5; n += 1) rows.push(await ledger.record('an', entry()));
    const poison = rows[3]?.id;
    const server = ledgerServer();
    const post: typeof server.post = async (request) =>
      request.facts.some(({ id }) => id === poison)
        ? { ok: false, problem: problem('request.malformed', 400) }
        : server.post(request);
    expect((await upload({ db, post }, 'an')).kind).toBe('done');
    expect(server.stored.size).toBe(4);
    expect((await db.facts.get(poison ?? ''))?.state).toBe('refused');
  });

  it('sends at most a batch at a time, in the order of writing', async () => {
    const { db, ledger } = freshPhone();
    for (let n = 0; n < BATCH_MAX + 5; n += 1) await ledger.record('an', entry());
    const server = ledgerServer();
    await upload({ db, post: server.post }, 'an');
    expect(server.requests.map((request) => request.facts.length)).toEqual([BATCH_MAX, 5]);
    const seqs = server.requests.flatMap((request) => request.facts.map((fact) => fact.seq));
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
  });

  it('does not loop on a server that answers for nothing', async () => {
    const { db, ledger } = freshPhone();
    await ledger.record('an', entry());
    const post = async () => ({
      ok: true as const,
      data: { server_time: '2024-10-13T08:05:00+07:00', outcomes: [] },
    });
    expect((await upload({ db, post }, 'an')).kind).toBe('wait');
  });

  it('waits longer after each failure, up to five minutes', () => {
    const waits = [1, 2, 3, 20].map((failures) => backoffMs(failures, 1));
    expect(waits).toEqual([4_000, 8_000, 16_000, 300_000]);
    expect(backoffMs(3, 0)).toBe(8_000);
  });
});
