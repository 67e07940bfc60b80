// L-BFGS (Liu and Nocedal, Mathematical Programming 45, 1989): a minimum of a smooth function from values and gradients, with the curvature
// of the last few steps. The step length is found by halving until the function has fallen enough (Armijo), and doubled once where the
// first try was good; a pair of steps whose curvature is not positive is left out.

export interface Evaluation {
  readonly value: number;
  readonly gradient: Float64Array;
}

export interface MinimiseOptions {
  readonly steps: number;
  /** Pairs that are kept. */
  readonly history?: number;
  /** Stops where the value is below it. */
  readonly goal?: number;
  readonly onStep?: (step: number, value: number, at: Float64Array) => void;
}

export interface Minimum {
  readonly at: Float64Array<ArrayBuffer>;
  readonly value: number;
  readonly steps: number;
}

const SUFFICIENT = 1e-4;
const MOST_HALVINGS = 30;

export function minimise(
  evaluate: (at: Float64Array) => Evaluation,
  start: Float64Array,
  { steps, history = 30, goal = 0, onStep }: MinimiseOptions,
): Minimum {
  let at = Float64Array.from(start);
  let { value, gradient } = copyOf(evaluate(at));
  const pairs: Pair[] = [];
  let step = 0;
  while (step < steps && value > goal) {
    const direction = twoLoops(gradient, pairs);
    let slope = dot(direction, gradient);
    if (!(slope < 0)) {
      // The history misleads: begin again with the steepest descent.
      pairs.length = 0;
      direction.set(gradient.map((g) => -g));
      slope = dot(direction, gradient);
      if (!(slope < 0)) break;
    }
    const first = pairs.length === 0 ? Math.min(1, 1 / Math.sqrt(-slope)) : 1;
    const found = search(evaluate, at, value, { direction, slope, first });
    if (found === undefined) {
      if (pairs.length === 0) break;
      pairs.length = 0;
      continue;
    }
    const moved = difference(found.at, at);
    const turned = difference(found.gradient, gradient);
    const curvature = dot(moved, turned);
    if (curvature > 1e-12 * dot(turned, turned)) {
      pairs.push({ moved, turned, inverse: 1 / curvature });
      if (pairs.length > history) pairs.shift();
    }
    ({ at, value, gradient } = found);
    step += 1;
    onStep?.(step, value, at);
  }
  return { at, value, steps: step };
}

interface Pair {
  readonly moved: Float64Array;
  readonly turned: Float64Array;
  readonly inverse: number;
}

interface Line {
  readonly direction: Float64Array;
  readonly slope: number;
  readonly first: number;
}

interface Found {
  readonly at: Float64Array<ArrayBuffer>;
  readonly value: number;
  readonly gradient: Float64Array<ArrayBuffer>;
}

function search(
  evaluate: (at: Float64Array) => Evaluation,
  from: Float64Array,
  value: number,
  { direction, slope, first }: Line,
): Found | undefined {
  const tried = (length: number): Found => {
    const at = Float64Array.from(from, (x, i) => x + length * direction[i]);
    return { at, ...copyOf(evaluate(at)) };
  };
  const isEnough = (one: Found, length: number): boolean => one.value <= value + SUFFICIENT * length * slope;
  let length = first;
  for (let i = 0; i < MOST_HALVINGS; i++, length /= 2) {
    const one = tried(length);
    if (!isEnough(one, length)) continue;
    // Still going down as steeply as at the start: the curvature condition fails, and a longer step pays.
    let best = one;
    while (dot(best.gradient, direction) < 0.9 * slope && length < 1e3 * first) {
      length *= 2;
      const longer = tried(length);
      if (!isEnough(longer, length) || longer.value >= best.value) break;
      best = longer;
    }
    return best;
  }
  return undefined;
}

/** −H·gradient, H being the inverse Hessian that the pairs describe (Nocedal, Mathematics of Computation 35, 1980). */
function twoLoops(gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
  const q = gradient.map((g) => -g);
  const factors: number[] = [];
  for (let i = pairs.length - 1; i >= 0; i--) {
    const { moved, turned, inverse } = pairs[i];
    factors[i] = inverse * dot(moved, q);
    addScaled(q, turned, -factors[i]);
  }
  const last = pairs.at(-1);
  if (last !== undefined) {
    const scale = 1 / (last.inverse * dot(last.turned, last.turned));
    for (let i = 0; i < q.length; i++) q[i] *= scale;
  }
  pairs.forEach(({ moved, turned, inverse }, i) => {
    addScaled(q, moved, factors[i] - inverse * dot(turned, q));
  });
  return q;
}

function copyOf({ value, gradient }: Evaluation): { value: number; gradient: Float64Array<ArrayBuffer> } {
  return { value, gradient: Float64Array.from(gradient) };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function addScaled(to: Float64Array, from: Float64Array, factor: number): void {
  for (let i = 0; i < to.length; i++) to[i] += factor * from[i];
}

const difference = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value - b[i]);
