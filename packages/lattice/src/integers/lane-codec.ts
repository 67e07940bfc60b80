// Lanes of integers ↔ residues of one coefficient polynomial, both ways in the engine's memory.
//
// A coefficient stands for the integer M = Σ_l x_l·2^(w·l), T = 2^(w·lanes). It enters R_q as scale·M: with scale = T^-1 mod q the
// message fills the top of the modulus as in BFV and noise stays small beside it (that element is (q·M′ + M)/T for M′ = −q^-1·M
// mod T, the integer next to q·M′/T: BFV's own encoding after a relabelling of Z_T by a unit, without the error that ⌊q/T⌋·M
// drags along); with scale = 1 the message is at the bottom and noise comes in multiples of T. Either way scale^-1·(scale·M + noise) =
// M + T·(small) modulo q, whose centred representative modulo T is M. Reconstruction and reduction happen in one kernel:
// x = Σ_t y_t·(q/q_t) − v·q modulo T, y_t = x_t·(q/q_t)^-1 mod q_t (ring/basis-conversion.ts), with q/q_t and q cut to digits.

import { invertModulo, shoupQuotient } from '../arithmetic/modular.ts';
import { eachLimb } from '../ring/blocks.ts';
import { type Modulus, type Scalar, scalar } from '../ring/modulus.ts';
import { modulusOf, type Ring } from '../ring/ring.ts';
import { NoiseAboveBound } from './noise-above-bound.ts';

export interface LaneShape {
  readonly lanes: number;
  /** w; 0 when a coefficient holds one value modulo `modulus`, not a power of two. */
  readonly laneBits: number;
  readonly modulus: number;
  readonly signed: boolean;
  /** The largest magnitude of a word that is packed. */
  readonly largest: number;
  /** The factor of the message in R_q, a unit. */
  readonly scale: bigint;
  /** Factors of further words packed after the lanes (an error, for one). */
  readonly extraWeights?: readonly bigint[];
}

export interface LaneCodec {
  readonly ring: Ring;
  readonly shape: LaneShape;
  /** Words packed into a coefficient: the lanes and the extra ones. */
  readonly words: number;
  /** Added to every word, so that the kernel sees natural numbers; and how many lanes it sums before it reduces. */
  readonly bias: number;
  readonly group: number;
  /** One per prime: engine table of weights, and what takes the bias out again. */
  readonly packing: readonly { readonly weights: number; readonly constant: number }[];
  /** One per prime: scale^-1·(q/q_t)^-1. */
  readonly premultipliers: readonly Scalar[];
  /** Engine table: ⌊2^56 / q_t⌋. */
  readonly reciprocals: number;
  /** Widths of a lane's digits, and the engine table of q/q_t and −q cut to such digits (kernels/integers.ts unpackLanes). */
  readonly lowBits: number;
  readonly highBits: number;
  readonly digits: number;
  /** In place of digits when laneBits is 0: q/q_t and −q modulo the plaintext modulus. */
  readonly residues: { readonly weights: number; readonly overflowWeight: number };
}

const LARGEST_DIGIT_BITS = 28;

/** Tables for these lanes over this ring; outside any scope, once per ring and shape. */
export function laneCodec(ring: Ring, shape: LaneShape): LaneCodec {
  const { memory } = ring.engine;
  const table = (values: readonly number[]): number => {
    const address = memory.allocateTable(4 * Math.max(values.length, 1));
    memory.u32(address, values.length).set(values);
    return address;
  };
  const { lanes, laneBits, signed, scale, extraWeights = [] } = shape;
  const q = modulusOf(ring);
  const weights = [
    ...Array.from({ length: lanes }, (_, lane) => (scale << BigInt(laneBits * lane)) % q),
    ...extraWeights.map((weight) => ((weight % q) + q) % q),
  ];
  // Negative words get a bias above their magnitude; unsigned lanes alone need none.
  const bias = signed || extraWeights.length > 0 ? 2 ** Math.ceil(Math.log2(shape.largest + 1)) : 0;
  const cofactors = ring.moduli.map((m) => q / BigInt(m.q));
  const scaleInverse = (m: Modulus): number =>
    invertModulo(Number(((scale % BigInt(m.q)) + BigInt(m.q)) % BigInt(m.q)), m.q);
  const lowBits = laneBits > LARGEST_DIGIT_BITS ? Math.floor(laneBits / 2) : 0;
  const widths = lowBits === 0 ? [laneBits] : [lowBits, laneBits - lowBits];
  const modulus = BigInt(shape.modulus);
  return Object.freeze({
    ring,
    shape,
    words: weights.length,
    bias,
    group: Number((2n ** 64n - 2n ** 30n) / (2n ** 30n * BigInt(shape.largest + 1 + bias))),
    packing: ring.moduli.map((m) => {
      const reduced = weights.map((weight) => Number(weight % BigInt(m.q)));
      const sum = reduced.reduce((total, weight) => total + BigInt(weight), 0n);
      return { weights: table(reduced), constant: scalar(-BigInt(bias) * sum, m).value };
    }),
    premultipliers: ring.moduli.map((m, t) => {
      const cofactor = invertModulo(Number(cofactors[t] % BigInt(m.q)), m.q);
      return scalar(BigInt(scaleInverse(m)) * BigInt(cofactor), m);
    }),
    reciprocals: table(ring.moduli.map((m) => m.overflowReciprocal)),
    lowBits,
    highBits: laneBits - lowBits,
    digits: table(laneBits === 0 ? [] : digitTable([...cofactors, -q], widths, lanes)),
    residues: {
      weights: table(laneBits === 0 ? cofactors.map((c) => Number(c % modulus)) : []),
      overflowWeight: laneBits === 0 ? Number(modulus - (q % modulus)) % shape.modulus : 0,
    },
  });
}

