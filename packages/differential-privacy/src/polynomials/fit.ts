// Polynomial stand-ins for activations and losses on an interval that was chosen without looking at data, with
// everything a proof needs to know of them: how far off, how steep, and where they fall although the function rises
// (there the surrogate loss is not convex).
//   minimax         smallest sup error (Remez);
//   least-squares   smallest mean square error, uniform weight (Legendre projection);
//   chebyshev       smallest mean square error, weight 1/√(1 − t²) (truncated Chebyshev series): nearly minimax.
// A comparison of fits says which norm it means: minimax is best in sup norm by definition, least squares in the mean.

import { ParameterError } from '../errors.ts';
import { type Extremum, negativeOn, rangeOf } from './extrema.ts';
import { chebyshevSeries, type Interval, interpolate, Polynomial, requireInterval } from './polynomial.ts';
import { remez } from './remez.ts';
import type { Target } from './targets.ts';

export type FitMethod = 'minimax' | 'least-squares' | 'chebyshev';

export interface FitRequest {
  readonly degree: number;
  readonly interval: Interval;
  readonly method: FitMethod;
}

export interface Fit {
  readonly target: Target;
  readonly method: FitMethod;
  readonly polynomial: Polynomial;
  /** Largest |p − f| on the interval. */
  readonly supError: number;
  /** √ of the mean of (p − f)² over the interval. */
  readonly meanSquareError: number;
  /** No polynomial of this degree has a smaller sup error; for minimax fits only. */
  readonly supErrorBound: number | undefined;
  /** Smallest and largest p′. */
  readonly slope: { readonly least: Extremum; readonly most: Extremum };
  /** Where p falls although the target rises (or rises although it falls). */
  readonly wrongWay: readonly Interval[];
  readonly monotone: boolean;
  /** Plain sentences; empty when there is nothing to warn of. */
  readonly warnings: readonly string[];
}

const LARGEST_DEGREE = 63;
/** All that is interesting about a sigmoid happens between −40 and 40: the searches here look no closer than that needs. */
const FARTHEST = 1024;
const NARROWEST = 1e-3;

export function fit(target: Target, request: FitRequest): Fit {
  const { degree, interval, method } = request;
  requireInterval(interval);
  if (!(interval.from >= -FARTHEST && interval.to <= FARTHEST && interval.to - interval.from >= NARROWEST)) {
    throw new ParameterError(
      `[${interval.from}, ${interval.to}] is not within [-${FARTHEST}, ${FARTHEST}] and ${NARROWEST} wide: scale the argument`,
    );
  }
  if (!Number.isSafeInteger(degree) || degree < 1 || degree > LARGEST_DEGREE) {
    throw new ParameterError(`a degree is an integer in [1, ${LARGEST_DEGREE}], not ${degree}`);
  }
  const { polynomial, supErrorBound } = fitted(target, request);
  const points = 64 * (degree + 4) + 1;
  const error = (z: number): number => polynomial.at(z) - target.at(z);
  const { least, most } = rangeOf(error, interval, points);
  const supError = Math.max(-least.value, most.value, 0);
  const slopePolynomial = polynomial.derivative();
  const slope = rangeOf((z) => slopePolynomial.at(z), interval, points);
  const direction = target.rising ? 1 : -1;
  const wrongWay = negativeOn((z) => direction * slopePolynomial.at(z), interval, points);
  const square = integrate((z) => error(z) ** 2, interval);
  const warnings = wrongWay.map(
    (one) =>
      `degree ${degree} (${method}) of ${target.name} ${target.rising ? 'falls' : 'rises'} on [${one.from.toFixed(2)}, ${one.to.toFixed(2)}]: a loss with this slope is not convex there`,
  );
  return Object.freeze({
    target,
    method,
    polynomial,
    supError,
    meanSquareError: Math.sqrt(square / (interval.to - interval.from)),
    supErrorBound: supErrorBound === undefined ? undefined : Math.min(supErrorBound, supError),
    slope,
    wrongWay,
    monotone: wrongWay.length === 0,
    warnings,
  });
}

interface Fitted {
  readonly polynomial: Polynomial;
  readonly supErrorBound: number | undefined;
}

function fitted(target: Target, { degree, interval, method }: FitRequest): Fitted {
  switch (method) {
    case 'minimax':
      return minimax(target, degree, interval);
    case 'least-squares': {
      const legendre = Array.from({ length: degree + 1 }, (_, k) => {
        const product = (z: number): number => target.at(z) * legendreAt(k, toUnit(z, interval));
        return ((2 * k + 1) / (interval.to - interval.from)) * integrate(product, interval);
      });
      const at = (z: number): number => legendre.reduce((sum, c, k) => sum + c * legendreAt(k, toUnit(z, interval)), 0);
      return { polynomial: clean(interpolate(at, interval, degree), target), supErrorBound: undefined };
    }
    case 'chebyshev': {
      // The series' first terms, from an interpolant of many more nodes than the degree.
      const series = chebyshevSeries((z) => target.at(z), interval, { degree, nodes: 4096 });
      return { polynomial: clean(series, target), supErrorBound: undefined };
    }
    default:
      return method satisfies never;
  }
}

