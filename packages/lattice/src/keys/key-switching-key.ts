// Key switching: a key that turns c·s′ (s′ some other secret) into an encryption under s, digit by digit.
//
// Hybrid (Han, Ki, CT-RSA 2020, §3.2): the data primes are cut into digits Q_i of consecutive limbs, and P is
// the product of the special primes. Digit i of the key is (b_i, a_i) with  b_i = −a_i·s + e_i + P·g_i·s′  modulo Q·P, where
// g_i = 1 modulo the primes of digit i and 0 modulo all other data primes (so P·g_i is P there and 0 elsewhere, special
// primes included). Then Σ_i [c]_(Q_i)·(b_i + a_i·s) ≈ P·c·s′, and dividing by P leaves c·s′ with the errors e_i divided as well.
// Because g_i is defined limb by limb, the same key serves every level.

import { ParameterError } from '../errors.ts';
import type { Lattice } from '../lattice.ts';
import type { DigitRange } from '../parameters/ckks-chain.ts';
import { CENTRED_BINOMIAL_21, type Distribution } from '../parameters/distributions.ts';
import { freshSeed } from '../random/index.ts';
import { allocateBlock, readBlock, writeBlock } from '../ring/blocks.ts';
import { type Scalar, scalar } from '../ring/modulus.ts';
import { type EvaluationPolynomial, evaluationPolynomial } from '../ring/polynomial.ts';
import type { Ring } from '../ring/ring.ts';
import { encryptZeroSymmetric } from './encrypt-zero.ts';
import { withNoiseKey } from './noise-key.ts';
import type { KeyNoise } from './public-key.ts';
import { requireSameRing } from './restrict.ts';
import { SecretKey } from './secret-key.ts';

/** Which limbs of `ring` are what: digits cover the data limbs in order, the special primes come after them. */
export interface KeySwitchingLayout {
  readonly ring: Ring;
  readonly digits: readonly DigitRange[];
}

export interface KeySwitchingKey {
  readonly layout: KeySwitchingLayout;
  /** Over all primes, in evaluation form. */
  readonly digits: readonly { readonly b: EvaluationPolynomial; readonly a: EvaluationPolynomial }[];
  /** Expands to the a_i (expandUniform, index i); absent where they came otherwise (collective keys). */
  readonly seed?: Uint8Array;
}

/** P modulo every prime of a digit: what the error-free part of a key is multiplied by. */
export function gadgetFactors({ ring, digits }: KeySwitchingLayout, digit: DigitRange): readonly Scalar[] {
  const dataLimbs = digits[digits.length - 1].end;
  const p = ring.moduli.slice(dataLimbs).reduce((product, { q }) => product * BigInt(q), 1n);
  return ring.moduli.slice(digit.start, digit.end).map((m) => scalar(p, m));
}

/**
 * The key that takes ciphertext parts for `from` to the secret `to`; both over all primes of the layout. `seed` is public,
 * noise.seed secret; both fresh by default.
 */
export function generateKeySwitchingKey(
  lattice: Lattice,
  layout: KeySwitchingLayout,
  from: EvaluationPolynomial,
  to: EvaluationPolynomial,
  seed: Uint8Array = freshSeed(lattice.primitives),
  noise: KeyNoise = {},
): KeySwitchingKey {
  const { ring } = layout;
  if (layout.digits.length === 0) throw new ParameterError('this parameter set has no digits: it cannot switch keys');
  for (const p of [from, to]) requireSameRing(p.ring, ring);
  const error: Distribution = noise.error ?? CENTRED_BINOMIAL_21;
  const digitEnds = layout.digits.map(({ end }) => end);
  const of = { kind: 'key switching', ring, digitEnds, error, publicSeed: seed, secrets: [from, to] } as const;
  // `to` stays the caller's.
  const secret = new SecretKey(to);
  try {
    const digits = withNoiseKey(lattice, of, noise.seed, (noiseKey) =>
      layout.digits.map((range, i) => {
        const factors = gadgetFactors(layout, range);
        return ring.engine.memory.secretScope(() => {
          const b = allocateBlock(ring);
          const a = allocateBlock(ring);
          encryptZeroSymmetric(lattice, secret, ring, error, seed, i, noiseKey, b, undefined, a);
          addGadget(ring, b, from, range, factors);
          return Object.freeze({
            b: evaluationPolynomial(ring, readBlock(ring, b)),
            a: evaluationPolynomial(ring, readBlock(ring, a)),
          });
        });
      }),
    );
    return Object.freeze({ layout, digits: Object.freeze(digits), seed: seed.slice() });
  } finally {
    secret.wipeLifted();
  }
}

/** b ← b + P·g_i·s′: touches the limbs of the digit only. Inside a secret scope. */
export function addGadget(
  ring: Ring,
  b: number,
  from: EvaluationPolynomial,
  { start, end }: DigitRange,
  factors: readonly Scalar[],
): void {
  const source = allocateBlock(ring);
  writeBlock(source, from);
  for (let limb = start; limb < end; limb++) {
    const at = limb * ring.limbBytes;
    const { value, quotient } = factors[limb - start];
    const { q } = ring.moduli[limb];
    ring.engine.residues.multiplyScalarAddResidues(b + at, source + at, ring.degree, q, value, quotient);
  }
}
