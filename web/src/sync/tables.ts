/**
 * IndexedDB as tables: rows by key, rows by index, transactions, and queries that are asked again when what they read
 * was changed by any tab. As much of it as this app uses, and no more.
 */

type Mode = 'readonly' | 'readwrite';
/** Gives a store of a running transaction to one piece of work, and notes what the work changed. */
export type Lend = <T>(
  name: string,
  mode: Mode,
  work: (store: IDBObjectStore, changed: Set<string>) => Promise<T>,
) => Promise<T>;

/** `member` or `[member+level]`, as an index is named after what it is built from. */
type Index = string;
export interface StoreShape {
  key: Index;
  indexes?: Index[];
  /** The database numbers the rows itself. */
  numbered?: true;
}

const keyPath = (index: Index): string | string[] =>
  index.startsWith('[') ? index.slice(1, -1).split('+') : index;

const answered = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error as DOMException);
  });

const finished = (tx: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    tx.oncomplete = () => resolve();
    tx.onabort = () => reject(tx.error ?? new DOMException('aborted', 'AbortError'));
  });

/** What the live query that is just starting reads; only while it runs up to its first `await`. */
let reading: Set<string> | null = null;
const one = (name: string, key: IDBValidKey) => `${name}/${String(key)}`;

const listeners = new Set<(changed: Set<string>) => void>();
const otherTabs = new BroadcastChannel('causo.changed');
otherTabs.onmessage = ({ data }: MessageEvent<Set<string>>) => tell(data);

function tell(changed: Set<string>): void {
  for (const listener of listeners) listener(changed);
}

/** Answers now, and again after each change of what was read. A query starts its reads before its first `await`. */
export function watch<T>(query: () => Promise<T>, tell: (found: T) => void): () => void {
  let read = new Set<string>();
  let asking = false;
  let stale = false;
  let stopped = false;
  const start = () => {
    read = reading = new Set();
    try {
      return query();
    } finally {
      reading = null;
    }
  };
  const ask = async () => {
    stale = true;
    if (asking) return;
    asking = true;
    try {
      while (stale && !stopped) {
        stale = false;
        const found = await start();
        if (!stopped) tell(found);
      }
    } finally {
      asking = false;
    }
  };
  const listener = (changed: Set<string>) => {
    if ([...changed].some((what) => read.has(what))) void ask();
  };
  listeners.add(listener);
  void ask();
  return () => {
    stopped = true;
    listeners.delete(listener);
  };
}

/** Some rows of a table, named by ranges of one of its indexes. */
export class Rows<T> {
  constructor(
    private readonly lend: Lend,
    private readonly name: string,
    private readonly index: Index,
    private readonly ranges: IDBKeyRange[],
  ) {}

