/** Periods that people want a certificate of. */
import { addDays } from '@/i18n/format';
import type { Day } from '@/wire';

export type Span = 'year' | 'half' | 'month' | 'other';

export function periodOf(span: Span, today: Day): { first: Day; last: Day } {
  const thisMonth = `${today.slice(0, 7)}-01`;
  switch (span) {
    case 'year':
      return { first: `${today.slice(0, 4)}-01-01`, last: today };
    case 'half':
      return { first: addDays(today, -182), last: today };
    case 'month': {
      const last = addDays(thisMonth, -1);
      return { first: `${last.slice(0, 7)}-01`, last };
    }
    case 'other':
      return { first: thisMonth, last: today };
  }
}
