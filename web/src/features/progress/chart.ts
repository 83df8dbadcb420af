/**
 * Where the parts of a line chart stand, as plain numbers. Our own, because one line beside one other line does not
 * pay for a chart library: the smallest would weigh more than this whole screen, and none prints or reads aloud as a
 * plain SVG with a table does.
 */
import { msOfDay } from '@/i18n/format';
import type { Day } from '@/wire';

export interface Frame {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}
export interface Plot {
  /** Path data of each line. */
  result: string;
  expected: string;
  /** The area below the result. */
  area: string;
  /** Horizontal lines with their values. */
  levels: { value: number; y: number }[];
  /** Days named below the chart. */
  marks: { day: Day; x: number }[];
  points: { day: Day; x: number; y: number; value: number; expected: number | null }[];
}

/** The smallest round number (1, 2 or 5 times a power of ten) that makes at most `steps` levels up to `max`. */
export function roundStep(max: number, steps: number): number {
  if (max <= 0) return 1;
  const rough = max / steps;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough);
  return Math.max(step ?? rough, 1);
}

const path = (points: [number, number][]) =>
  points.map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');

export function plot(days: Day[], values: number[], expected: number[], frame: Frame): Plot {
  const { width, height, left, right, top, bottom } = frame;
  const step = roundStep(Math.max(0, ...values, ...expected), 4);
  const top_value = Math.max(step, Math.ceil(Math.max(0, ...values, ...expected) / step) * step);
  const [first, last] = [msOfDay(days[0] ?? '1970-01-01'), msOfDay(days.at(-1) ?? '1970-01-02')];
  const span = Math.max(last - first, 1);
  const x = (day: Day) => left + ((msOfDay(day) - first) / span) * (width - left - right);
  const y = (value: number) => height - bottom - (value / top_value) * (height - top - bottom);

  const points = days.map((day, at) => ({
    day,
    x: x(day),
    y: y(values[at] ?? 0),
    value: values[at] ?? 0,
    expected: expected[at] ?? null,
  }));
  const line = points.map((point): [number, number] => [point.x, point.y]);
  const [start, end] = [line[0], line.at(-1)];
  const levels = [];
  for (let value = 0; value <= top_value; value += step) levels.push({ value, y: y(value) });
  return {
    result: path(line),
    expected: path(
      expected.flatMap((value, at) => (days[at] === undefined ? [] : [[x(days[at]), y(value)]])),
    ),
    area: start && end ? path([[start[0], y(0)], ...line, [end[0], y(0)]]) + 'Z' : '',
    levels,
    marks: marks(days, Math.max(2, Math.floor((width - left - right) / 110))).map((day) => ({
      day,
      x: x(day),
    })),
    points,
  };
}

/** First and last day and as many between them as fit, evenly. */
export function marks(days: Day[], most: number): Day[] {
  if (days.length <= most) return days;
  const gaps = most - 1;
  return Array.from({ length: most }, (_, at) => days[Math.round((at * (days.length - 1)) / gaps)] ?? '');
}

/** The point nearest to where a finger or pointer is. */
export function nearest(points: Plot['points'], x: number): number {
  let best = 0;
  points.forEach((point, at) => {
    if (Math.abs(point.x - x) < Math.abs((points[best]?.x ?? Infinity) - x)) best = at;
  });
  return best;
}
