/** Which services to offer, and in what order: one's own habits first, then what is common. */
import { fold, matches } from '@/i18n/fold';
import type { FactRow } from '@/sync/db';
import type { Service } from '@/wire';

/** How often each service was recorded lately; the caller decides what "lately" is. */
export function useCounts(rows: FactRow[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { fact } of rows) {
    if (fact.kind !== 'assist.v1') continue;
    for (const { service } of fact.body.items) counts.set(service, (counts.get(service) ?? 0) + 1);
  }
  return counts;
}

/** The order of the dictionary would cost a slow phone a tenth of a second here; among rare tiles, any steady one will do. */
export function sortServices(services: Service[], used: Map<string, number>): Service[] {
  const rank = (service: Service) => service.common_rank ?? Number.MAX_SAFE_INTEGER;
  const folded = new Map(services.map((service) => [service, fold(service.name)]));
  const name = (service: Service) => folded.get(service) ?? '';
  return [...services].sort(
    (a, b) =>
      (used.get(b.code) ?? 0) - (used.get(a.code) ?? 0) || rank(a) - rank(b) || (name(a) < name(b) ? -1 : 1),
  );
}

export const searchServices = (services: Service[], query: string): Service[] =>
  query.trim() === ''
    ? services
    : services.filter((s) => matches(query, `${s.name} ${s.short_name} ${s.name_en}`));
