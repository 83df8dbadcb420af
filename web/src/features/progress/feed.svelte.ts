/**
 * Listens to a campaign's ticks. The browser reconnects by itself after a dropped connection but gives up after a
 * refusal, so this tries again, ever more slowly; nobody listens while the screen is out of sight.
 */
export type FeedState = 'live' | 'connecting' | 'off';

const RETRY_MS_FIRST = 2_000;
const RETRY_MS_MAX = 60_000;

export class Feed {
  state = $state<FeedState>('off');
  #source: EventSource | null = null;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #wait_ms = RETRY_MS_FIRST;
  #closed = false;

  constructor(
    private readonly url: string,
    private readonly onTick: (rev: number) => unknown,
  ) {
    document.addEventListener('visibilitychange', this.#seen);
    window.addEventListener('online', this.#seen);
    this.#seen();
  }

  close(): void {
    this.#closed = true;
    document.removeEventListener('visibilitychange', this.#seen);
    window.removeEventListener('online', this.#seen);
    this.#stop();
  }

  #seen = () => {
    if (document.visibilityState === 'hidden') this.#stop();
    else if (this.#source === null) this.#start();
  };
  #start(): void {
    if (this.#closed || typeof EventSource === 'undefined') return;
    clearTimeout(this.#retry);
    this.state = 'connecting';
    const source = new EventSource(this.url);
    this.#source = source;
    source.addEventListener('open', () => {
      this.state = 'live';
      this.#wait_ms = RETRY_MS_FIRST;
    });
    source.addEventListener('tally', (event: MessageEvent<string>) => {
      const { rev } = JSON.parse(event.data) as { rev: number };
      this.onTick(rev);
    });
    source.addEventListener('error', () => {
      this.state = source.readyState === EventSource.CLOSED ? 'off' : 'connecting';
      if (source.readyState !== EventSource.CLOSED) return;
      this.#source = null;
      this.#retry = setTimeout(() => this.#start(), this.#wait_ms);
      this.#wait_ms = Math.min(this.#wait_ms * 2, RETRY_MS_MAX);
    });
  }
  #stop(): void {
    clearTimeout(this.#retry);
    this.#source?.close();
    this.#source = null;
    this.state = 'off';
  }
}
