// Paints the round: the coordinator, its participants, and the lines of shares that stand in for who was lost. Points of one colour are one
// path or one run of rectangles, so that ten thousand are painted within a frame.
import { DOING } from '../history/codes.ts';
import type { Scene } from '../history/summary.ts';
import { type Homes, homesOf, moveInPlace, nearness, ON_A_CIRCLE } from './places.ts';

export interface Colours {
  readonly ink: string;
  readonly soft: string;
  readonly faint: string;
  readonly line: string;
  readonly accent: string;
  readonly alarm: string;
  readonly paper: string;
}

interface Look {
  readonly colour: keyof Colours;
  readonly alpha: number;
  readonly filled: boolean;
}

const looks: Readonly<Record<keyof typeof DOING, Look>> = {
  away: { colour: 'faint', alpha: 0.5, filled: false },
  offered: { colour: 'soft', alpha: 0.7, filled: false },
  accepted: { colour: 'soft', alpha: 1, filled: true },
  declined: { colour: 'faint', alpha: 0.6, filled: false },
  left: { colour: 'faint', alpha: 0.5, filled: false },
  drawing: { colour: 'ink', alpha: 1, filled: true },
  awaited: { colour: 'ink', alpha: 1, filled: false },
  answered: { colour: 'ink', alpha: 1, filled: true },
  sealed: { colour: 'accent', alpha: 1, filled: true },
  opening: { colour: 'accent', alpha: 1, filled: true },
  published: { colour: 'accent', alpha: 0.9, filled: true },
  lost: { colour: 'alarm', alpha: 0.55, filled: false },
  satOut: { colour: 'faint', alpha: 0.9, filled: false },
};

const order: readonly (keyof typeof DOING)[] = [
  'away',
  'declined',
  'left',
  'satOut',
  'lost',
  'offered',
  'accepted',
  'drawing',
  'awaited',
  'answered',
  'published',
  'sealed',
  'opening',
];

/** More lines than this are a fog. */
const LINES_AT_MOST = 240;
/** Above so many points a disc is a square: nobody sees the difference, and it is five times as fast. */
const DISCS_AT_MOST = 3000;

export class RoundPainter {
  readonly #context: CanvasRenderingContext2D;
  #homes: Homes = homesOf(0);
  #distance: Float32Array = new Float32Array(0);
  #doing: Uint8Array = new Uint8Array(0);
  #phase = '';
  #names: readonly string[] = [];
  #size = 1;

  constructor(context: CanvasRenderingContext2D) {
    this.#context = context;
  }

  /** `size`: of the square picture, in its own pixels. */
  resize(size: number): void {
    this.#size = size;
  }

  /** `names`: of the participants, by index. */
  show({ doing, phase }: Scene, names: readonly string[]): void {
    this.#names = names;
    if (doing.length !== this.#distance.length) {
      this.#homes = homesOf(doing.length);
      this.#distance = this.#homes.distance.slice();
    }
    this.#doing = doing;
    this.#phase = phase;
  }

