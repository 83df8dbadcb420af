import { describe, expect, it } from 'vitest';
import { freshDb, me } from './testing';
import { watch } from './tables';

const until = async (test: () => boolean) => {
  while (!test()) await new Promise((resolve) => setTimeout(resolve));
};
const member = (id: string) => ({
  id,
  me: me(id),
  verifier: null,
  cursor: null,
  last_contact_ms: null,
  tries: 0,
  try_again_ms: 0,
});

describe('transactions', () => {
  it('keep nothing of work that failed half-way', async () => {
    const db = freshDb();
    const work = db.write(['meta', 'members'], async (tx) => {
      await tx.meta.put({ key: 'a', value: 1 });
      await tx.members.put(member('an'));
      throw new Error('the battery ran out');
    });
    await expect(work).rejects.toThrow('the battery ran out');
    expect(await db.meta.count()).toBe(0);
    expect(await db.members.count()).toBe(0);
  });

  it('follow one another, so that two tabs never take the same number', async () => {
    const db = freshDb();
    const next = () =>
      db.write(['meta'], async ({ meta }) => {
        const value = Number((await meta.get('n'))?.value ?? 0) + 1;
        await meta.put({ key: 'n', value });
        return value;
      });
    expect(await Promise.all([next(), next(), next()])).toEqual([1, 2, 3]);
  });

  it('refuse a row whose key is taken, and keep the one that was there', async () => {
    const db = freshDb();
    await db.meta.put({ key: 'a', value: 1 });
    await expect(db.meta.add({ key: 'a', value: 2 })).rejects.toThrow();
    expect((await db.meta.get('a'))?.value).toBe(1);
  });
});

describe('ranges', () => {
  it('find rows by a part of their key and by several, and give the last ones first', async () => {
    const db = freshDb();
    for (const [key, value] of Object.entries({ 'a/1': 1, 'a/2': 2, 'b/1': 3 }))
      await db.meta.put({ key, value });
    const values = async (rows: Promise<{ value: unknown }[]>) => (await rows).map((row) => row.value);
    const meta = db.meta.where('key');
    expect(await values(meta.startsWith('a/').toArray())).toEqual([1, 2]);
    expect(await values(meta.anyOf(['b/1', 'a/1']).toArray())).toEqual([3, 1]);
    expect(await values(meta.between('a', 'c').last(2))).toEqual([3, 2]);
    expect(await meta.below('b').count()).toBe(2);
    await meta.startsWith('a/').delete();
    expect(await values(db.meta.toArray())).toEqual([3]);
  });
});

describe('live queries', () => {
  it('are asked again when what they read has changed, and only then', async () => {
    const db = freshDb();
    const told: unknown[] = [];
    const stop = watch(
      () => db.meta.get('a'),
      (row) => told.push(row?.value),
    );
    await until(() => told.length === 1);
    await db.meta.put({ key: 'b', value: 1 });
    await db.meta.put({ key: 'a', value: 2 });
    await until(() => told.length === 2);
    stop();
    await db.meta.put({ key: 'a', value: 3 });
    expect(told).toEqual([undefined, 2]);
  });

  it('hear of a transaction once, and not of one that failed', async () => {
    const db = freshDb();
    const told: number[] = [];
    watch(
      () => db.meta.toArray(),
      (rows) => told.push(rows.length),
    );
    await until(() => told.length === 1);
    await db
      .write(['meta'], async ({ meta }) => {
        await meta.put({ key: 'a', value: 1 });
        throw new Error('no');
      })
      .catch(() => undefined);
    await db.write(['meta'], async ({ meta }) => {
      await meta.put({ key: 'a', value: 1 });
      await meta.put({ key: 'b', value: 1 });
    });
    await until(() => told.length > 1);
    expect(told).toEqual([0, 2]);
  });

  it('hear of what another tab wrote', async () => {
    const db = freshDb();
    const told: number[] = [];
    watch(
      () => db.meta.toArray(),
      (rows) => told.push(rows.length),
    );
    await until(() => told.length === 1);
    const otherTab = new BroadcastChannel('causo.changed');
    otherTab.postMessage(new Set(['meta', 'meta/a']));
    await until(() => told.length === 2);
    otherTab.close();
  });
});

it('is the database that phones in use already hold', async () => {
  const db = freshDb();
  await db.meta.count();
  const name = (await indexedDB.databases()).at(-1)?.name ?? '';
  const opened = await new Promise<IDBDatabase>((resolve) => {
    const opening = indexedDB.open(name);
    opening.onsuccess = () => resolve(opening.result);
  });
  const tx = opened.transaction([...opened.objectStoreNames]);
  const shape = [...opened.objectStoreNames].map((store) => {
    const { keyPath, autoIncrement, indexNames } = tx.objectStore(store);
    return `${store}: ${String(keyPath)}${autoIncrement ? '++' : ''} (${[...indexNames].join(' ')})`;
  });
  expect([opened.version, ...shape]).toEqual([
    13,
    'activities: member,id (member)',
    'campaigns: member,id (member)',
    'cards: member ()',
    'commemorations: member,name,month (member)',
    'desks: member,point ()',
    'directives: member,id,team_id (member)',
    'drafts: member ()',
    'expert_jobs: member,id (member)',
    'facts: id ([member+at_ms] [member+day] [member+state] member)',
    'faq: member,id (member)',
    'faq_uses: member,id (member)',
    'guides: member,code (member)',
    'holidays: member,day (member)',
    'inbox: member ()',
    'marks: id++ (at_ms fact key)',
    'members: id ()',
    'meta: key ()',
    'objections: member,code (member)',
    'places: member,id ([member+level] member)',
    'points: member,id (member)',
    'services: member,code (member)',
    'shifts: member,id (member)',
    'tasks: member,id (member)',
    'teams: member,id (member)',
  ]);
});
