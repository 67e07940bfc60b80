// Where a participant's point is, by what it is doing. Homes lie on a sunflower around the coordinator, as even for seven as for ten thousand;
// a point comes closer as its part of a round goes on, and steps back when it is lost. Distances are shares of the picture's half height.
import { DOING } from '../history/codes.ts';

const GOLDEN_ANGLE = Math.PI * (3 - Math.sqrt(5));
const INNER = 0.6;
const OUTER = 0.97;
/** Up to so many stand on one circle, each where a reader finds it again. */
export const ON_A_CIRCLE = 24;

export interface Homes {
  /** Sines and cosines of the angles, and distances. */
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly distance: Float32Array;
}

export function homesOf(count: number): Homes {
  const [x, y, distance] = [new Float32Array(count), new Float32Array(count), new Float32Array(count)];
  for (let at = 0; at < count; at++) {
    const isFew = count <= ON_A_CIRCLE;
    const angle = isFew ? (2 * Math.PI * at) / count - Math.PI / 2 : at * GOLDEN_ANGLE;
    // Equal areas between the circles: r² is even.
    const share = (at + 0.5) / count;
    x[at] = Math.cos(angle);
    y[at] = Math.sin(angle);
    distance[at] = isFew ? 0.84 : Math.sqrt(INNER ** 2 + share * (OUTER ** 2 - INNER ** 2));
  }
  return { x, y, distance };
}

/** What a home's distance is multiplied with. */
export const nearness: Float32Array = nearnessOf();

function nearnessOf(): Float32Array {
  const near = new Float32Array(Object.keys(DOING).length).fill(1);
  near[DOING.drawing] = 0.96;
  near[DOING.answered] = 0.9;
  near[DOING.sealed] = 0.6;
  near[DOING.opening] = 0.52;
  near[DOING.published] = 0.36;
  near[DOING.lost] = 1.02;
  near[DOING.satOut] = 1.02;
  return near;
}

/** Seconds in which a point goes two thirds of its way. */
const EASE_SECONDS = 0.16;

/** Moves every point towards where it belongs; answers with how far the farthest is away. Mutates `now`. */
export function moveInPlace(now: Float32Array, homes: Homes, doing: Uint8Array, seconds: number): number {
  const step = 1 - Math.exp(-seconds / EASE_SECONDS);
  let farthest = 0;
  for (let at = 0; at < now.length; at++) {
    const wanted = (homes.distance[at] ?? 0) * (nearness[doing[at] ?? 0] ?? 1);
    const away = wanted - (now[at] ?? 0);
    now[at] = (now[at] ?? 0) + away * step;
    const distance = Math.abs(away);
    if (distance > farthest) farthest = distance;
  }
  return farthest;
}
