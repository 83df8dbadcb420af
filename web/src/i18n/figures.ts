/** Figures entered for a place, each with its day and source: what targets are split by and rates divided by. */
import type { Key } from './keys';

export const FIGURES: Record<string, Key> = {
  population: 'figure.population',
  population_14: 'figure.population_14',
  households: 'figure.households',
};
