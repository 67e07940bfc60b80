// Collective refresh: t members turn a ciphertext with few primes left into one of the same numbers with many, in one message each, and
// nobody sees the numbers (MTBH21, eprint 2020/304, §4.5; as POSEIDON, NDSS 2021, bootstraps). With A the active set, λ_i Lagrange's
// coefficient, a fresh uniform a that everybody hashes from what is answered, r the ratio of the scales of the two levels:
//
//   h0_i = λ_i·S(α_i)·c1 + M_i + masks      over the primes that are left,   M_i uniform in [0, 2^k) in every coefficient
//   h1_i = −λ_i·S(α_i)·a − ⌊r·M_i⌉ + e_i + masks      over the primes of the target level
//
//   S = c0 + Σ h0_i = Δ·m + v + Σ M_i    as integers, and     (⌊r·S⌉ + Σ h1_i, a) encrypts m at the target's scale.
//
// WHAT IT HIDES. The combiner sees S. Every honest M_i lies over Δ·m + v, of which no coefficient exceeds B: S depends on it with a distance
// of at most B/2^k a coefficient, 2^−s over all coefficients of all refreshes (k = log2(B·N·R) + s). So neither the numbers nor the
// noise v, which tells the key, is seen: no flooding beside it. h1_i is hidden by its own error e_i. The masks that cancel hide everything
// but the two sums (pair-masks.ts).
//
// One answer for a ciphertext ever, as for an opening (decryption-ledger.ts). Semi-honest members: a wrong answer gives a wrong ciphertext,
// which is found where S leaves its range, and nowhere else. Semi-honest machine, too: WHO ASKS for a refresh of a ciphertext that no circuit
// gave reads the key from the answers (refreshing.attack.test.ts does), as whoever asks for openings does (partial-decryption.ts).
//
// The noise of the result is v and n fresh errors. BigInt here multiplies numbers of one size; what it does beyond is not ours to say.

import { type Ciphertext, requireKind, scaleOf, TAIL } from '../ckks/ciphertext.ts';
import type { CkksContext } from '../ckks/context.ts';
import { coefficientStddev, freshSymmetric, withError } from '../ckks/estimate.ts';
import { ParameterError, ProtocolViolation } from '../errors.ts';
import { restrict } from '../keys/restrict.ts';
import { expandUniform, RandomStream, sampleSmall } from '../random/index.ts';
import { withFreshSeed } from '../random/seed.ts';
import {
  addBlock,
  allocateBlock,
  forwardBlock,
  loadBlock,
  multiplyAddBlock,
  multiplyScalarBlock,
  readBlock,
  signedToBlock,
  subtractBlock,
} from '../ring/blocks.ts';
import { toCoefficients, toIntegers } from '../ring/operations.ts';
import { type EvaluationPolynomial, evaluationPolynomial } from '../ring/polynomial.ts';
import type { Ring } from '../ring/ring.ts';
import { answerContext, ciphertextName, requireCiphertext } from './ciphertext.ts';
import type { DecryptionLedger, DecryptionToken } from './decryption-ledger.ts';
import type { KeyEpoch } from './epoch.ts';
import type { KeyShare } from './key-share.ts';
import { onePerMember, requireReduced } from './messages.ts';
import { addMasks } from './pair-masks.ts';
import { requireContext, useToken } from './partial-decryption.ts';
import type { RefreshRule } from './refresh-rule.ts';
import { type ActiveSet, requireActiveSet } from './roster.ts';
import { lagrangeScalars } from './shamir.ts';
import { sumOf } from './sum-of-polynomials.ts';
import { digest, numbers } from './transcript.ts';
import { put, writeWide } from './wide-integers.ts';

/**
 * One member's right to answer for a refresh. Refuses a ciphertext whose content and noise may exceed what the masks cover, one with too few
 * primes, one answered for before. `noiseStddev` as in CkksRequest: required where the estimate is a claim.
 */
