import { describe, expect, it } from 'vitest';
import { lastQuarter } from './saying';
import { add, sendTaps, waiting, type Tap } from './taps';

function store() {
  const held = new Map<string, string>();
  return {
    getItem: (key: string) => held.get(key) ?? null,
    setItem: (key: string, value: string) => void held.set(key, value),
  };
}
const tap = (id: string, code: string, atMs = 0): Tap => ({ id, code, step: 'satisfied', atMs });

describe('answers on a device that was handed over', () => {
  it('wait until they are sent, once for each ticket', async () => {
    const kept = store();
    add(kept, tap('1', 'A'));
    add(kept, tap('2', 'A'));
    add(kept, tap('3', 'B'));
    expect(waiting(kept).map(({ id }) => id)).toEqual(['2', '3']);
    await sendTaps(kept, () => Promise.resolve(null), 0);
    expect(waiting(kept)).toHaveLength(2);
    const sent: string[] = [];
    const send = (path: string, form: URLSearchParams) => {
      sent.push(`${path} ${form.get('id') ?? ''}`);
      return Promise.resolve(path.endsWith('A') ? 0 : 503);
    };
    await sendTaps(kept, send, 0);
    expect(sent).toEqual(['/danh-gia/A 2', '/danh-gia/B 3']);
    expect(waiting(kept).map(({ id }) => id)).toEqual(['3']);
  });

  it('wait a week for a ticket that the server does not know yet', async () => {
    const kept = store();
    const unknown = () => Promise.resolve(404);
    const week = 7 * 24 * 60 * 60 * 1000;
    add(kept, tap('1', 'A', 0));
    await sendTaps(kept, unknown, week - 1);
    expect(waiting(kept)).toHaveLength(1);
    await sendTaps(kept, unknown, week);
    expect(waiting(kept)).toEqual([]);
  });
});

describe('the last quarter', () => {
  it('is the one that is over', () => {
    expect(lastQuarter('2024-10-13')).toMatchObject({ from: '2024-07-01', to: '2024-09-30' });
    expect(lastQuarter('2025-02-01')).toMatchObject({ from: '2024-10-01', to: '2024-12-31' });
    expect(lastQuarter('2024-04-01')).toMatchObject({ from: '2024-01-01', to: '2024-03-31' });
  });
});
