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
import { allocateBlock, eachLimb, loadBlock, readBlock } from '../ring/blocks.ts';
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
  const { memory } = ring.engine;
  return memory.secretScope(() => {
    const constant = loadBlock(secret);
    // r_1, r_2, …, one block after another.
    const coefficients = memory.allocate((threshold - 1) * ring.blockBytes);
    for (let power = 1; power < threshold; power++) {
      const stream = new RandomStream(primitives, seed, 'shar', power);
      try {
        sampleUniformBlock(ring, stream, coefficients + (power - 1) * ring.blockBytes);
      } finally {
        stream.wipe();
      }
    }
    const value = allocateBlock(ring);
    const powers = memory.allocate(4 * (threshold - 1));
    return members.map((member) => {
      eachLimb(ring, (_, m, at) => {
        memory.u32(powers, threshold - 1).set(powersOf(member, threshold - 1, m));
        evaluateLimb(
          ring,
          m,
          { value: value + at, constant: constant + at, coefficients: coefficients + at, powers },
          threshold,
        );
      });
      return evaluationPolynomial(ring, readBlock(ring, value));
    });
  });
}

/** α, α², …, α^count mod q. */
function powersOf(member: number, count: number, { q }: Modulus): number[] {
  const powers: number[] = [];
  for (let power = member % q; powers.length < count; power = multiplyModulo(power, member, q)) powers.push(power);
  return powers;
}

/** Words worked on at once: the same words of many coefficients stay in cache. */
const CHUNK = 1024;

/** value ← constant·1 + Σ_l coefficient_l·α^l: the sum of scalar products that a basis conversion makes. */
function evaluateLimb(
  ring: Ring,
  m: Modulus,
  at: { readonly value: number; readonly constant: number; readonly coefficients: number; readonly powers: number },
  threshold: number,
): void {
  for (let start = 0; start < ring.degree; start += CHUNK) {
    const offset = 4 * start;
    ring.engine.residues.convertBasis(
      at.value + offset,
      at.coefficients + offset,
      ring.blockBytes,
      threshold - 1,
      at.powers,
      at.constant + offset,
      1,
      Math.min(CHUNK, ring.degree - start),
      m.q,
      m.wordResidue,
      m.wordResidueQuotient,
      m.reciprocal,
    );
  }
}