const toUnit = (z: number, { from, to }: Interval): number => (2 * z - from - to) / (to - from);

const isSymmetric = ({ from, to }: Interval): boolean => from === -to;

/** T_k on the interval. */
const chebyshevAt = (k: number, t: number): number => Math.cos(k * Math.acos(Math.max(-1, Math.min(1, t))));

function minimax(target: Target, degree: number, interval: Interval): Fitted {
  const parity = isSymmetric(interval) ? target.restParity : 'none';
  const orders = Array.from({ length: degree + 1 }, (_, k) => k).filter(
    (k) => parity === 'none' || k % 2 === (parity === 'odd' ? 1 : 0),
  );
  const { constant, slope } = target.line;
  const rest = (z: number): number => target.at(z) - (parity === 'none' ? 0 : constant + slope * z);
  const basis = orders.map(
    (k) =>
      (z: number): number =>
        chebyshevAt(k, toUnit(z, interval)),
  );
  // Half the interval is enough where parity gives the other half; odd systems vanish at 0 and are Haar on (0, R].
  const where = parity === 'none' ? interval : { from: parity === 'odd' ? interval.to * 1e-3 : 0, to: interval.to };
  const { weights, lowerBound } = remez(rest, basis, where, startOf(parity, basis.length, where));
  const coefficients = new Array<number>(degree + 1).fill(0);
  orders.forEach((k, i) => {
    coefficients[k] = weights[i];
  });
  if (parity !== 'none') {
    coefficients[0] += constant;
    // slope·z = slope·half·T_1 on a symmetric interval.
    coefficients[1] += slope * interval.to;
  }
  return { polynomial: new Polynomial(interval, coefficients), supErrorBound: lowerBound };
}

/**
 * Where the exchange starts. A polynomial of one parity is one of half the degree in t², and its error's extrema lie as
 * Chebyshev's do there: dense at the outer end alone. Points that are dense at 0 as well make the first system nearly
 * singular at high degrees.
 */
function startOf(
  parity: 'odd' | 'even' | 'none',
  count: number,
  { from, to }: Interval,
): readonly number[] | undefined {
  if (parity === 'none') return undefined;
  const sine = (i: number): number => Math.sin((Math.PI / 2) * (parity === 'even' ? i / count : (i + 1) / (count + 1)));
  return Array.from({ length: count + 1 }, (_, i) => from + (to - from) * sine(i));
}

/** Coefficients that parity says are zero (or the line's) are made exactly so. */
function clean(polynomial: Polynomial, target: Target): Polynomial {
  if (!isSymmetric(polynomial.interval)) return polynomial;
  const wrong = target.restParity === 'odd' ? 0 : 1;
  const { constant, slope } = target.line;
  const coefficients = polynomial.coefficients.map((c, k) => {
    if (k % 2 !== wrong) return c;
    if (k === 0) return constant;
    return k === 1 ? slope * polynomial.interval.to : 0;
  });
  return new Polynomial(polynomial.interval, coefficients);
}

function legendreAt(order: number, t: number): number {
  let before = 1;
  let now = t;
  if (order === 0) return 1;
  for (let k = 1; k < order; k++) {
    const next = ((2 * k + 1) * t * now - k * before) / (k + 1);
    before = now;
    now = next;
  }
  return now;
}

/** Composite Gauss-Legendre, ten points a panel, with a panel border at 0, where relu has its kink. */
function integrate(f: (z: number) => number, { from, to }: Interval): number {
  const borders = from < 0 && to > 0 ? [from, 0, to] : [from, to];
  const panels = 64;
  let sum = 0;
  for (let piece = 0; piece + 1 < borders.length; piece++) {
    const width = (borders[piece + 1] - borders[piece]) / panels;
    for (let panel = 0; panel < panels; panel++) {
      const centre = borders[piece] + (panel + 0.5) * width;
      for (const [x, weight] of gauss10) {
        sum += ((weight * width) / 2) * (f(centre + (x * width) / 2) + f(centre - (x * width) / 2));
      }
    }
  }
  return sum;
}

/** Positive nodes and weights of the ten-point rule (Abramowitz and Stegun, table 25.4). */
const gauss10: readonly (readonly [number, number])[] = [
  [0.14887433898163122, 0.29552422471475287],
  [0.4333953941292472, 0.26926671930999635],
  [0.6794095682990244, 0.21908636251598204],
  [0.8650633666889845, 0.1494513491505806],
  [0.9739065285171717, 0.06667134430868814],
];