  /** One frame; false when nothing moves any more. */
  paint(colours: Colours, seconds: number): boolean {
    const farthest = moveInPlace(this.#distance, this.#homes, this.#doing, seconds);
    const context = this.#context;
    const size = this.#size;
    const half = size / 2;
    context.clearRect(0, 0, size, size);
    this.#stations(colours, half);
    this.#shares(colours, half);
    const radius = radiusFor(this.#doing.length, size);
    for (const name of order) this.#points(DOING[name], looks[name], colours, half, radius);
    this.#labels(colours, half, radius);
    this.#coordinator(colours, half);
    return farthest > 0.001;
  }

  /** Where sealed updates wait, and where a sum is: circles that points come to. */
  #stations(colours: Colours, half: number): void {
    const context = this.#context;
    const { distance } = this.#homes;
    if (distance.length === 0) return;
    const widest = (distance[distance.length - 1] ?? 0) * half * 0.96;
    context.globalAlpha = 1;
    context.strokeStyle = colours.line;
    context.lineWidth = Math.max(1, half / 400);
    for (const code of [DOING.sealed, DOING.published]) {
      context.beginPath();
      context.arc(half, half, widest * (nearness[code] ?? 1), 0, 2 * Math.PI);
      context.stroke();
    }
  }

  /** Of few, their names. */
  #labels(colours: Colours, half: number, radius: number): void {
    const [names, { x, y }, distance] = [this.#names, this.#homes, this.#distance];
    if (names.length > ON_A_CIRCLE) return;
    const context = this.#context;
    context.globalAlpha = 1;
    context.fillStyle = colours.soft;
    context.textAlign = 'center';
    context.font = `${Math.round(Math.max(half / 30, 11))}px system-ui, sans-serif`;
    for (const [at, name] of names.entries()) {
      const away = (distance[at] ?? 0) * half * 0.96;
      context.fillText(name, half + (x[at] ?? 0) * away, half + (y[at] ?? 0) * away + radius + half / 22);
    }
  }

  #points(code: number, look: Look, colours: Colours, half: number, radius: number): void {
    const context = this.#context;
    const [doing, { x, y }, distance] = [this.#doing, this.#homes, this.#distance];
    const isSquare = doing.length > DISCS_AT_MOST;
    context.globalAlpha = look.alpha;
    context.fillStyle = colours[look.colour];
    context.strokeStyle = colours[look.colour];
    context.lineWidth = Math.max(1, radius / 3);
    context.beginPath();
    for (let at = 0; at < doing.length; at++) {
      if (doing[at] !== code) continue;
      const away = (distance[at] ?? 0) * half * 0.96;
      const [px, py] = [half + (x[at] ?? 0) * away, half + (y[at] ?? 0) * away];
      if (isSquare) {
        const side = look.filled ? 2 * radius : 1.4 * radius;
        context.fillRect(px - side / 2, py - side / 2, side, side);
      } else {
        context.moveTo(px + radius, py);
        context.arc(px, py, radius, 0, 2 * Math.PI);
      }
    }
    if (isSquare) return;
    if (look.filled) context.fill();
    else context.stroke();
  }

  /** From those who open to those who were lost: their shares stand in for them. */
  #shares(colours: Colours, half: number): void {
    if (this.#phase !== 'opening') return;
    const [doing, { x, y }, distance] = [this.#doing, this.#homes, this.#distance];
    const openers: number[] = [];
    const lost: number[] = [];
    for (let at = 0; at < doing.length; at++) {
      if (doing[at] === DOING.opening) openers.push(at);
      else if (doing[at] === DOING.lost) lost.push(at);
    }
    if (openers.length === 0 || lost.length === 0) return;
    const context = this.#context;
    const each = Math.max(1, Math.floor(LINES_AT_MOST / lost.length));
    context.globalAlpha = Math.max(0.12, 0.5 / Math.sqrt(lost.length));
    context.strokeStyle = colours.accent;
    context.lineWidth = Math.max(1, half / 400);
    context.beginPath();
    for (const [number, to] of lost.slice(0, LINES_AT_MOST).entries()) {
      for (let one = 0; one < Math.min(each, openers.length); one++) {
        const from = openers[(number * 7 + one * Math.ceil(openers.length / each)) % openers.length] ?? 0;
        for (const [at, isStart] of [
          [from, true],
          [to, false],
        ] as const) {
          const away = (distance[at] ?? 0) * half * 0.96;
          const [px, py] = [half + (x[at] ?? 0) * away, half + (y[at] ?? 0) * away];
          if (isStart) context.moveTo(px, py);
          else context.lineTo(px, py);
        }
      }
    }
    context.stroke();
  }

  #coordinator(colours: Colours, half: number): void {
    const context = this.#context;
    const radius = half * 0.13;
    context.globalAlpha = 1;
    context.fillStyle = colours.paper;
    context.strokeStyle = colours.ink;
    context.lineWidth = Math.max(1.5, half / 160);
    context.beginPath();
    context.arc(half, half, radius, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
    // A sigma of three strokes.
    const unit = radius / 16;
    context.lineWidth = 2.6 * unit;
    context.lineCap = 'round';
    context.lineJoin = 'round';
    context.strokeStyle = this.#phase === 'between rounds' || this.#phase === 'ended' ? colours.accent : colours.ink;
    context.beginPath();
    context.moveTo(half + 6 * unit, half - 8 * unit);
    context.lineTo(half - 6 * unit, half - 8 * unit);
    context.lineTo(half + 1 * unit, half);
    context.lineTo(half - 6 * unit, half + 8 * unit);
    context.lineTo(half + 6 * unit, half + 8 * unit);
    context.stroke();
  }
}

/** So that points of any number have room: a share of the area that each has. */
export function radiusFor(count: number, size: number): number {
  const most = size * 0.016;
  return Math.max(size * 0.0012, Math.min(most, (size * 0.3) / Math.sqrt(Math.max(1, count)) / 2.4));
}
