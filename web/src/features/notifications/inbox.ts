/**
 * What the person was told, kept on the phone: readable with no signal, and what is read there is told to the server
 * when there is one. Kept and asked for under the session lock, so that nobody's notices are filed under another.
 */
import type { Api } from '@/api/client';
import { wireTime } from '@/i18n/format';
import type { Clock } from '@/sync/clock';
import type { InboxRow, LocalDb } from '@/sync/db';
import type { Locked } from '@/sync/lock';
import type { Session } from '@/sync/session.svelte';
import type { Notice, NoticesPage, Problem } from '@/wire';

/** More than anybody scrolls through without a signal. */
const KEPT_MAX = 120;

export interface InboxDeps {
  db: LocalDb;
  api: Api;
  clock: Clock;
  session: Pick<Session, 'senderNow'>;
  lock: Locked;
}

/** Both lists hold together when the newer one reaches the older: else there is a gap, and the older is dropped. */
export function joined(newer: Notice[], next: string | null, kept: InboxRow | undefined) {
  const last = newer.at(-1)?.id ?? '';
  const reaches = kept !== undefined && next !== null && kept.notices.some(({ id }) => id === last);
  if (!reaches) return { notices: newer, next };
  const notices = [...newer, ...kept.notices.filter(({ id }) => id < last)];
  return notices.length <= KEPT_MAX
    ? { notices, next: kept.next }
    : { notices: notices.slice(0, KEPT_MAX), next: notices[KEPT_MAX - 1]?.id ?? null };
}

export class Inbox {
  constructor(private readonly deps: InboxDeps) {}

  /** Tells what was read here and asks for what is new. Null = done, or nobody to ask for. */
  refresh(): Promise<Problem | null> {
    return this.#asSender(async (member) => {
      const untold = await this.#tell(member);
      if (untold !== null) return untold;
      const reply = await this.deps.api.get<NoticesPage>('/notifications');
      if (!reply.ok) return reply.problem;
      const { notifications, unread, next } = reply.data;
      await this.#change(member, (kept) => ({
        ...kept,
        ...joined(notifications, next, kept),
        unread,
        at_ms: this.deps.clock.nowMs(),
      }));
      return null;
    });
  }

  /** The next page of older ones. */
  older(): Promise<Problem | null> {
    return this.#asSender(async (member) => {
      const before = (await this.deps.db.inbox.get(member))?.next ?? null;
      if (before === null) return null;
      const reply = await this.deps.api.get<NoticesPage>('/notifications', { before });
      if (!reply.ok) return reply.problem;
      const { notifications, next } = reply.data;
      await this.#change(member, (kept) =>
        kept.next === before ? { ...kept, notices: [...kept.notices, ...notifications], next } : kept,
      );
      return null;
    });
  }

  async read(member: string, id: string): Promise<void> {
    await this.#change(member, (kept) => {
      const isNew = kept.notices.some((one) => one.id === id && one.read_at === null);
      return isNew ? { ...kept, unread: Math.max(0, kept.unread - 1), read: [...kept.read, id] } : kept;
    });
    await this.refresh();
  }

  async readAll(member: string): Promise<void> {
    await this.#change(member, (kept) => ({
      ...kept,
      unread: 0,
      read: [],
      through: kept.notices[0]?.id ?? null,
    }));
    await this.refresh();
  }

  /** Says what was read with no signal. What the server no longer knows needs no telling. */
  async #tell(member: string): Promise<Problem | null> {
    const { api, db } = this.deps;
    const kept = await db.inbox.get(member);
    if (kept === undefined) return null;
    const { through } = kept;
    if (through !== null) {
      const reply = await api.post('/notifications/read', { through });
      if (!reply.ok) return reply.problem;
      await this.#change(member, (now) => ({
        ...now,
        through: now.through === through ? null : now.through,
      }));
    }
    for (const id of kept.read) {
      const reply = await api.post(`/notifications/${id}/read`);
      if (!reply.ok && reply.problem.status !== 404) return reply.problem;
      await this.#change(member, (now) => ({ ...now, read: now.read.filter((one) => one !== id) }));
    }
    return null;
  }

  async #asSender(work: (member: string) => Promise<Problem | null>): Promise<Problem | null> {
    return this.deps.lock(async () => {
      const member = await this.deps.session.senderNow();
      return member === null ? null : work(member);
    });
  }

  /** What is read here looks read, whatever an answer that was on its way says. */
  async #change(member: string, change: (kept: InboxRow) => InboxRow): Promise<void> {
    const now = wireTime(this.deps.clock.nowMs());
    await this.deps.db.write(['inbox'], async ({ inbox }) => {
      const none = { member, notices: [], unread: 0, next: null, read: [], through: null, at_ms: 0 };
      const row = change((await inbox.get(member)) ?? none);
      const isRead = ({ id }: Notice) => row.read.includes(id) || (row.through !== null && id <= row.through);
      const notices = row.notices.map((one) =>
        one.read_at === null && isRead(one) ? { ...one, read_at: now } : one,
      );
      await inbox.put({ ...row, notices });
    });
  }
}
