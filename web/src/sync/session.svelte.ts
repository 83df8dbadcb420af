/**
 * Who uses the phone. Three things that are easily confused are kept apart: the people known on this phone, the one
 * on screen, and the one whose session cookie the browser holds. A network failure never changes any of them.
 */
import type { Api, Reply } from '@/api/client';
import type { Grant, Me, Problem, SessionRequest } from '@/wire';
import type { Clock } from './clock';
import { readMeta, writeMeta, type LocalDb, type MemberOnPhone } from './db';
import type { Locked } from './lock';
import { watch } from './tables';
import { makeVerifier, tryAgainMs, verify } from './verifier';

const CURRENT_KEY = 'session.current';
const COOKIE_KEY = 'session.cookie';
const END_KEY = 'session.end_pending';

export type SignIn =
  | { kind: 'online' }
  | { kind: 'offline' }
  | { kind: 'refused'; problem: Problem }
  | { kind: 'offline_unknown'; problem: Problem }
  | { kind: 'offline_wrong' }
  | { kind: 'offline_wait'; until_ms: number };

export interface SessionDeps {
  db: LocalDb;
  api: Api;
  clock: Clock;
  lock: Locked;
  device: Promise<string>;
}

interface Snapshot {
  people: MemberOnPhone[];
  current: string | null;
  cookie: string | null;
}

export class Session {
  #seen = $state.raw<Snapshot>({ people: [], current: null, cookie: null });

  constructor(private readonly deps: SessionDeps) {}