/** For every digit of every lane, lowest first: that digit of each number modulo 2^(all digits). */
function digitTable(numbers: readonly bigint[], widths: readonly number[], lanes: number): number[] {
  const cut: number[] = [];
  let position = 0;
  for (let lane = 0; lane < lanes; lane++) {
    for (const width of widths) {
      // A negative number's shifted digits are those of its two's complement.
      for (const x of numbers) cut.push(Number(BigInt.asUintN(width, x >> BigInt(position))));
      position += width;
    }
  }
  return cut;
}

/** Writes the residues of the packed words (codec.words planes of N 32-bit words at `lanes`) at `out`, in coefficient form. */
export function packBlock(codec: LaneCodec, out: number, lanes: number): void {
  const { ring, words, bias, group } = codec;
  eachLimb(ring, (limb, m, offset) => {
    const { weights, constant } = codec.packing[limb];
    ring.engine.integers.packLanes(
      out + offset,
      lanes,
      ring.limbBytes,
      words,
      weights,
      bias,
      constant,
      group,
      ring.degree,
      m.q,
      m.wordResidue,
      m.wordResidueQuotient,
      m.reciprocal,
    );
  });
}

/**
 * Decodes a block in coefficient form (overwritten) to doubles at `out`: lanes·N, plane after plane. Inside a scope.
 *
 * With d a coefficient's distance from 0 after the multiplication by T, in parts of q: d ≤ noiseFraction (at most 7/16) is always
 * decoded, d > noiseFraction + (2.5·primes + 1)·2^-24 always refused (62 primes: 2^-16.7 more), what lies between may be either.
 * Whatever is decoded is exact, because d < 1/2. The resolution is absolute: where the modulus has far more room than the noise
 * needs, noise of up to some 2^-20·q passes, so this tells alterations and wrong keys, which spread over all of R_q, but not an
 * encryptor's oversized noise; where that would leak (shared keys), shared-keys/residual.ts looks at every bit.
 */
export function unpackBlock(codec: LaneCodec, out: number, block: number, noiseFraction: number, what: string): void {
  const { ring, shape } = codec;
  const { memory, residues, integers } = ring.engine;
  const n = ring.degree;
  const terms = ring.moduli.length;
  eachLimb(ring, (limb, { q }, offset) => {
    const { value, quotient } = codec.premultipliers[limb];
    residues.multiplyScalarResidues(block + offset, block + offset, n, q, value, quotient);
  });
  // Each of the kernel's terms may fall short by 1.25 units of 2^-24.
  const allowed = Math.ceil(noiseFraction * 2 ** 24 + 1.25 * terms);
  if (integers.largestResidual(block, ring.limbBytes, terms, codec.reciprocals, n) > allowed) {
    throw new NoiseAboveBound(what);
  }
  const counts = memory.allocate(ring.limbBytes);
  residues.basisOverflow(counts, block, ring.limbBytes, terms, codec.reciprocals, n);
  if (shape.laneBits === 0) {
    unpackModular(codec, out, block, counts);
    return;
  }
  integers.unpackLanes(
    out,
    block,
    ring.limbBytes,
    terms,
    counts,
    codec.digits,
    shape.lanes,
    codec.lowBits,
    codec.highBits,
    shape.signed ? 1 : 0,
    n,
  );
}

/** One value per coefficient modulo a number below 2^30 that is no power of two, even ones among them: a basis conversion to it. */
function unpackModular({ ring, shape, residues: tables }: LaneCodec, out: number, block: number, counts: number): void {
  const { memory, residues } = ring.engine;
  const n = ring.degree;
  const t = shape.modulus;
  const wordResidue = 2 ** 32 % t;
  const reduced = memory.allocate(ring.limbBytes);
  residues.convertBasis(
    reduced,
    block,
    ring.limbBytes,
    ring.moduli.length,
    tables.weights,
    counts,
    tables.overflowWeight,
    n,
    t,
    wordResidue,
    shoupQuotient(wordResidue, t),
    Math.floor(2 ** 32 / t),
  );
  const values = memory.f64(out, n);
  const natural = memory.u32(reduced, n);
  const bound = shape.signed ? t / 2 : t;
  for (let i = 0; i < n; i++) values[i] = natural[i] - t * Number(natural[i] >= bound);
}
