// Complex roots of unity as doubles, each part within one unit in the last place (in fact: rounded from about 97 bits), from
// + − × ÷ √ alone, so that encodings are the same on every runtime. Only one octant is computed; the rest is symmetry.

import { ParameterError } from '../errors.ts';
import {
  add,
  type DoubleDouble,
  divide,
  doubleDouble,
  halve,
  multiply,
  negate,
  squareRoot,
} from './roots-double-double.ts';

export interface RootsOfUnity {
  /** The roots are exp(2πi·k / 2^orderLog2). */
  readonly orderLog2: number;
  /** cos and sin of 2π·k / 2^orderLog2 for 0 ≤ k ≤ 2^orderLog2 / 8. */
  readonly cosines: Float64Array;
  readonly sines: Float64Array;
}

export interface Complex {
  readonly real: number;
  readonly imaginary: number;
}

interface Exact {
  readonly cosine: DoubleDouble;
  readonly sine: DoubleDouble;
}

/** The largest table: roots of order 2·65536. */
const LARGEST_ORDER_LOG2 = 17;

export function rootsOfUnity(orderLog2: number): RootsOfUnity {
  if (!Number.isInteger(orderLog2) || orderLog2 < 3 || orderLog2 > LARGEST_ORDER_LOG2) {
    throw new ParameterError(`roots of unity of order 2^${orderLog2} are outside 2^3 … 2^${LARGEST_ORDER_LOG2}`);
  }
  const count = 2 ** (orderLog2 - 3);
  const cosines = new Float64Array(count + 1);
  const sines = new Float64Array(count + 1);
  // The angle of index k = Σ 2^b is the sum of the angles of its bits, so each index is its lower bits' root times one more.
  const exact: Exact[] = [{ cosine: doubleDouble(1), sine: doubleDouble(0) }];
  for (const step of bitRoots(orderLog2)) {
    const below = exact.length;
    for (let k = 0; k < below; k++) exact.push(product(exact[k], step));
  }
  // 2^(orderLog2−3) itself: 45°.
  exact.push(eighth());
  for (let k = 0; k <= count; k++) {
    cosines[k] = exact[k].cosine.high;
    sines[k] = exact[k].sine.high;
  }
  return Object.freeze({ orderLog2, cosines, sines });
}

/** exp(2πi·k / 2^orderLog2) for any integer k ≥ 0. */
export function rootAt({ orderLog2, cosines, sines }: RootsOfUnity, k: number): Complex {
  const eighthOrder = 2 ** (orderLog2 - 3);
  const index = k % (8 * eighthOrder);
  const octant = Math.floor(index / eighthOrder);
  const inside = index % eighthOrder;
  // In odd octants the angle to the nearest axis is counted from the far end.
  const nearest = octant % 2 === 0 ? inside : eighthOrder - inside;
  const [c, s] = [cosines[nearest], sines[nearest]];
  switch (octant) {
    case 0:
      return { real: c, imaginary: s };
    case 1:
      return { real: s, imaginary: c };
    case 2:
      return { real: -s, imaginary: c };
    case 3:
      return { real: -c, imaginary: s };
    case 4:
      return { real: -c, imaginary: -s };
    case 5:
      return { real: -s, imaginary: -c };
    case 6:
      return { real: s, imaginary: -c };
    default:
      return { real: c, imaginary: -s };
  }
}

function eighth(): Exact {
  const root = squareRoot(doubleDouble(0.5));
  return { cosine: root, sine: root };
}

/**
 * The roots at angles 2π·2^b / 2^orderLog2 for b = 0 … orderLog2 − 4, by halving 45°:
 * cos(θ/2) = √((1 + cos θ)/2), sin(θ/2) = sin θ / (2·cos(θ/2)); no cancellation.
 */
function bitRoots(orderLog2: number): Exact[] {
  const roots: Exact[] = [];
  let { cosine, sine } = eighth();
  for (let level = 4; level <= orderLog2; level++) {
    const halfSine = halve(sine);
    cosine = squareRoot(halve(add(doubleDouble(1), cosine)));
    sine = divide(halfSine, cosine);
    roots.unshift({ cosine, sine });
  }
  return roots;
}

/** (cos + i·sin)(a)·(cos + i·sin)(b). In the first octant the cosine's difference keeps at least half of its first term. */
function product(a: Exact, b: Exact): Exact {
  return {
    cosine: add(multiply(a.cosine, b.cosine), negate(multiply(a.sine, b.sine))),
    sine: add(multiply(a.sine, b.cosine), multiply(a.cosine, b.sine)),
  };
}