  /** Everyone who ever signed in on this phone. */
  readonly people = $derived(this.#seen.people);
  /** The row of the person on screen; null asks for a sign-in. */
  readonly person = $derived(this.#seen.people.find((person) => person.id === this.#seen.current) ?? null);
  readonly me: Me | null = $derived(this.person?.me ?? null);
  readonly grants: Grant[] = $derived(this.me?.grants ?? []);
  /** The one whose facts can be sent now. */
  readonly sender = $derived(this.#seen.cookie);
  /** The person on screen can record, but their facts wait until they sign in again. */
  readonly needsSignIn = $derived(this.person !== null && this.#seen.cookie !== this.person.id);

  /** Reads the cached session and follows it from then on, other tabs' changes included. */
  async open(): Promise<void> {
    await new Promise<void>((opened) =>
      watch(
        () => this.#read(),
        (seen) => {
          this.#seen = seen;
          opened();
        },
      ),
    );
  }

  /** Asks the server whose cookie this is. Only a clear answer changes anything. */
  async confirm(): Promise<void> {
    const { db, api, lock } = this.deps;
    await lock(async () => {
      if (await this.#endPending()) return;
      const reply: Reply<Me> = await api.get<Me>('/session');
      if (reply.ok) await this.#adopt(reply.data, 'if_unknown', null);
      else if (reply.problem.status === 401) await writeMeta(db, COOKIE_KEY, null);
    });
    await this.#refresh();
  }

  /** The server said unasked whose cookie this is. Call under the lock. */
  async meet(me: Me): Promise<void> {
    await this.#adopt(me, 'if_unknown', null);
    await this.#refresh();
  }

  async signIn(login: string, password: string): Promise<SignIn> {
    const request: SessionRequest = { login: login.trim(), password, device_id: await this.deps.device };
    return this.#enter(() => this.deps.api.post<Me>('/session', request), request);
  }

  async accept(token: string, login: string, password: string): Promise<SignIn> {
    const request: SessionRequest = { login: login.trim(), password, device_id: await this.deps.device };
    const path = `/invitations/${encodeURIComponent(token)}/accept`;
    const entered = await this.#enter(() => this.deps.api.post<Me>(path, request), null);
    if (entered.kind === 'online') await this.#remember(password);
    return entered;
  }

  /** The sender as the database has it now; another tab may have changed it a moment ago. Ask under the lock. */
  senderNow(): Promise<string | null> {
    return readMeta<string>(this.deps.db, COOKIE_KEY);
  }

  /** The cookie is no longer good for anyone; what is on the phone stays as it is. */
  async cookieLost(): Promise<void> {
    await writeMeta(this.deps.db, COOKIE_KEY, null);
    await this.#refresh();
  }

  /** Closes the screen for the next person. Unsent facts stay for their owner. */
  async signOut(): Promise<void> {
    const { db, lock } = this.deps;
    const id = this.person?.id ?? null;
    await lock(async () => {
      const holdsCookie = (await readMeta<string>(db, COOKIE_KEY)) === id;
      await db.write(['meta'], async (tx) => {
        await writeMeta(tx, CURRENT_KEY, null);
        if (holdsCookie) await writeMeta(tx, COOKIE_KEY, null);
        // The cookie is out of reach of scripts: with no network its end is owed, and paid at the next contact.
        if (holdsCookie) await writeMeta(tx, END_KEY, true);
      });
      if (holdsCookie) await this.#endPending();
    });
    await this.#refresh();
  }

  /** Leaves the screen to another person without ending anyone's session. */
  async stepAside(): Promise<void> {
    await writeMeta(this.deps.db, CURRENT_KEY, null);
    await this.#refresh();
  }

  async #enter(send: () => Promise<Reply<Me>>, offline: SessionRequest | null): Promise<SignIn> {
    const { db, lock } = this.deps;
    const reply = await lock(async () => {
      // Stretching the PIN takes as long as the server's answer, so it is done meanwhile.
      const [answer, verifier] = await Promise.all([
        send(),
        offline === null ? null : makeVerifier(offline.password),
      ]);
      if (answer.ok) {
        await writeMeta(db, END_KEY, false);
        await this.#adopt(answer.data, 'on_screen', verifier);
      }
      return answer;
    });
    await this.#refresh();
    if (reply.ok) return { kind: 'online' };
    if (reply.problem.code !== 'net.offline') return { kind: 'refused', problem: reply.problem };
    if (offline === null) return { kind: 'offline_unknown', problem: reply.problem };
    return this.#unlock(offline, reply.problem);
  }

  async #unlock({ login, password }: SessionRequest, problem: Problem): Promise<SignIn> {
    const { db, clock } = this.deps;
    const asked = login.toLowerCase();
    const people = await db.members.toArray();
    const person = people.find((row) => row.me.member.login.toLowerCase() === asked);
    if (person === undefined || person.verifier === null) return { kind: 'offline_unknown', problem };
    // Raw phone time: the wait must not end early because the server's clock was learned in between.
    if (person.try_again_ms > clock.rawNowMs())
      return { kind: 'offline_wait', until_ms: person.try_again_ms };
    if (!(await verify(person.verifier, password))) {
      const tries = person.tries + 1;
      await db.members.update(person.id, { tries, try_again_ms: tryAgainMs(tries, clock.rawNowMs()) });
      return { kind: 'offline_wrong' };
    }
    await db.write(['members', 'meta'], async (tx) => {
      await tx.members.update(person.id, { tries: 0, try_again_ms: 0 });
      await writeMeta(tx, CURRENT_KEY, person.id);
    });
    await this.#refresh();
    return { kind: 'offline' };
  }

  async #remember(password: string): Promise<void> {
    const verifier = await makeVerifier(password);
    if (this.person !== null) await this.deps.db.members.update(this.person.id, { verifier });
  }

  /**
   * Files an answer about the session: whose cookie it is, and who is on screen. Somebody this phone does not know
   * comes on screen too (the database was cleared, the cookie was not); a known one must show their PIN.
   */
  async #adopt(me: Me, show: 'on_screen' | 'if_unknown', verifier: MemberOnPhone['verifier']): Promise<void> {
    const { db, clock } = this.deps;
    await db.write(['members', 'meta'], async (tx) => {
      const known = await tx.members.get(me.member.id);
      await tx.members.put({
        id: me.member.id,
        me,
        verifier: verifier ?? known?.verifier ?? null,
        cursor: known?.cursor ?? null,
        last_contact_ms: clock.nowMs(),
        tries: 0,
        try_again_ms: 0,
      });
      await writeMeta(tx, COOKIE_KEY, me.member.id);
      if (show === 'on_screen' || known === undefined) await writeMeta(tx, CURRENT_KEY, me.member.id);
    });
  }

  /** True while a log-out made without network is still owed to the server. */
  async #endPending(): Promise<boolean> {
    const { db, api } = this.deps;
    if ((await readMeta<boolean>(db, END_KEY)) !== true) return false;
    const reply = await api.del('/session');
    if (!reply.ok && reply.problem.status !== 401) return true;
    await writeMeta(db, END_KEY, false);
    return true;
  }

  async #read(): Promise<Snapshot> {
    const { db } = this.deps;
    const [people, current, cookie] = await Promise.all([
      db.members.toArray(),
      readMeta<string>(db, CURRENT_KEY),
      readMeta<string>(db, COOKIE_KEY),
    ]);
    return { people, current, cookie };
  }
  async #refresh(): Promise<void> {
    this.#seen = await this.#read();
  }
}
