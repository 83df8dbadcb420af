import { beforeAll, describe, expect, it } from 'vitest';
import { loadWords } from '@/i18n/words.svelte';
import { createApi } from './client';

beforeAll(() => loadWords('progress'));

const asking = (answer: () => Promise<Response>) => {
  let signedOut = 0;
  const api = createApi({
    fetch: answer,
    onServerTime: () => {},
    onUnauthorised: () => (signedOut += 1),
    rawNowMs: () => 0,
  });
  const heard: number[] = [];
  const signal = new AbortController().signal;
  const file = () => api.getFile('/f', { on: null }, { signal, onBytes: (bytes) => heard.push(bytes) });
  return { file, heard, signedOut: () => signedOut };
};
const headers = {
  'content-disposition': `attachment; filename="luot.csv"; filename*=UTF-8''L%C6%B0%E1%BB%A3t%20h%E1%BB%97%20tr%E1%BB%A3.csv`,
};
const pieces = (end: (out: ReadableStreamDefaultController<Uint8Array>) => void) =>
  new ReadableStream<Uint8Array>({
    start(out) {
      for (const text of ['mot', 'hai!']) out.enqueue(new TextEncoder().encode(text));
      end(out);
    },
  });

describe('a file from the server', () => {
  it('comes whole under its own name, and says how much is here', async () => {
    const { file, heard } = asking(
      async () =>
        new Response(
          pieces((out) => out.close()),
          { headers },
        ),
    );
    const reply = await file();
    if (!reply.ok) throw new Error(reply.problem.code);
    expect(reply.data.name).toBe('Lượt hỗ trợ.csv');
    expect(await reply.data.blob.text()).toBe('mothai!');
    expect(heard).toEqual([0, 3, 7]);
  });
  it('is nothing at all when it breaks off', async () => {
    const cut = () => pieces((out) => out.error(new TypeError('network error')));
    const { file } = asking(async () => new Response(cut(), { headers }));
    expect(await file()).toMatchObject({ ok: false, problem: { code: 'net.cut', retryable: true } });
  });
  it('is refused in the words of the server', async () => {
    const busy = { code: 'export.busy', status: 503, title: 'x', next: 'y', facts: {}, retryable: true };
    const { file, signedOut } = asking(async () => Response.json(busy, { status: 503 }));
    expect(await file()).toEqual({ ok: false, problem: busy });
    expect(signedOut()).toBe(0);
    const gone = asking(async () => Response.json({ ...busy, code: 'auth.required' }, { status: 401 }));
    await gone.file();
    expect(gone.signedOut()).toBe(1);
    const away = asking(() => Promise.reject(new TypeError('no network')));
    expect(await away.file()).toMatchObject({ ok: false, problem: { code: 'net.offline' } });
  });
});
