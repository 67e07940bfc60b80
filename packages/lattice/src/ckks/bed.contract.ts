// What tests of CKKS share: small insecure parameter sets with all keys, numbers, and an oracle that knows neither kernels nor the
// embedding: big-integer decryption and evaluation of the polynomial at every root.

import type { Engine } from '../engine/engine.ts';
import type { RelinearisationKey } from '../keys/evaluation-key.ts';
import { reproducibleLattice } from '../keys/node-lattice.contract.ts';
import type { PublicKey } from '../keys/public-key.ts';
import { restrict } from '../keys/restrict.ts';
import type { SecretKey } from '../keys/secret-key.ts';
import { type CkksLiteral, type CkksParameters, insecureCkksParameters } from '../parameters/ckks-parameters.ts';
import { add, multiply, toCoefficients, toIntegers } from '../ring/operations.ts';
import type { EvaluationPolynomial } from '../ring/polynomial.ts';
import type { CiphertextKind, CiphertextOf, TensorProduct } from './ciphertext.ts';
import { type CkksContext, ckksContext } from './context.ts';
import { type Numbers, numbers } from './encoding-naive.contract.ts';
import { publicKey, relinearisationKey, secretKey } from './keys.ts';

/** Two limbs a level, three digits. */
export const DOUBLE: CkksLiteral = { degree: 64, levels: 3, scaleBits: 55, limbsPerLevel: 2, digits: 3 };
/** One limb a level, on a base of two. */
export const SINGLE: CkksLiteral = { degree: 64, levels: 4, scaleBits: 28, limbsPerLevel: 1, baseLimbs: 2, digits: 2 };

export interface Bed {
  readonly context: CkksContext;
  readonly secret: SecretKey;
  readonly public: PublicKey;
  readonly relinearisation: RelinearisationKey;
  /** The deviation of a slot of a fresh ciphertext: what tolerances are stated in. */
  numbers(seed: number, magnitude?: number): Numbers;
}

export async function bed(from: CkksLiteral | CkksParameters, seed: number, engine?: Engine): Promise<Bed> {
  const lattice = await reproducibleLattice(seed, engine);
  const context = ckksContext(lattice, 'kind' in from ? from : insecureCkksParameters(from));
  const secret = secretKey(context);
  return {
    context,
    secret,
    public: publicKey(context, secret),
    relinearisation: relinearisationKey(context, secret),
    // |re + i·im| ≤ magnitude.
    numbers: (s, magnitude = 1) => numbers(context.parameters.slots, magnitude / Math.SQRT2, s),
  };
}

/** (c0 + c1·s + c2·s²) as integers: content times scale, plus noise. */
export function openedIntegers(
  secret: SecretKey,
  ciphertext: CiphertextOf<CiphertextKind> | TensorProduct,
): readonly bigint[] {
  const s = restrict(secret.reveal(), ciphertext.c0.ring);
  let sum: EvaluationPolynomial = add(ciphertext.c0, multiply(ciphertext.c1, s));
  if (ciphertext.kind === 'tensor') sum = add(sum, multiply(ciphertext.c2, multiply(s, s)));
  return toIntegers(toCoefficients(sum));
}

/** m(ζ^(5^j))/scale for every slot, by the definition of the embedding, one root after another. */
export function slotsOf(coefficients: readonly bigint[], scale: number): Numbers {
  const degree = coefficients.length;
  const values = coefficients.map((c) => Number(c) / scale);
  const real = new Float64Array(degree / 2);
  const imaginary = new Float64Array(degree / 2);
  let exponent = 1;
  for (let j = 0; j < degree / 2; j++) {
    for (let k = 0; k < degree; k++) {
      const angle = (Math.PI * ((exponent * k) % (2 * degree))) / degree;
      real[j] += values[k] * Math.cos(angle);
      imaginary[j] += values[k] * Math.sin(angle);
    }
    exponent = (exponent * 5) % (2 * degree);
  }
  return { real, imaginary };
}

/** What is in a ciphertext, by the oracle. */
export function contentOf(secret: SecretKey, ciphertext: CiphertextOf<CiphertextKind> | TensorProduct): Numbers {
  const { value } = ciphertext.context.level(ciphertext.level).scale;
  const scale = ciphertext.kind === 'ciphertext' ? value : value * value;
  return slotsOf(openedIntegers(secret, ciphertext), scale);
}

/** Root mean square of the differences of both parts. */
export function deviation(a: Numbers, b: Numbers): number {
  let sum = 0;
  for (let i = 0; i < a.real.length; i++) sum += (a.real[i] - b.real[i]) ** 2 + (a.imaginary[i] - b.imaginary[i]) ** 2;
  return Math.sqrt(sum / (2 * a.real.length));
}

/** Slot by slot with complex numbers, for expected values. */
export function slotwise(
  work: (a: readonly [number, number], b: readonly [number, number]) => readonly [number, number],
): (a: Numbers, b: Numbers) => Numbers {
  return (a, b) => {
    const pairs = Array.from(a.real, (re, i) => work([re, a.imaginary[i]], [b.real[i], b.imaginary[i]]));
    return { real: Float64Array.from(pairs, ([re]) => re), imaginary: Float64Array.from(pairs, ([, im]) => im) };
  };
}

export const plusNumbers = slotwise(([a, b], [c, d]) => [a + c, b + d]);
export const minusNumbers = slotwise(([a, b], [c, d]) => [a - c, b - d]);
export const timesNumbers = slotwise(([a, b], [c, d]) => [a * c - b * d, a * d + b * c]);
export const timesReal = (a: Numbers, factor: number): Numbers => slotwise(([x, y]) => [x * factor, y * factor])(a, a);

/** The numbers turned left by `steps` within a period. */
export function turned({ real, imaginary }: Numbers, steps: number): Numbers {
  const n = real.length;
  const at = (values: Float64Array): Float64Array => values.map((_, j) => values[(((j + steps) % n) + n) % n]);
  return { real: at(real), imaginary: at(imaginary) };
}
