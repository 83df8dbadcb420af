/** The edge: the one place where a network exception or an unreadable body becomes a value with a code. */
import type { Key } from '@/i18n/keys';
import { currentLanguage, t } from '@/i18n/words.svelte';
import type { Problem } from '@/wire';

export type Reply<T> = { ok: true; data: T } | { ok: false; problem: Problem };
export type Query = Record<string, string | number | null | undefined>;

export interface ApiOptions {
  fetch: typeof globalThis.fetch;
  /** Every reply with a `server_time` teaches the clock; `sent_ms` and `got_ms` are raw phone times. */
  onServerTime: (serverTime: string, sentMs: number, gotMs: number) => void;
  onUnauthorised: () => void;
  rawNowMs: () => number;
  timeoutMs?: number;
}

export interface NamedFile {
  name: string;
  blob: Blob;
}

export interface Api {
  get: <T>(path: string, query?: Query) => Promise<Reply<T>>;
  /** A whole file or none of it. `onBytes` hears how much is here, from 0 when it begins to arrive. */
  getFile: (
    path: string,
    query: Query,
    on: { signal: AbortSignal; onBytes: (bytes: number) => void },
  ) => Promise<Reply<NamedFile>>;
  post: <T>(path: string, body?: unknown) => Promise<Reply<T>>;
  /** Sends a file as it is. */
  postFile: <T>(path: string, query: Query, file: Blob) => Promise<Reply<T>>;
  put: <T>(path: string, body?: unknown) => Promise<Reply<T>>;
  del: <T>(path: string) => Promise<Reply<T>>;
}

const TIMEOUT_MS = 30_000;
const GZIP_FROM_BYTES = 1024;

/** Problems the phone itself notices; their words come from the catalogue, like the server's come from its own. */
const NEXT = {
  'net.offline': 'net.offline_next',
  'net.unreadable': 'net.unreadable_next',
  'net.cut': 'net.cut_next',
} as const satisfies Partial<Record<Key, Key>>;

export function localProblem(code: keyof typeof NEXT, status = 0): Problem {
  return { code, status, title: t(code), next: t(NEXT[code]), facts: {}, retryable: true };
}

const isProblem = (body: unknown): body is Problem =>
  typeof body === 'object' && body !== null && typeof (body as Problem).code === 'string';

const addressOf = (path: string, query?: Query): string => {
  const asked = Object.entries(query ?? {}).filter(([, value]) => value !== null && value !== undefined);
  const search = asked.length === 0 ? '' : `?${new URLSearchParams(asked.map(([k, v]) => [k, String(v)]))}`;
  return `/api/v1${path}${search}`;
};

/** The name a server gave a file, in its own letters. */
const nameOf = (response: Response): string => {
  const said = /filename\*=UTF-8''([^;]+)/.exec(response.headers.get('content-disposition') ?? '')?.[1];
  return said === undefined ? 'causo' : decodeURIComponent(said);
};

async function encode(body: unknown): Promise<{ bytes: BodyInit; gzip: boolean }> {
  const text = JSON.stringify(body);
  if (text.length < GZIP_FROM_BYTES || typeof CompressionStream === 'undefined')
    return { bytes: text, gzip: false };
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'));
  return { bytes: await new Response(stream).arrayBuffer(), gzip: true };
}

export function createApi(options: ApiOptions): Api {
  function refused(path: string, { status }: Response, data: unknown): { ok: false; problem: Problem } {
    const problem = isProblem(data) ? data : localProblem('net.unreadable', status);
    // Asking who we are is how a lost session is confirmed; that answer must not start the question again.
    if (problem.code === 'auth.required' && path !== '/session') options.onUnauthorised();
    return { ok: false, problem };
  }
  async function call<T>(method: string, path: string, query?: Query, body?: unknown): Promise<Reply<T>> {
    const headers: Record<string, string> = {
      accept: 'application/json',
      'accept-language': currentLanguage(),
    };
    const init: RequestInit = { method, headers, credentials: 'same-origin' };
    if (method !== 'GET') headers['x-causo'] = '1';
    if (body instanceof Blob) {
      headers['content-type'] = 'application/octet-stream';
      init.body = body;
    } else if (body !== undefined) {
      const { bytes, gzip } = await encode(body);
      headers['content-type'] = 'application/json';
      if (gzip) headers['content-encoding'] = 'gzip';
      init.body = bytes;
    }
    const sentMs = options.rawNowMs();
    try {
      init.signal = AbortSignal.timeout?.(options.timeoutMs ?? TIMEOUT_MS) ?? null;
      const response = await options.fetch(addressOf(path, query), init);
      if (response.status === 204) return { ok: true, data: undefined as T };
      const data: unknown = await response.json().catch(() => null);
      const gotMs = options.rawNowMs();
      if (!response.ok) return refused(path, response, data);
      if (data === null) return { ok: false, problem: localProblem('net.unreadable', response.status) };
      // Only a top-level `server_time` is fresh: the one inside a snapshot may come out of the browser's cache.
      const { server_time } = data as { server_time?: string };
      if (server_time !== undefined) options.onServerTime(server_time, sentMs, gotMs);
      return { ok: true, data: data as T };
    } catch {
      return { ok: false, problem: localProblem('net.offline') };
    }
  }
  const getFile: Api['getFile'] = async (path, query, { signal, onBytes }) => {
    const headers = { 'accept-language': currentLanguage() };
    let response: Response;
    try {
      response = await options.fetch(addressOf(path, query), { headers, credentials: 'same-origin', signal });
    } catch {
      return { ok: false, problem: localProblem('net.offline') };
    }
    if (!response.ok || response.body === null)
      return refused(path, response, await response.json().catch(() => null));
    let bytes = 0;
    onBytes(bytes);
    const counting = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, out) {
        bytes += chunk.byteLength;
        onBytes(bytes);
        out.enqueue(chunk);
      },
    });
    try {
      const blob = await new Response(response.body.pipeThrough(counting)).blob();
      return { ok: true, data: { name: nameOf(response), blob } };
    } catch {
      return { ok: false, problem: localProblem('net.cut') };
    }
  };
  return {
    get: (path, query) => call('GET', path, query),
    getFile,
    post: (path, body) => call('POST', path, undefined, body),
    postFile: (path, query, file) => call('POST', path, query, file),
    put: (path, body) => call('PUT', path, undefined, body),
    del: (path) => call('DELETE', path),
  };
}
