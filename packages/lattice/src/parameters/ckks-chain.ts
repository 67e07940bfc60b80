// The primes of a CKKS parameter set, found the same way by everyone: base, levels, special primes for key switching.
//
// Base and special primes are the largest below 2^30 that no level uses (special ones first, so that one special prime covers a
// digit of one base limb). The primes of a level are those whose product lies nearest to Δ_ℓ² / 2^scaleBits, so that the next
// scale returns to 2^scaleBits: a single limb is the nearest unused prime, a double limb the best pair of one above and one below
// the square root. What drift this leaves is tested.

import { ParameterError } from '../errors.ts';
import { isPrime, PRIME_BOUND, primeNearest, primesBelow, SMALLEST_PRIME } from '../ring/primes.ts';
import { powerOfTwoScale, SCALE_FRACTION_BITS, type Scale, scaleAfterRescaling } from './scale.ts';

export interface ChainRequest {
  readonly degree: number;
  readonly baseLimbs: number;
  readonly levels: number;
  readonly scaleBits: number;
  readonly limbsPerLevel: 1 | 2;
  /** Digits wanted for key switching; 0: no key switching, no special primes. */
  readonly digits: number;
}

export interface Chain {
  readonly base: readonly number[];
  /** levels[ℓ − 1]: the primes that are divided out when level ℓ is left. */
  readonly levels: readonly (readonly number[])[];
  readonly special: readonly number[];
  /** scales[ℓ], 0 ≤ ℓ ≤ levels. */
  readonly scales: readonly Scale[];
  /** Limbs [start, end) of every digit, counted over base and levels. */
  readonly digits: readonly DigitRange[];
}

export interface DigitRange {
  readonly start: number;
  readonly end: number;
}

export function findChain(request: ChainRequest): Chain {
  const { levels, scales } = findLevels(request);
  const taken = new Set(levels.flat());
  const limbCount = request.baseLimbs + request.levels * request.limbsPerLevel;
  const digits = digitRanges(limbCount, request.digits);
  // More special primes until they cover the largest digit; they are few, so trying is simplest.
  for (let specials = digits.length === 0 ? 0 : 1; specials <= MOST_SPECIAL_PRIMES; specials++) {
    const largest = primesBelow(PRIME_BOUND, specials + request.baseLimbs, request.degree, taken);
    const special = Object.freeze(largest.slice(0, specials));
    const base = Object.freeze(largest.slice(specials));
    const limbs = [...base, ...levels.flat()];
    const cover = product(special);
    if (digits.every(({ start, end }) => product(limbs.slice(start, end)) <= cover)) {
      return Object.freeze({ base, levels, special, scales, digits });
    }
  }
  throw new ParameterError(`${request.digits} digits need more than ${MOST_SPECIAL_PRIMES} special primes`);
}

const MOST_SPECIAL_PRIMES = 64;

type FoundLevels = Pick<Chain, 'levels' | 'scales'>;

/** Levels do not depend on the digits, so whoever tries many digits finds them once. */
const foundLevels = new Map<string, FoundLevels>();
const MOST_KEPT = 64;

function findLevels(request: ChainRequest): FoundLevels {
  const { degree, levels, scaleBits, limbsPerLevel } = request;
  const name = `${degree} ${levels} ${scaleBits} ${limbsPerLevel}`;
  const found = foundLevels.get(name) ?? searchLevels(request);
  const [oldest] = foundLevels.keys();
  if (oldest !== undefined && foundLevels.size >= MOST_KEPT) foundLevels.delete(oldest);
  foundLevels.set(name, found);
  return found;
}

/** Top level first: every level's primes are chosen by the scale that arrives there. */
function searchLevels(request: ChainRequest): FoundLevels {
  const taken = new Set<number>();
  const levels: (readonly number[])[] = [];
  const scales = [powerOfTwoScale(request.scaleBits)];
  for (let level = request.levels; level >= 1; level--) {
    const scale = scales[0];
    const primes =
      request.limbsPerLevel === 1
        ? [primeNearest((scale.value * scale.value) / 2 ** request.scaleBits, request.degree, taken)]
        : bestPair(request, scale, taken);
    for (const q of primes) taken.add(q);
    levels.unshift(Object.freeze(primes));
    scales.unshift(scaleAfterRescaling(scale, product(primes)));
  }
  return { levels: Object.freeze(levels), scales: Object.freeze(scales) };
}

/** One prime above and one below √T whose product is nearest to T = Δ² / 2^scaleBits; the first found on a tie. */
function bestPair({ degree, scaleBits, levels }: ChainRequest, scale: Scale, taken: ReadonlySet<number>): number[] {
  const root = Math.sqrt((scale.value * scale.value) / 2 ** scaleBits);
  const window = 2 * levels + 8;
  const above = nearbyPrimes(root, 1, window, degree, taken);
  const below = nearbyPrimes(root, -1, window, degree, taken);
  // |p·p′·D − numerator²| with one common denominator D = 2^(scaleBits + 128), in exact integers.
  const shift = BigInt(scaleBits) + 2n * SCALE_FRACTION_BITS;
  const square = scale.numerator * scale.numerator;
  let best: { primes: number[]; distance: bigint } | undefined;
  for (const high of above) {
    for (const low of below) {
      const difference = ((BigInt(high) * BigInt(low)) << shift) - square;
      const distance = difference < 0n ? -difference : difference;
      if (best === undefined || distance < best.distance) best = { primes: [high, low], distance };
    }
  }
  if (best === undefined) throw new ParameterError(`no pair of primes ≡ 1 mod ${2 * degree} near 2^${scaleBits / 2}`);
  return best.primes;
}

/** The unused usable primes nearest to `start`, going up (direction 1) or down (−1). */
function nearbyPrimes(
  start: number,
  direction: 1 | -1,
  count: number,
  degree: number,
  taken: ReadonlySet<number>,
): number[] {
  const step = 2 * degree;
  const first = direction === 1 ? Math.ceil((start - 1) / step) : Math.ceil((start - 1) / step) - 1;
  const found: number[] = [];
  for (let q = first * step + 1; found.length < count && q > SMALLEST_PRIME && q < PRIME_BOUND; q += direction * step) {
    if (!taken.has(q) && isPrime(q)) found.push(q);
  }
  return found;
}

/** Consecutive limbs, ⌈limbs / digits⌉ to a digit; the last digit may be shorter, and there may be fewer than asked for. */
function digitRanges(limbCount: number, digits: number): readonly DigitRange[] {
  if (digits === 0) return Object.freeze([]);
  const size = Math.ceil(limbCount / digits);
  const ranges: DigitRange[] = [];
  for (let start = 0; start < limbCount; start += size) {
    ranges.push(Object.freeze({ start, end: Math.min(start + size, limbCount) }));
  }
  return Object.freeze(ranges);
}

export function product(primes: readonly number[]): bigint {
  return primes.reduce((result, q) => result * BigInt(q), 1n);
}
