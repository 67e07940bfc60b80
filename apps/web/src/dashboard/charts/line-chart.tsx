// Lines over rounds, as one small vector picture: axes without boxes, the accent for the run itself, a band where a deviation is known, quiet
// lines for what it is compared with. More points than pixels are drawn as the lowest and highest of each pixel, so no peak is lost.
import type { JSX } from 'preact';
import { short } from '../figures.ts';

export interface Line {
  readonly name: string;
  readonly kind: 'own' | 'other' | 'known';
  readonly points: readonly Point[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
  /** Half the height of the band here. */
  readonly deviation?: number;
}

export interface LineChartProps {
  readonly title: string;
  readonly xName: string;
  readonly lines: readonly Line[];
  /** A limit that must not be passed. */
  readonly limit?: { readonly y: number; readonly name: string };
  /** A place on the x axis that is marked. */
  readonly mark?: number;
  readonly yFrom?: number;
  readonly yTo?: number;
  readonly format?: (value: number) => string;
}

const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [640, 260, 56, 12, 12, 30];

export function LineChart(props: LineChartProps): JSX.Element {
  const { title, xName, lines, limit, mark, format = short } = props;
  const all = lines.flatMap(({ points }) => points);
  const scales = scalesOf(props, all);
  const { x, y, ticks, xTo } = scales;
  const own = lines.find(({ kind }) => kind === 'own');
  const last = own?.points.at(-1);
  return (
    <figure class="figure chart">
      <figcaption class="chart-title">{title}</figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={inWords(props, format)}>
        {ticks.map((tick) => (
          <g key={tick}>
            <line class="grid" x1={LEFT} x2={WIDTH - RIGHT} y1={y(tick)} y2={y(tick)} />
            <text class="tick" x={LEFT - 8} y={y(tick) + 4} text-anchor="end">
              {format(tick)}
            </text>
          </g>
        ))}
        <text class="tick" x={LEFT} y={HEIGHT - 8}>
          0
        </text>
        <text class="tick" x={WIDTH - RIGHT} y={HEIGHT - 8} text-anchor="end">
          {`${xName} ${xTo}`}
        </text>
        {mark !== undefined && <line class="mark" x1={x(mark)} x2={x(mark)} y1={TOP} y2={HEIGHT - BOTTOM} />}
        {limit !== undefined && (
          <g>
            <line class="limit" x1={LEFT} x2={WIDTH - RIGHT} y1={y(limit.y)} y2={y(limit.y)} />
            <text class="limit-name" x={WIDTH - RIGHT} y={y(limit.y) - 6} text-anchor="end">
              {limit.name}
            </text>
          </g>
        )}
        {lines.map(({ name, kind, points }) => (
          <g key={name} class={`series ${kind}`}>
            {points.some(({ deviation }) => deviation !== undefined) && (
              <path class="band" d={bandOf(points, scales)} />
            )}
            <path class="line" d={pathOf(points, scales)} />
          </g>
        ))}
        {last !== undefined && <circle class="last" cx={x(last.x)} cy={y(last.y)} r="4" />}
      </svg>
      <ul class="plain legend">
        {lines.map(({ name, kind, points }) => (
          <li key={name}>
            <span class={`swatch ${kind}`} aria-hidden="true" /> {name}
            {points.length > 0 && `: ${format(points.at(-1)?.y ?? 0)}`}
          </li>
        ))}
      </ul>
    </figure>
  );
}

interface Scales {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  readonly ticks: readonly number[];
  readonly xTo: number;
}

function scalesOf({ yFrom, yTo, limit }: LineChartProps, points: readonly Point[]): Scales {
  let [low, high, xTo] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1];
  for (const { x, y, deviation = 0 } of points) {
    low = Math.min(low, y - deviation);
    high = Math.max(high, y + deviation);
    xTo = Math.max(xTo, x);
  }
  if (limit !== undefined) high = Math.max(high, limit.y * 1.06);
  low = yFrom ?? (Number.isFinite(low) ? low : 0);
  high = yTo ?? (Number.isFinite(high) ? high : 1);
  if (!(high > low)) high = low + 1;
  const ticks = ticksOf(low, high);
  const x = (value: number): number => LEFT + (value / xTo) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => TOP + (1 - (value - low) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  return { x, y, ticks, xTo };
}

/** Four or five round numbers within a range. */
export function ticksOf(low: number, high: number): readonly number[] {
  const rough = (high - low) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((one) => one * power).find((one) => one >= rough) ?? 10 * power;
  const ticks: number[] = [];
  for (let at = Math.ceil(low / step - 1e-9); at * step <= high + step * 1e-9; at++) {
    ticks.push(Number((at * step).toPrecision(12)));
  }
  return ticks;
}

/** At most two points a pixel: the lowest and the highest of those that fall on it, in their order. */
export function thinned(points: readonly Point[], columns: number): readonly Point[] {
  if (points.length <= 2 * columns) return points;
  const kept: Point[] = [];
  for (let column = 0; column < columns; column++) {
    const from = Math.floor((column * points.length) / columns);
    const to = Math.floor(((column + 1) * points.length) / columns);
    let [low, high] = [from, from];
    for (let at = from; at < to; at++) {
      if ((points[at]?.y ?? 0) < (points[low]?.y ?? 0)) low = at;
      if ((points[at]?.y ?? 0) > (points[high]?.y ?? 0)) high = at;
    }
    for (const at of low === high ? [low] : [Math.min(low, high), Math.max(low, high)]) {
      const point = points[at];
      if (point !== undefined) kept.push(point);
    }
  }
  return kept;
}

const at = (value: number): string => value.toFixed(1);

function pathOf(points: readonly Point[], { x, y }: Scales): string {
  return thinned(points, WIDTH)
    .map((point, index) => `${index === 0 ? 'M' : 'L'}${at(x(point.x))} ${at(y(point.y))}`)
    .join('');
}

function bandOf(points: readonly Point[], { x, y }: Scales): string {
  const kept = thinned(points, WIDTH);
  const above = kept.map(({ x: px, y: py, deviation = 0 }) => `${at(x(px))} ${at(y(py + deviation))}`);
  const below = kept.map(({ x: px, y: py, deviation = 0 }) => `${at(x(px))} ${at(y(py - deviation))}`).reverse();
  return kept.length === 0 ? '' : `M${[...above, ...below].join('L')}Z`;
}

function inWords({ title, xName, lines, limit }: LineChartProps, format: (value: number) => string): string {
  const said = lines.map(({ name, points }) => {
    const [first, last] = [points[0], points.at(-1)];
    if (first === undefined || last === undefined) return name;
    return `${name}: ${format(first.y)} – ${format(last.y)}, ${xName} ${first.x} – ${last.x}`;
  });
  const bound = limit === undefined ? [] : [`${limit.name}: ${format(limit.y)}`];
  return [title, ...said, ...bound].join('. ');
}
