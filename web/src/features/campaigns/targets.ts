/** Targets as people type, read and are allowed to change them. */
import { atLeast, covers } from '@/app/access';
import { formatNumber, formatPermille, parseWhole } from '@/i18n/format';
import { currentLanguage, t } from '@/i18n/words.svelte';
import type { Definition, Grant, IndicatorBrief, PlaceRef } from '@/wire';
import type { TargetChild, TargetRow } from '@/wire';

type Kind = IndicatorBrief['kind'];

/** Whoever answers for a place as an officer gives targets to what is below it. */
export const mayGive = (grants: Grant[], place: Pick<PlaceRef, 'path'>): boolean =>
  grants.some((grant) => atLeast([grant], 'commune_officer') && covers(grant, place));

/** A place's own target comes from above it; a province officer answers for the campaign's own place, too. */
export const maySetOwn = (grants: Grant[], place: Pick<PlaceRef, 'path'>): boolean =>
  grants.some(
    (grant) =>
      covers(grant, place) &&
      (atLeast([grant], 'province_officer') ||
        (atLeast([grant], 'commune_officer') && grant.place.path !== place.path)),
  );

export const sayTarget = (value: number, kind: Kind): string =>
  kind === 'ratio' ? formatPermille(value) : formatNumber(value);

/** What holds for a child without a target of its own; null when there is nothing then. */
export function common(definition: Definition | undefined, child: Pick<TargetChild, 'place'>): number | null {
  if (definition?.kind === 'ratio') return definition.target_permille;
  if (definition?.kind === 'per_unit' && child.place?.level === definition.unit_level)
    return definition.minimum;
  return null;
}

/**
 * A typed number, as it is shown: a whole one, or a rate in percent, kept in thousandths. A full stop is a decimal point
 * in English only, as nowhere in Vietnam.
 */
export function parseTarget(text: string, kind: Kind): number | null {
  if (kind !== 'ratio') return parseWhole(text);
  const plain = text.trim().replace(/\s*%$/, '');
  const rate = currentLanguage() === 'en' ? /^\d{1,3}([.,]\d)?$/ : /^\d{1,3}(,\d)?$/;
  if (!rate.test(plain)) return null;
  const permille = Math.round(Number(plain.replace(',', '.')) * 10);
  return permille <= 1000 ? permille : null;
}

export const typedTarget = (value: number | null, kind: Kind): string =>
  value === null ? '' : kind === 'ratio' ? formatPermille(value).replace('%', '') : formatNumber(value);

/** Own target beside the children's sum, honestly: agreeing, still to give, or given too much. */
export function sayGap({ gap, own, children_sum }: Pick<TargetRow, 'gap' | 'own' | 'children_sum'>): {
  text: string;
  tone: 'good' | 'wait' | 'bad' | 'plain';
} {
  if (own === null || gap === null) {
    return children_sum === 0
      ? { text: t('campaigns.gap_none'), tone: 'plain' }
      : { text: t('campaigns.gap_no_own'), tone: 'wait' };
  }
  if (gap === 0) return { text: t('campaigns.gap_even'), tone: 'good' };
  return gap > 0
    ? { text: t('campaigns.gap_left', { n: formatNumber(gap) }), tone: 'wait' }
    : { text: t('campaigns.gap_over', { n: formatNumber(-gap) }), tone: 'bad' };
}

export const holderName = ({ place, team }: Pick<TargetChild, 'place' | 'team'>): string =>
  place?.full_name ?? team?.name ?? '';
export const holderId = ({ place, team }: Pick<TargetChild, 'place' | 'team'>): string =>
  place?.id ?? team?.id ?? '';

export function targetsLink(
  campaign: string,
  query: { place?: string | null; indicator?: string | null },
): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const search = new URLSearchParams(given).toString();
  return `/chien-dich/${campaign}/chi-tieu${search === '' ? '' : `?${search}`}`;
}
