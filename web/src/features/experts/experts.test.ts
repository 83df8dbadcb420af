import { beforeAll, expect, test } from 'vitest';
import { loadWords } from '@/i18n/words.svelte';
import type { ExpertReportLine, ExpertRequest } from '@/wire';
import { see } from './jobs.svelte';
import { reportCsv } from './report';
import { sayDays, sayMinutes, sayPressure, STAGES } from './saying';

beforeAll(() => loadWords('experts'));

const request = (stage: ExpertRequest['stage']) => ({ id: 'r', stage }) as ExpertRequest;

test('unsent steps are ahead of what the server said', () => {
  expect(see(request('offered'), [])).toMatchObject({ stage: 'offered', pending: false });
  expect(see(request('offered'), ['accept'])).toMatchObject({ stage: 'accepted', pending: true });
  expect(see(request('dispatched'), ['finish'])).toMatchObject({ stage: 'done', pending: true });
  expect(see(request('accepted'), ['decline'])).toBeNull();
  // Withdrawn and offered again meanwhile, or sent already: the step says nothing new.
  expect(see(request('dispatched'), ['accept'])).toMatchObject({ stage: 'dispatched', pending: true });
});

test('every stage that somebody can move on says what comes next', () => {
  const over = Object.entries(STAGES).filter(([, look]) => look.next === null);
  expect(over.map(([stage]) => stage)).toEqual(['closed', 'cancelled', 'refused']);
});

test('minutes, days and pressures in words', () => {
  expect([30, 60, 150, 0].map(sayMinutes)).toEqual(['30 phút', '1 giờ', '2 giờ 30 phút', '0 phút']);
  expect(sayDays('2024-10-14', '2024-10-14')).toBe('14/10/2024');
  expect(sayDays('2024-10-14', '2024-10-18')).toBe('14/10–18/10/2024');
  const signal = { value_permille: 6_666, threshold_permille: 6_000, over: true };
  expect(sayPressure({ pressure: 'load', ...signal })).toContain('6,7 lượt (ngưỡng 6)');
  expect(
    sayPressure({ pressure: 'gaps', ...signal, value_permille: 982, threshold_permille: 333 }),
  ).toContain('98%');
});

test('the report as Excel in Vietnam reads it', () => {
  const name = { vi: 'Tư pháp', en: 'Justice' };
  const line: ExpertReportLine = {
    key: 'justice',
    name,
    requests: 4,
    served: 3,
    open: 1,
    median_days: 2.5,
    minutes: 330,
  };
  const lines = reportCsv({ total: line, fields: [line], units: [] }, '2024-10-01', '2024-10-31').split(
    '\r\n',
  );
  expect(lines[0]).toContain('từ 01/10/2024 đến 31/10/2024');
  expect(lines[4]).toBe('Tư pháp;4;3;1;2,5;5,5');
});
