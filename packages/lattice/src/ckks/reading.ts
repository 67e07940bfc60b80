// Which primes a decryption is read from, and whether what is read is what the ciphertext declares.
//
// Content and noise are far smaller than the modulus of a high level, so the first primes that surely hold them are read, and one spare
// prime says whether they did: content beyond its declaration would wrap around modulo the primes read and look like any other. Under
// the declaration every coefficient of Δ·m + e is at most Δ·magnitude + TAIL·σ (a coefficient is an average over the roots), and every
// slot at most magnitude + SLOT_TAIL·σ. Coefficients opened with a foreign key are uniform: each passes with probability 2·bound/q.
//
// Refused: content that may not fit its level, before anything is decrypted; and ContentAboveDeclared afterwards, nothing decoded. A refusal
// tells what a decryption tells: it stays with the key's owner. Behind flooding (release.ts) it depends on the flooded result alone.

import { ParameterError } from '../errors.ts';
import { type BasisConversion, basisConversion, convertLimb, countOverflow } from '../ring/basis-conversion.ts';
import { eachLimb } from '../ring/blocks.ts';
import { firstPrimes, modulusBits, type Ring, subring } from '../ring/ring.ts';
import { type CiphertextKind, type CiphertextOf, scaleOf, TAIL } from './ciphertext.ts';
import { coefficientStddev } from './estimate.ts';

/** What was decrypted is not what the ciphertext declares. The numbers are not told, for they depend on the key. */
export class ContentAboveDeclared extends Error {
  override readonly name = 'ContentAboveDeclared';
  readonly code = 'E_CONTENT';

  constructor() {
    super(
      'the content is larger than the ciphertext declares: another key made it, it was altered, or a declared magnitude was wrong',
    );
  }
}

export interface Reading {
  /** The primes that numbers are decoded from. */
  readonly ring: Ring;
  /** Those and, where there is one, a spare prime: what is decrypted. */
  readonly opened: Ring;
  /** From `ring` to the spare prime; to its first prime, unused, where there is none. */
  readonly conversion: BasisConversion;
  /** What no coefficient exceeds. */
  readonly boundLog2: number;
  /** What no slot's real or imaginary part exceeds. */
  readonly slotBound: number;
}

/** Room beyond the declared content that the primes read must leave. */
const MARGIN_BITS = 3;
/** The same of slots, whose errors are products and sums of products: their tails fall like exp(−x/σ), not like exp(−x²/2σ²). */
export const SLOT_TAIL: number = 128;
/** For the roundings of bounds and doubles. */
const SLACK = 1 + 2 ** -20;

/**
 * How to read this ciphertext when `extra` (flooding; a bound on coefficients, and its deviation in a slot) is added to it. Builds
 * tables: outside scopes only.
 */
export function readingOf(
  ciphertext: CiphertextOf<CiphertextKind>,
  extra: { readonly bound: number; readonly slotStddev: number } = { bound: 0, slotStddev: 0 },
): Reading {
  const { context, level, estimate } = ciphertext;
  const { degree } = context.parameters;
  const scale = scaleOf(ciphertext);
  const noise = TAIL * coefficientStddev(estimate, degree, scale) + extra.bound;
  const boundLog2 = Math.log2((estimate.magnitude * scale + noise) * SLACK);
  const slotBound = estimate.magnitude * SLACK + SLOT_TAIL * Math.hypot(estimate.errorStddev, extra.slotStddev);
  const ring = fewestPrimes(ciphertext, boundLog2 + 1);
  return { ...spareOf(ring, context.level(level).ring), ring, boundLog2, slotBound };
}

type Spare = Pick<Reading, 'opened' | 'conversion'>;
const spares = new WeakMap<Ring, WeakMap<Ring, Spare>>();

/** The prime of `whole` behind those of `ring`, if there is one. */
function spareOf(ring: Ring, whole: Ring): Spare {
  const known = spares.get(ring) ?? new WeakMap<Ring, Spare>();
  spares.set(ring, known);
  const found = known.get(whole);
  if (found !== undefined) return found;
  const used = ring.moduli.length;
  const opened = used < whole.moduli.length ? firstPrimes(whole, used + 1) : ring;
  const made = { opened, conversion: basisConversion(ring, subring(opened, [opened === ring ? 0 : used])) };
  known.set(whole, made);
  return made;
}

function fewestPrimes({ context, level, estimate }: CiphertextOf<CiphertextKind>, needed: number): Ring {
  for (let l = 0; l <= level; l++) {
    const { ring } = context.level(l);
    const bits = modulusBits(ring);
    if (needed + MARGIN_BITS <= bits || (l === level && needed <= bits)) return ring;
  }
  throw new ParameterError(
    `content of magnitude ${estimate.magnitude.toPrecision(3)} may wrap around at level ${level}: ` +
      `${needed.toFixed(1)} bits are needed; declare a smaller magnitude if the circuit has one`,
  );
}

/** Refuses a block over reading.opened, in coefficient form, that holds more than was declared; leaves it as it is. Inside a scope. */
export function requireDeclared({ ring, opened, conversion, boundLog2 }: Reading, address: number): void {
  const { memory, residues, integers } = ring.engine;
  const n = ring.degree;
  const terms = ring.moduli.length;
  memory.secretScope(() => {
    const y = memory.allocate(ring.blockBytes);
    eachLimb(ring, (limb, { q }, at) => {
      const { value, quotient } = conversion.premultipliers[limb];
      residues.multiplyScalarResidues(y + at, address + at, n, q, value, quotient);
    });
    // In parts of the modulus, to a resolution of 2^-24; each of the kernel's terms may fall short by 1.25 units.
    const allowed = Math.ceil(2 ** (boundLog2 - modulusBits(ring) + 24) + 1.25 * terms);
    if (integers.largestResidual(y, ring.limbBytes, terms, conversion.reciprocals, n) > allowed) {
      throw new ContentAboveDeclared();
    }
    if (opened === ring) return;
    const overflow = memory.allocate(ring.limbBytes);
    const expected = memory.allocate(ring.limbBytes);
    countOverflow(conversion, overflow, y);
    convertLimb(conversion, 0, expected, y, overflow);
    const { q } = opened.moduli[terms];
    residues.subtractResidues(expected, expected, address + terms * ring.limbBytes, n, q);
    if (integers.wordsWithin(expected, n, 0, 0) !== 1) throw new ContentAboveDeclared();
  });
}

/** Refuses numbers beyond the declared magnitude and any error. Looks at all of them, whatever it finds. */
export function requireSlots({ slotBound }: Reading, values: Float64Array): void {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]));
  if (!(largest <= slotBound)) throw new ContentAboveDeclared();
}
