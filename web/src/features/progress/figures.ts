/**
 * A standing in words. The five units are never mixed, a ratio is never shown without what it was divided by, and a
 * per-unit minimum is said as units that reached it.
 */
import { formatDay, formatNumber, formatPercent, formatPermille } from '@/i18n/format';
import { unitName } from '@/i18n/units';
import { currentLanguage, t } from '@/i18n/words.svelte';
import type { IndicatorBrief, PlaceRef, Standing, StandingBrief } from '@/wire';

export interface Said {
  /** The figure itself: "152.304", "34,2%", "9/11". */
  result: string;
  /** What belongs beside it: "/ 190.759 người", "mục tiêu 40%". */
  of: string;
  /** Smaller print, one thing a line. */
  notes: string[];
}

type Brief = Pick<IndicatorBrief, 'kind' | 'unit'>;

/** The number of facts' subjects that the figure opens into. */
export const counted = (standing: Standing, indicator: Brief): number | null =>
  indicator.kind === 'ratio' ? standing.numerator : standing.result;

export function say(standing: Standing, indicator: Brief): Said {
  const unit = unitName(indicator.unit);
  const said = figure(standing, indicator, unit);
  if (indicator.kind === 'ratio') said.notes.push(ratioNote(standing.numerator, standing.denominator, unit));
  if (standing.anonymous > 0)
    said.notes.push(t('progress.anonymous', { n: formatNumber(standing.anonymous), unit }));
  if (standing.late > 0) said.notes.push(t('progress.late', { n: formatNumber(standing.late) }));
  return said;
}

function figure(standing: StandingBrief, indicator: Brief, unit: string): Said {
  const { result, target } = standing;
  if (indicator.kind === 'ratio') {
    return {
      result: result === null ? t('progress.unknown') : formatPermille(result),
      of: target === null ? '' : t('progress.ratio_target', { target: formatPermille(target) }),
      notes: [],
    };
  }
  if (standing.units_met !== null && standing.units_total !== null && standing.units_total > 1) {
    return {
      result: `${formatNumber(standing.units_met)}/${formatNumber(standing.units_total)}`,
      of: t('progress.units_met'),
      notes: [t('progress.units_sum', { n: formatNumber(result ?? 0), unit })],
    };
  }
  return {
    result: result === null ? t('progress.unknown') : formatNumber(result),
    of: target === null ? unit : t('progress.of_target', { target: formatNumber(target), unit }),
    notes: [],
  };
}

function ratioNote(numerator: number | null, denominator: Standing['denominator'], unit: string): string {
  if (denominator === null) return t('progress.no_denominator', { n: formatNumber(numerator ?? 0), unit });
  const words = {
    n: formatNumber(numerator ?? 0),
    of: formatNumber(denominator.value),
    unit,
    day: formatDay(denominator.as_of),
  };
  return denominator.source === null
    ? t('progress.fraction_own', words)
    : t('progress.fraction', { ...words, source: denominator.source });
}

/** Attainment for a table cell or a bar's label; a single unit with a minimum of its own has reached it or not. */
export function sayPercent({ percent, units_met, units_total }: StandingBrief): string {
  if (percent !== null) return formatPercent(percent);
  if (units_total !== 1) return '–';
  return t(units_met === 1 ? 'progress.unit_met' : 'progress.unit_not_met');
}

/** A child's figure in one short line: "1.204 / 2.000", "34,2% / 40%", "9/11 đơn vị đạt". */
export function sayShort(standing: StandingBrief, indicator: Brief): string {
  const { result, target } = standing;
  if (indicator.kind === 'ratio') {
    const rate = result === null ? t('progress.unknown') : formatPermille(result);
    return target === null ? rate : `${rate} / ${formatPermille(target)}`;
  }
  const { result: shown, of } = figure(standing, indicator, unitName(indicator.unit));
  if (standing.units_total !== null && standing.units_total > 1) return `${shown} ${of}`;
  return target === null ? shown : `${shown} / ${formatNumber(target)}`;
}

/** A number to have an idea from: three digits say enough. */
export function roughly(n: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, n))) - 2);
  return Math.round(n / step) * step;
}

/** A place in the middle of a sentence: its kind is written small in a Vietnamese one, a country has none. */
export const inSentence = ({ full_name, level }: Pick<PlaceRef, 'full_name' | 'level'>): string =>
  level === 'nation' || currentLanguage() === 'en'
    ? full_name
    : full_name.charAt(0).toLowerCase() + full_name.slice(1);
