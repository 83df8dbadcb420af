/**
 * What the progress screen shows for one campaign, place and day: the kept answer at once, then the server's, then a
 * newer one whenever the campaign's tallies change.
 */
import type { Causo } from '@/app/causo';
import type { Day, PlaceDetail, PlaceId, PlaceRef, Problem } from '@/wire';
import { Feed, type FeedState } from './feed.svelte';
import { keep, recall, type Kept } from './kept';
import type { ProgressPage } from '@/wire';

export interface Question {
  campaign: string;
  place: PlaceId;
  on: Day | null;
}
interface Answer {
  page: ProgressPage;
  ancestors: PlaceRef[];
}

/** Ticks come at most twice a second; a burst of them asks once. */
const GATHER_MS = 300;

export class Board {
  #kept = $state.raw<Kept<Answer> | null>(null);
  problem = $state.raw<Problem | null>(null);
  busy = $state(false);
  #feed = $state.raw<Feed | null>(null);
  #timer: ReturnType<typeof setTimeout> | undefined;
  #behind = false;
  #closed = false;

  constructor(
    private readonly causo: Pick<Causo, 'api' | 'db' | 'clock' | 'session'>,
    readonly question: Question,
  ) {
    void this.#open();
  }

  readonly page = $derived(this.#kept?.value.page ?? null);
  readonly ancestors = $derived(this.#kept?.value.ancestors ?? []);
  readonly at_ms = $derived(this.#kept?.at_ms ?? null);
  /** Live only when the figures on screen are the server's newest, too. */
  readonly state: FeedState = $derived(this.problem !== null ? 'off' : (this.#feed?.state ?? 'off'));

  /** Asks again now. */
  async refresh(): Promise<void> {
    if (this.busy) {
      this.#behind = true;
      return;
    }
    this.busy = true;
    await this.#fetch();
    this.busy = false;
    if (this.#behind && !this.#closed) {
      this.#behind = false;
      this.#later();
    }
  }
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#feed?.close();
  }

  async #open(): Promise<void> {
    const { db } = this.causo;
    const kept = await recall<Answer>(db, this.#member, this.question);
    if (this.#closed) return;
    this.#kept ??= kept;
    await this.refresh();
    if (this.#closed) return;
    const url = `/api/v1/campaigns/${this.question.campaign}/live`;
    this.#feed = new Feed(url, (rev) => {
      if (rev !== this.page?.rev || this.problem !== null) this.#later();
    });
  }
  #later(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.refresh(), GATHER_MS);
  }
  async #fetch(): Promise<void> {
    const { api, clock, db } = this.causo;
    const { campaign, place, on } = this.question;
    const reply = await api.get<ProgressPage>(`/campaigns/${campaign}/progress`, { place, on });
    if (this.#closed) return;
    this.problem = reply.ok ? null : reply.problem;
    if (!reply.ok) {
      // Old figures stay in sight while the network is away, not when the place is no longer the member's to see.
      if (!reply.problem.retryable) this.#kept = null;
      return;
    }
    const page = reply.data;
    let { ancestors } = this;
    if (ancestors.length === 0) {
      const detail = await api.get<PlaceDetail>(`/places/${encodeURIComponent(place)}`, { on: page.on });
      if (this.#closed) return;
      if (detail.ok) ancestors = detail.data.ancestors;
    }
    const kept = { value: { page, ancestors }, at_ms: clock.nowMs() };
    this.#kept = kept;
    await keep(db, this.#member, this.question, kept);
  }
  get #member(): string {
    return this.causo.session.me?.member.id ?? '';
  }
}