export function authoriseCkksRefresh(
  ledger: DecryptionLedger,
  epoch: KeyEpoch,
  rule: RefreshRule,
  ciphertext: Ciphertext,
  activeSet: ActiveSet,
  { noiseStddev }: { readonly noiseStddev?: number } = {},
): DecryptionToken {
  requireRule(epoch, rule, ciphertext, activeSet);
  if (noiseStddev === undefined && ciphertext.estimate.claimed) {
    throw new ParameterError(
      "this ciphertext's noise estimate is its sender's claim: state noiseStddev, your own bound for what was computed",
    );
  }
  const scale = scaleOf(ciphertext);
  const own = noiseStddev ?? coefficientStddev(ciphertext.estimate, epoch.parameters.scheme.degree, scale);
  const bits = Math.log2(
    ciphertext.estimate.magnitude * scale + TAIL * own * epoch.parameters.opening.collectiveFactor,
  );
  // Negated, so that a noise that is no number is refused as well.
  if (!(bits <= rule.contentBits)) {
    throw new ParameterError(
      `content and noise of up to 2^${bits.toFixed(1)} exceed the 2^${rule.contentBits} that the masks are made for`,
    );
  }
  return ledger.authoriseRefresh(epoch, ciphertext, activeSet, rule.refreshes);
}

function requireRule({ parameters }: KeyEpoch, rule: RefreshRule, ciphertext: Ciphertext, activeSet: ActiveSet): void {
  requireKind(ciphertext, 'ciphertext');
  if (
    rule.ckks.description !== parameters.scheme.description ||
    ciphertext.context.parameters.description !== rule.ckks.description
  ) {
    throw new ParameterError('the ciphertext, the key and the rule of refreshing belong to different CKKS parameters');
  }
  if (activeSet.members.length > rule.answers) {
    throw new ParameterError(`${activeSet.members.length} members answer, the rule is made for ${rule.answers}`);
  }
  if (ciphertext.level < rule.operandLevel) {
    throw new ParameterError(`a refresh takes level ${rule.operandLevel}, the ciphertext is at ${ciphertext.level}`);
  }
}

/** One member's message. For the combiner; of no use without the other t − 1. */
export interface RefreshAnswer {
  readonly kind: 'refresh answer';
  readonly run: Uint8Array;
  readonly from: number;
  /** Names ciphertext, active set, target level and rule together. */
  readonly context: Uint8Array;
  /** Over the primes of the ciphertext. */
  readonly h0: EvaluationPolynomial;
  /** Over the primes of the target level. */
  readonly h1: EvaluationPolynomial;
}

export interface RefreshTarget {
  readonly rule: RefreshRule;
  readonly context: CkksContext;
  /** The ciphertext's level, and the one it is to have. */
  readonly from: number;
  readonly to: number;
}

/** Answers, once: the token is consumed. Its record must be in durable storage by now. */
export function refreshAnswer(share: KeyShare, token: DecryptionToken, target: RefreshTarget): RefreshAnswer {
  const { c1 } = token.ciphertext;
  const { rule, context: ckks } = target;
  requireLevels(target, c1.ring);
  const { epoch, context: answered } = useToken(share, token, 'refresh');
  const context = refreshContext(epoch, answered, target);
  const { members } = token.activeSet;
  const high = ckks.level(target.to).ring;
  const { primitives } = epoch.lattice;
  const a = commonPolynomial(epoch, context, high);
  const [h0, h1] = withFreshSeed(primitives, (seed) => {
    const masks = drawMasks(epoch, seed, rule.maskBits);
    try {
      const low = half(share, members, c1, seed, masks, { context, part: 0 });
      scaleMasks(masks, ratioOf(target));
      return [low, half(share, members, a, seed, masks, { context, part: 1 })];
    } finally {
      masks.fill(0n);
    }
  });
  return Object.freeze({ kind: 'refresh answer', run: epoch.run, from: share.member, context, h0, h1 });
}

