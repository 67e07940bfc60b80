// Shamir's sharing over R_q (Shamir79; over ring keys MBH23, eprint 2022/780, §3): a secret s becomes the value at zero of a
// polynomial S(Y) = s + r_1·Y + … + r_(t−1)·Y^(t−1) with r_l uniform in R_q; member α holds S(α). Any t values give s back, t − 1
// are jointly uniform whatever s is.
//
// All of it is linear over every prime and every coefficient alike, so shares are kept in evaluation form like everything else.
// Members are small numbers: differences are invertible modulo every prime (roster.ts).

import { invertModulo, multiplyModulo } from '../arithmetic/modular.ts';
import type { LatticePrimitives } from '../lattice.ts';
import { sampleUniformBlock } from '../random/index.ts';
import { RandomStream } from '../random/random-stream.ts';
import { addBlock, allocateBlock, loadBlock, multiplyScalarBlock, readBlock } from '../ring/blocks.ts';
import { type Modulus, type Scalar, scalar } from '../ring/modulus.ts';
import { type EvaluationPolynomial, evaluationPolynomial } from '../ring/polynomial.ts';
import type { Ring } from '../ring/ring.ts';

/**
 * λ_i = Π_{j ≠ i} α_j / (α_j − α_i) mod q: Σ λ_i·S(α_i) = S(0) for every S of degree below the number of members.
 * The members are distinct, from `roster`.
 */
export function lagrangeAtZero(members: readonly number[], member: number, { q }: Modulus): number {
  let numerator = 1;
  let denominator = 1;
  for (const other of members) {
    if (other === member) continue;
    numerator = multiplyModulo(numerator, other, q);
    denominator = multiplyModulo(denominator, (other - member + q) % q, q);
  }
  return multiplyModulo(numerator, invertModulo(denominator, q), q);
}

/** λ_i for every prime of a ring. */
export function lagrangeScalars(members: readonly number[], member: number, ring: Ring): Scalar[] {
  return ring.moduli.map((m) => scalar(lagrangeAtZero(members, member, m), m));
}

export interface Deal {
  readonly primitives: LatticePrimitives;
  readonly secret: EvaluationPolynomial;
  readonly members: readonly number[];
  readonly threshold: number;
  /** 32 bytes, secret, never used again. */
  readonly seed: Uint8Array;
}

/** The values S(α) for all members, in their order. Secret; each for its member alone. */
export function dealShares({ primitives, secret, members, threshold, seed }: Deal): EvaluationPolynomial[] {
  const { ring } = secret;
  return ring.engine.memory.secretScope(() => {
    const constant = loadBlock(secret);
    // Highest power first, as Horner wants them.
    const coefficients: number[] = [];
    for (let power = threshold - 1; power >= 1; power--) {
      const at = allocateBlock(ring);
      const stream = new RandomStream(primitives, seed, 'shar', power);
      sampleUniformBlock(ring, stream, at);
      stream.wipe();
      coefficients.push(at);
    }
    const value = allocateBlock(ring);
    return members.map((member) => {
      const point = ring.moduli.map((m) => scalar(member, m));
      ring.engine.memory.u8(value, ring.blockBytes).fill(0);
      for (const coefficient of [...coefficients, constant]) {
        multiplyScalarBlock(ring, value, value, point);
        addBlock(ring, value, value, coefficient);
      }
      return evaluationPolynomial(ring, readBlock(ring, value));
    });
  });
}
