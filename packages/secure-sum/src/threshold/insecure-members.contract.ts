// Test material: members without the rules that keep a key, and what an attacker then computes. Attack code is the same for both
// builds; what differs is what it is given.

import type { EncryptedVector } from '@sumus/lattice/integers';
import {
  add,
  type EvaluationPolynomial,
  fromIntegers,
  modulusOf,
  multiply,
  multiplyByInteger,
  subtract,
  toCoefficients,
  toEvaluations,
  toIntegers,
} from '@sumus/lattice/ring';
import {
  activeSetStatement,
  authoriseVector,
  DecryptionLedger,
  type KeyShare,
  type PartialDecryption,
  partialDecryptVector,
  sharedCiphertext,
} from '@sumus/lattice/shared-keys';
import type { CertifiedEpoch } from './epoch.ts';
import { MEMBER_RULES, type MemberRules } from './member-rules.ts';
import type { Opening } from './opening.ts';

/** Forgets what it answered; its answers are as good as ours otherwise. */
export const WITHOUT_LEDGER: MemberRules = {
  sealed: true,
  foresee: (_epoch, _member, ledger) => ({ ledger, record: new Uint8Array(0) }),
  answer: ({ key }, share, ledger, { sum, activeSet }) => {
    const tokens = authoriseVector(new DecryptionLedger(share.member), key, sum, activeSet);
    return { ledger, record: new Uint8Array(0), answers: partialDecryptVector(share, tokens) };
  },
};

const NOISE_BITS = 40;

/** The textbook: λ·S(α)·c1 + e with wide e, no masks, no memory. */
export const withoutLedgerAndMasks = (randomBytes: (length: number) => Uint8Array): MemberRules => ({
  ...WITHOUT_LEDGER,
  answer: (epoch, share, ledger, opening) => ({
    ledger,
    record: new Uint8Array(0),
    answers: opening.sum.ciphertexts.map((_, i) => nakedAnswer(epoch, share, opening, i, randomBytes)),
  }),
});

export const ANSWERS_IN_THE_CLEAR: MemberRules = { ...MEMBER_RULES, sealed: false };

function nakedAnswer(
  { key }: CertifiedEpoch,
  share: KeyShare,
  { sum, activeSet }: Opening,
  index: number,
  randomBytes: (length: number) => Uint8Array,
): PartialDecryption {
  const ciphertext = sharedCiphertext(key, sum.ciphertexts[index]!);
  const { ring } = ciphertext.c1;
  const noise = Array.from({ length: ring.degree }, () => {
    const bits = randomBytes(NOISE_BITS / 8).reduce((number, byte) => 256n * number + BigInt(byte), 0n);
    return bits - (1n << BigInt(NOISE_BITS - 1));
  });
  const product = scaledBy(multiply(share.reveal(), ciphertext.c1), basisAtZero(activeSet.members, share.member));
  return {
    kind: 'partial decryption',
    run: key.run,
    from: share.member,
    context: activeSetStatement(key, ciphertext, activeSet),
    answer: add(product, toEvaluations(fromIntegers(ring, noise))),
  };
}

interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? (a < 0n ? -a : a) : gcd(b, a % b));

function fraction(numerator: bigint, denominator: bigint): Fraction {
  const g = gcd(numerator, denominator);
  return { numerator: numerator / g, denominator: denominator / g };
}

/** Lagrange's coefficient of `member` among `points` at 0, as a true fraction. */
export function basisAtZero(points: readonly number[], member: number): Fraction {
  return points
    .filter((point) => point !== member)
    .reduce(
      (product, point) => fraction(product.numerator * BigInt(point), product.denominator * BigInt(point - member)),
      fraction(1n, 1n),
    );
}

function inverseModulo(a: bigint, m: bigint): bigint {
  let [r, next] = [m, ((a % m) + m) % m];
  let [x, nextX] = [0n, 1n];
  while (next !== 0n) {
    const quotient = r / next;
    [r, next] = [next, r - quotient * next];
    [x, nextX] = [nextX, x - quotient * nextX];
  }
  return ((x % m) + m) % m;
}

const centred = (x: bigint, m: bigint): bigint => {
  const reduced = ((x % m) + m) % m;
  return 2n * reduced > m ? reduced - m : reduced;
};