/** Part 0: λ·S·c1 + M + masks. Part 1: −λ·S·a − M + e + masks. */
function half(
  share: KeyShare,
  members: readonly number[],
  polynomial: EvaluationPolynomial,
  seed: Uint8Array,
  masks: BigUint64Array,
  { context, part }: { readonly context: Uint8Array; readonly part: 0 | 1 },
): EvaluationPolynomial {
  const { ring } = polynomial;
  const { epoch } = share;
  return ring.engine.memory.secretScope(() => {
    const out = allocateBlock(ring);
    writeWide(ring, masks, out);
    if (part === 1) {
      const error = allocateBlock(ring);
      drawError(epoch, ring, seed, error);
      subtractBlock(ring, out, out, error);
    }
    forwardBlock(ring, out);
    const key = loadBlock(restrict(share.reveal(), ring));
    multiplyScalarBlock(ring, key, key, lagrangeScalars(members, share.member, ring));
    multiplyAddBlock(ring, out, key, loadBlock(polynomial));
    if (part === 1) {
      const zero = allocateBlock(ring);
      ring.engine.memory.u32(zero, ring.degree * ring.moduli.length).fill(0);
      subtractBlock(ring, out, zero, out);
    }
    addMasks(share, members, partContext(epoch, context, part), ring, out);
    return evaluationPolynomial(ring, readBlock(ring, out));
  });
}

/** The refreshed ciphertext. Refuses anything but one well-formed answer of every member of the set, and a sum outside its range. */
export function combineRefresh(
  epoch: KeyEpoch,
  ciphertext: Ciphertext,
  activeSet: ActiveSet,
  target: RefreshTarget,
  answers: readonly RefreshAnswer[],
): Ciphertext {
  const { rule, context: ckks } = target;
  requireActiveSet(epoch, activeSet);
  requireRule(epoch, rule, ciphertext, activeSet);
  requireCiphertext(epoch, ciphertext);
  requireLevels(target, ciphertext.c1.ring);
  const { members } = activeSet;
  const context = refreshContext(epoch, answerContext(epoch, ciphertextName(epoch, ciphertext), members), target);
  const high = ckks.level(target.to).ring;
  const complete = onePerMember('refresh answer', epoch.run, members, answers);
  for (const { from, context: named, h0, h1 } of complete) {
    requireContext(from, named, context);
    requireReduced('refresh answer', from, h0, ciphertext.c0.ring);
    requireReduced('refresh answer', from, h1, high);
  }
  const sum = toIntegers(toCoefficients(sumOf([ciphertext.c0, ...complete.map(({ h0 }) => h0)])));
  const offset = 1n << BigInt(rule.contentBits);
  const most = (BigInt(members.length) << BigInt(rule.maskBits)) + offset;
  const ratio = ratioOf(target);
  const wide = new BigUint64Array(2 * high.degree);
  sum.forEach((value, i) => {
    if (value < -offset || value > most) {
      throw new ProtocolViolation(
        'the answers to a refresh do not add up: one of them was wrong, or the ciphertext is of another key. Nothing was made of them',
      );
    }
    put(wide, i, scaled(value + offset, ratio));
  });
  const c0 = high.engine.memory.scope(() => {
    const out = allocateBlock(high);
    writeWide(high, wide, out);
    const constant = allocateBlock(high);
    const flat = new BigUint64Array(2 * high.degree);
    const shift = scaled(offset, ratio);
    for (let i = 0; i < high.degree; i++) put(flat, i, shift);
    writeWide(high, flat, constant);
    subtractBlock(high, out, out, constant);
    forwardBlock(high, out);
    for (const { h1 } of complete) high.engine.memory.scope(() => addBlock(high, out, out, loadBlock(h1)));
    return evaluationPolynomial(high, readBlock(high, out));
  });
  const c1 = commonPolynomial(epoch, context, high);
  // n fresh errors and n + 2 roundings by a half; an estimate is a single party's, so √n of them would do.
  const fresh = freshSymmetric(rule.ckks, ckks.level(target.to).scale.value, ciphertext.estimate.magnitude);
  const estimate = withError(ciphertext.estimate, fresh.errorStddev * (members.length + 1));
  return Object.freeze({ kind: 'ciphertext', context: ckks, level: target.to, c0, c1, estimate });
}