  async toArray(): Promise<T[]> {
    return this.#each((source, range) => answered(source.getAll(range) as IDBRequest<T[]>));
  }
  async count(): Promise<number> {
    const counts = await this.#each(async (source, range) => [await answered(source.count(range))]);
    return counts.reduce((sum, count) => sum + count, 0);
  }
  /** The last ones in the order of the index, last first. */
  async last(most: number): Promise<T[]> {
    return this.#each(async (source, range) => {
      // Walking row by row would take a trip to the database for each; the walk only finds where they begin.
      const first = await new Promise<IDBValidKey | null>((resolve, reject) => {
        const walk = source.openKeyCursor(range, 'prev');
        let there = most <= 1;
        walk.onerror = () => reject(walk.error as DOMException);
        walk.onsuccess = () => {
          if (walk.result === null || there) return resolve(walk.result?.key ?? null);
          there = true;
          walk.result.advance(most - 1);
        };
      });
      const from = first === null ? range : IDBKeyRange.bound(first, range.upper, false, range.upperOpen);
      const rows = await answered(source.getAll(from) as IDBRequest<T[]>);
      return rows.reverse().slice(0, most);
    });
  }
  async delete(): Promise<void> {
    await this.lend(this.name, 'readwrite', async (store, changed) => {
      for (const range of this.ranges)
        for (const key of await answered(this.#source(store).getAllKeys(range))) {
          await answered(store.delete(key));
          changed.add(this.name).add(one(this.name, key));
        }
    });
  }

  #source(store: IDBObjectStore): IDBObjectStore | IDBIndex {
    return this.index === store.keyPath ? store : store.index(this.index);
  }
  async #each<R>(
    read: (source: IDBObjectStore | IDBIndex, range: IDBKeyRange) => Promise<R[]>,
  ): Promise<R[]> {
    reading?.add(this.name);
    return this.lend(this.name, 'readonly', async (store) => {
      const parts = await Promise.all(this.ranges.map((range) => read(this.#source(store), range)));
      return parts.flat() as R[];
    });
  }
}

export class Table<T, K extends IDBValidKey = string> {
  constructor(
    private readonly lend: Lend,
    private readonly name: string,
  ) {}

  async get(key: K): Promise<T | undefined> {
    reading?.add(one(this.name, key));
    return this.lend(this.name, 'readonly', (store) => answered(store.get(key) as IDBRequest<T | undefined>));
  }
  async toArray(): Promise<T[]> {
    reading?.add(this.name);
    return this.lend(this.name, 'readonly', (store) => answered(store.getAll() as IDBRequest<T[]>));
  }
  async count(): Promise<number> {
    reading?.add(this.name);
    return this.lend(this.name, 'readonly', (store) => answered(store.count()));
  }

  /** Refuses a key that is already there. */
  add(row: T): Promise<void> {
    return this.#store([row], (store) => store.add(row));
  }
  put(row: T): Promise<void> {
    return this.bulkPut([row]);
  }
  bulkPut(rows: T[]): Promise<void> {
    return this.#store(rows, (store, row) => store.put(row));
  }
  async update(key: K, change: Partial<T>): Promise<void> {
    await this.lend(this.name, 'readwrite', async (store, changed) => {
      const row = await answered(store.get(key) as IDBRequest<T | undefined>);
      if (row === undefined) return;
      await answered(store.put({ ...row, ...change }));
      changed.add(this.name).add(one(this.name, key));
    });
  }
  async delete(key: K): Promise<void> {
    await this.lend(this.name, 'readwrite', async (store, changed) => {
      await answered(store.delete(key));
      changed.add(this.name).add(one(this.name, key));
    });
  }

  where(index: Index) {
    const rows = (...ranges: IDBKeyRange[]) => new Rows<T>(this.lend, this.name, index, ranges);
    return {
      equals: (value: IDBValidKey) => rows(IDBKeyRange.only(value)),
      anyOf: (values: IDBValidKey[]) => rows(...values.map((value) => IDBKeyRange.only(value))),
      between: (low: IDBValidKey, high: IDBValidKey) => rows(IDBKeyRange.bound(low, high)),
      below: (high: IDBValidKey) => rows(IDBKeyRange.upperBound(high, true)),
      startsWith: (text: string) => rows(IDBKeyRange.bound(text, `${text}\uffff`)),
    };
  }

  async #store(rows: T[], write: (store: IDBObjectStore, row: T) => IDBRequest<IDBValidKey>): Promise<void> {
    if (rows.length === 0) return;
    await this.lend(this.name, 'readwrite', async (store, changed) => {
      const keys = await Promise.all(rows.map((row) => answered(write(store, row))));
      changed.add(this.name);
      for (const key of keys) changed.add(one(this.name, key));
    });
  }
}

export class Database {
  #opening: Promise<IDBDatabase> | null = null;

  constructor(
    private readonly name: string,
    private readonly version: number,
    private readonly shape: Record<string, StoreShape>,
  ) {}

  /** For a call that is a transaction of its own. */
  readonly alone: Lend = (name, mode, work) =>
    this.#run([name], mode, 'default', (tx, changed) => work(tx.objectStore(name), changed));

  /** All or nothing. Inside, only this database may be waited for. */
  write<T>(
    names: string[],
    durability: IDBTransactionDurability,
    work: (lend: Lend) => Promise<T>,
  ): Promise<T> {
    return this.#run(names, 'readwrite', durability, (tx, changed) =>
      work((name, _, inside) => inside(tx.objectStore(name), changed)),
    );
  }

  async #run<T>(
    names: string[],
    mode: Mode,
    durability: IDBTransactionDurability,
    work: (tx: IDBTransaction, changed: Set<string>) => Promise<T>,
  ): Promise<T> {
    const tx = await this.#begin(names, mode, durability);
    const changed = new Set<string>();
    const end = finished(tx);
    try {
      const result = await work(tx, changed);
      if (mode === 'readwrite') {
        // Without waiting for the database to notice that nothing more comes. Old Safari has no such call.
        tx.commit?.();
        await end;
      }
      if (changed.size > 0) {
        tell(changed);
        otherTabs.postMessage(changed);
      }
      return result;
    } catch (error) {
      end.catch(() => undefined);
      // Refused when the database gave up by itself.
      try {
        tx.abort();
      } catch {
        // It is over already.
      }
      throw error;
    }
  }

  async #begin(names: string[], mode: Mode, durability: IDBTransactionDurability): Promise<IDBTransaction> {
    try {
      return (await this.#open()).transaction(names, mode, { durability });
    } catch (error) {
      // Some phones take the connection away while the app sleeps.
      if ((error as DOMException).name !== 'InvalidStateError') throw error;
      this.#opening = null;
      return (await this.#open()).transaction(names, mode, { durability });
    }
  }

  #open(): Promise<IDBDatabase> {
    this.#opening ??= new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(this.name, this.version);
      request.onupgradeneeded = () => this.#build(request.result);
      request.onerror = () => {
        this.#opening = null;
        reject(request.error as DOMException);
      };
      request.onsuccess = () => {
        const opened = request.result;
        // A newer version in another tab must not wait for this one.
        opened.onversionchange = () => opened.close();
        resolve(opened);
      };
    });
    return this.#opening;
  }

  #build(database: IDBDatabase): void {
    for (const [name, { key, indexes = [], numbered = false }] of Object.entries(this.shape)) {
      if (database.objectStoreNames.contains(name)) continue;
      const store = database.createObjectStore(name, { keyPath: keyPath(key), autoIncrement: numbered });
      for (const index of indexes) store.createIndex(index, keyPath(index));
    }
  }
}
