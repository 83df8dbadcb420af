/** Who may see and enter the figures of a place, and what is missing. */
import { atLeast, covers } from '@/app/access';
import { FIGURES } from '@/i18n/figures';
import { formatDay } from '@/i18n/format';
import { t } from '@/i18n/words.svelte';
import type { Figure, Grant, PlaceRef } from '@/wire';

type Scope = Pick<PlaceRef, 'path'>;
export const maySeeFigures = (grants: Grant[], place: Scope): boolean =>
  grants.some((grant) => atLeast([grant], 'commune_officer') && covers(grant, place));
export const mayEnterFigures = (grants: Grant[], place: Scope): boolean =>
  grants.some((grant) => atLeast([grant], 'province_officer') && covers(grant, place));

export const figuresLink = (place: string, figure: string | null = null): string =>
  `/dia-ban/${encodeURIComponent(place)}/so-lieu${figure === null ? '' : `?figure=${figure}`}`;

/** The figure asked for, or the first there is. */
export const readFigure = (text: string | null): string =>
  text !== null && text in FIGURES ? text : (Object.keys(FIGURES)[0] ?? '');

export const figureOf = (figures: Figure[], place: string, figure: string): Figure | undefined =>
  figures.find((one) => one.place === place && one.figure === figure);

export const withoutFigure = <P extends { id: string }>(
  places: P[],
  figures: Figure[],
  figure: string,
): P[] => places.filter(({ id }) => figureOf(figures, id, figure) === undefined);

/** A number says nothing without its day and its source. */
export const sayOrigin = ({ as_of, source }: Figure): string =>
  t('territory.figure_origin', { day: formatDay(as_of), source });