function requireLevels({ rule, context, from, to }: RefreshTarget, ring: Ring): void {
  if (context.parameters.description !== rule.ckks.description) {
    throw new ParameterError('the context belongs to other CKKS parameters than the rule of refreshing');
  }
  if (context.level(from).ring !== ring)
    throw new ParameterError(`the ciphertext is not over the primes of level ${from}`);
  if (to <= from) throw new ParameterError(`a refresh from level ${from} to ${to} gives nothing`);
  context.level(to);
}

/** Names everything that an answer depends on. */
function refreshContext({ lattice }: KeyEpoch, answered: Uint8Array, { rule, from, to }: RefreshTarget): Uint8Array {
  const what = numbers([from, to, rule.maskBits, rule.contentBits]);
  return digest(lattice.primitives, 'sumus/lattice/shared key/refresh', answered, what);
}

/** Both halves are masked, and a mask must never hide two different things. */
function partContext({ lattice }: KeyEpoch, context: Uint8Array, part: 0 | 1): Uint8Array {
  return digest(lattice.primitives, 'sumus/lattice/shared key/refresh part', context, numbers([part]));
}

/** a: hashed from what is answered, so that nobody chooses it and no two refreshes share it. */
function commonPolynomial({ lattice }: KeyEpoch, context: Uint8Array, ring: Ring): EvaluationPolynomial {
  const seed = digest(lattice.primitives, 'sumus/lattice/shared key/refresh a', context);
  return expandUniform(ring, lattice.primitives, seed, 0);
}

/** N numbers uniform in [0, 2^bits), two words each, the lower first. */
function drawMasks({ lattice, ring }: KeyEpoch, seed: Uint8Array, bits: number): BigUint64Array {
  const masks = new BigUint64Array(2 * ring.degree);
  const stream = new RandomStream(lattice.primitives, seed, 'mask', 0);
  try {
    stream.fill(new Uint8Array(masks.buffer));
  } finally {
    stream.wipe();
  }
  const high = (1n << BigInt(bits - 64)) - 1n;
  for (let i = 0; i < ring.degree; i++) masks[2 * i + 1] &= high;
  return masks;
}

function drawError({ lattice, parameters }: KeyEpoch, ring: Ring, seed: Uint8Array, out: number): void {
  const { memory } = ring.engine;
  memory.secretScope(() => {
    const small = memory.allocate(ring.limbBytes);
    const stream = new RandomStream(lattice.primitives, seed, 'err0', 0);
    try {
      sampleSmall(ring.engine, stream, parameters.scheme.error, small, ring.degree);
    } finally {
      stream.wipe();
    }
    signedToBlock(ring, out, small);
  });
}

/** Ratios of scales as multiples of 2^-192: off by less than 2^-64 for masks of 128 bits. */
const RATIO_BITS = 192n;

function ratioOf({ context, from, to }: RefreshTarget): bigint {
  const below = context.level(from).scale.numerator;
  return ((context.level(to).scale.numerator << RATIO_BITS) + below / 2n) / below;
}

/** ⌊value·ratio⌉ of a value that is not negative. */
function scaled(value: bigint, ratio: bigint): bigint {
  return (value * ratio + (1n << (RATIO_BITS - 1n))) >> RATIO_BITS;
}

function scaleMasks(masks: BigUint64Array, ratio: bigint): void {
  for (let i = 0; 2 * i < masks.length; i++) put(masks, i, scaled((masks[2 * i + 1] << 64n) | masks[2 * i], ratio));
}