function scaledBy(p: EvaluationPolynomial, { numerator, denominator }: Fraction): EvaluationPolynomial {
  const q = modulusOf(p.ring);
  return multiplyByInteger(p, (((numerator * inverseModulo(denominator, q)) % q) + q) % q);
}

const integersOf = (p: EvaluationPolynomial): bigint[] => toIntegers(toCoefficients(p));

/**
 * Two answers of one member for one ciphertext and two sets: with λ′/λ = a/b, a·h − b·h′ = a·e − b·e′ is far below q and tells e
 * modulo b; where b exceeds e, e is known, and h − e = λ·S(α)·c1. The member's share times c1, if the answers were naked.
 */
export function shareTimesCiphertext(
  member: number,
  [one, other]: readonly [readonly number[], readonly number[]],
  [h, otherH]: readonly [EvaluationPolynomial, EvaluationPolynomial],
): EvaluationPolynomial {
  const [lambda, lambdaOther] = [basisAtZero(one, member), basisAtZero(other, member)];
  const { numerator: a, denominator: b } = fraction(
    lambdaOther.numerator * lambda.denominator,
    lambdaOther.denominator * lambda.numerator,
  );
  const difference = integersOf(subtract(multiplyByInteger(h, a), multiplyByInteger(otherH, b)));
  const modulus = b < 0n ? -b : b;
  const noise = difference.map((d) => centred(d * inverseModulo(a, modulus), modulus));
  const product = subtract(h, toEvaluations(fromIntegers(h.ring, noise)));
  return scaledBy(product, fraction(lambda.denominator, lambda.numerator));
}

/** What nobody has in one place: the collective key. */
export function collectiveKey(shares: readonly KeyShare[]): EvaluationPolynomial {
  const points = shares.map(({ member }) => member);
  return shares
    .map((share) => scaledBy(share.reveal(), basisAtZero(points, share.member)))
    .reduce((sum, next) => add(sum, next));
}

/** What members who pool their shares make of one contribution: its values, where they are t. One value a coefficient (lanes: 1). */
export function readTogether(shares: readonly KeyShare[], vector: EncryptedVector): number[] {
  const key = collectiveKey(shares);
  return vector.ciphertexts.flatMap(({ c0, c1, parameters }) => {
    if ('seed' in c1) throw new Error('a seeded ciphertext');
    const modulus = parameters.plaintextModulus;
    const times = integersOf(multiplyByInteger(add(c0, multiply(key, c1)), modulus));
    return times.map((x) => Number(centred(x, modulus)));
  });
}

/** 2^bits added to the first ciphertext's c1, where honest encryptors add an error of at most 21. */
export function withWideError(vector: EncryptedVector, bits: number): EncryptedVector {
  const [first, ...rest] = vector.ciphertexts;
  const { c0, c1 } = first!;
  if ('seed' in c1) throw new Error('a seeded ciphertext');
  const { ring } = c0;
  const wide = Array.from({ length: ring.degree }, (_, i) => (i === 0 ? 1n << BigInt(bits) : 0n));
  return { ...vector, ciphertexts: [{ ...first!, c1: add(c1, toEvaluations(fromIntegers(ring, wide))) }, ...rest] };
}

/** Σ h + c0 = M/T + noise: the noise, divided by 2^bits and rounded, is the key when an encryptor put 2^bits·s into it. */
export function keyInTheNoise(
  { sum }: Pick<Opening, 'sum'>,
  answers: readonly (readonly PartialDecryption[])[],
  bits: number,
): EvaluationPolynomial {
  const [first] = sum.ciphertexts;
  const { c0, parameters } = first!;
  const { ring } = c0;
  const total = answers.map((ofMember) => ofMember[0]!.answer).reduce((x, y) => add(x, y), c0);
  const modulus = parameters.plaintextModulus;
  const times = integersOf(multiplyByInteger(total, modulus));
  const noise = times.map((x) => (x - centred(x, modulus)) / modulus);
  const shift = BigInt(bits);
  const rounded = noise.map((x) => (x + (1n << (shift - 1n))) >> shift);
  return toEvaluations(fromIntegers(ring, rounded));
}
