// The attacks that the rules of this room exist for, run against builds without the rule, at insecure size; and the same attack code
// against the real thing, which gives nothing.

import { beforeAll, describe, expect, it } from 'vitest';
import { invertModulo } from '../arithmetic/modular.ts';
import { ProtocolViolation } from '../errors.ts';
import { encryptZeroPublic } from '../keys/encrypt-zero.ts';
import { CENTRED_BINOMIAL_21, TERNARY } from '../parameters/distributions.ts';
import { RandomStream, sampleSmall } from '../random/index.ts';
import { addBlock, allocateBlock, forwardBlock, loadBlock, readBlock, signedToBlock } from '../ring/blocks.ts';
import {
  add,
  fromIntegers,
  multiply,
  multiplyByInteger,
  subtract,
  toCoefficients,
  toEvaluations,
  toIntegers,
} from '../ring/operations.ts';
import { type EvaluationPolynomial, evaluationPolynomial } from '../ring/polynomial.ts';
import { modulusOf } from '../ring/ring.ts';
import type { SharedCiphertext } from './ciphertext.ts';
import { DecryptionLedger } from './decryption-ledger.ts';
import { collectiveSecret, type Founded, phase, shareOf } from './founding.contract.ts';
import { insecureFounded } from './insecure-founding.contract.ts';
import { openIntegers, type SharedIntegerParameters } from './integers.ts';
import type { KeyShare } from './key-share.ts';
import { combineAnswers, floodedProduct, partialDecrypt } from './partial-decryption.ts';
import { activeSet } from './roster.ts';
import { lagrangeScalars } from './shamir.ts';

// Large member numbers make the fractions of Lagrange's coefficients long at once; with 1, 2, 3, … it takes a few dozen members.
const members = [1, 65521, 65519, 65497, 65479, 65449, 65447];

interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? (a < 0n ? -a : a) : gcd(b, a % b));

function fraction(numerator: bigint, denominator: bigint): Fraction {
  const g = gcd(numerator, denominator);
  return { numerator: numerator / g, denominator: denominator / g };
}

const times = (a: Fraction, b: Fraction): Fraction =>
  fraction(a.numerator * b.numerator, a.denominator * b.denominator);

/** The value at `at` of Lagrange's basis polynomial of `member` among `points`, as a true fraction. */
function basisAt(points: readonly number[], member: number, at: number): Fraction {
  return points
    .filter((point) => point !== member)
    .map((point) => fraction(BigInt(at - point), BigInt(member - point)))
    .reduce(times, fraction(1n, 1n));
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

function centred(x: bigint, m: bigint): bigint {
  const reduced = ((x % m) + m) % m;
  return 2n * reduced > m ? reduced - m : reduced;
}

const absolute = (x: bigint): bigint => (x < 0n ? -x : x);

/** The polynomial times a fraction modulo q. */
function scaleBy(p: EvaluationPolynomial, { numerator, denominator }: Fraction): EvaluationPolynomial {
  const q = modulusOf(p.ring);
  return multiplyByInteger(p, numerator * inverseModulo(denominator, q));
}

const integersOf = (p: EvaluationPolynomial): bigint[] => toIntegers(toCoefficients(p));

/** The answer of a build without masks: λ·share·c1 + flooding. */
function nakedAnswer(share: KeyShare, set: readonly number[], c1: EvaluationPolynomial): EvaluationPolynomial {
  const { ring } = c1;
  return ring.engine.memory.secretScope(() => {
    const block = floodedProduct(share.epoch, share.reveal(), lagrangeScalars(set, share.member, ring), c1);
    return evaluationPolynomial(ring, readBlock(ring, block));
  });
}

/** The answer of the real thing, with a ledger that has forgotten everything. */
function realAnswer(share: KeyShare, set: readonly number[], ciphertext: SharedCiphertext): EvaluationPolynomial {
  const { epoch, member } = share;
  const token = new DecryptionLedger(member).authorise(epoch, ciphertext, activeSet(epoch.roster, set));
  return partialDecrypt(share, token).answer;
}

/** An encryption of zero whose encryptor remembers what it drew. */
function encryptAndRemember(
  { publicKey, lattice }: Founded,
  seed: Uint8Array,
): SharedCiphertext & {
  readonly u: EvaluationPolynomial;
  readonly e0: EvaluationPolynomial;
  readonly e1: EvaluationPolynomial;
} {
  const { ring } = publicKey;
  const drawn = (domain: 'tern' | 'err0' | 'err1'): EvaluationPolynomial =>
    ring.engine.memory.scope(() => {
      const signed = ring.engine.memory.allocate(ring.limbBytes);
      const stream = new RandomStream(lattice.primitives, seed, domain, 0);
      sampleSmall(ring.engine, stream, domain === 'tern' ? TERNARY : CENTRED_BINOMIAL_21, signed, ring.degree);
      const block = allocateBlock(ring);
      signedToBlock(ring, block, signed);
      forwardBlock(ring, block);
      return evaluationPolynomial(ring, readBlock(ring, block));
    });
  const [u, e0, e1] = [drawn('tern'), drawn('err0'), drawn('err1')];
  const c0 = add(multiply(publicKey.b, u), e0);
  const c1 = add(multiply(publicKey.a, u), e1);
  return { c0, c1, u, e0, e1 };
}

describe('two answers of one member for one ciphertext', () => {
  let founded: Founded & SharedIntegerParameters;
  beforeAll(async () => {
    founded = await insecureFounded({ members, threshold: 4, primeCount: 7 });
  });

  /** a·h − b·h′ = a·e − b·e′ for r = λ′/λ = a/b: an integer far below q, which gives e modulo b, and b exceeds e. */
  function shareFromTwoAnswers(
    member: number,
    sets: readonly [readonly number[], readonly number[]],
    [h, other]: readonly [EvaluationPolynomial, EvaluationPolynomial],
    c1: EvaluationPolynomial,
  ): EvaluationPolynomial {
    const [lambda, lambdaOther] = [basisAt(sets[0], member, 0), basisAt(sets[1], member, 0)];
    const { numerator: a, denominator: b } = fraction(
      lambdaOther.numerator * lambda.denominator,
      lambdaOther.denominator * lambda.numerator,
    );
    const difference = integersOf(subtract(multiplyByInteger(h, a), multiplyByInteger(other, b)));
    const modulus = absolute(b);
    const noise = difference.map((d) => centred(d * inverseModulo(a, modulus), modulus));
    const product = subtract(h, toEvaluations(fromIntegers(h.ring, noise)));
    return multiply(scaleBy(product, fraction(lambda.denominator, lambda.numerator)), pointwiseInverse(c1));
  }

  const sets = [
    [members[0], members[1], members[2], members[3]],
    [members[0], members[4], members[5], members[6]],
  ] as const;

  it('give its key share to anybody, flooding or not, in a build without masks and without the ledger', () => {
    const { c0, c1 } = encryptAndRemember(founded, new Uint8Array(32).fill(1));
    const share = shareOf(founded, members[0]);
    const answers = [nakedAnswer(share, sets[0], c1), nakedAnswer(share, sets[1], c1)] as const;
    expect(c0.ring).toBe(c1.ring);
    expect(shareFromTwoAnswers(members[0], sets, answers, c1).residues).toEqual(share.reveal().residues);
  });

  it('are refused: one answer per ciphertext, ever', () => {
    const ciphertext = encryptAndRemember(founded, new Uint8Array(32).fill(1));
    const ledger = new DecryptionLedger(members[0]);
    const { epoch } = founded;
    ledger.authorise(epoch, ciphertext, activeSet(epoch.roster, sets[0]));
    expect(() => ledger.authorise(epoch, ciphertext, activeSet(epoch.roster, sets[1]))).toThrow(ProtocolViolation);
    expect(() => ledger.authorise(epoch, ciphertext, activeSet(epoch.roster, sets[0]))).toThrow(ProtocolViolation);
  });

  it('would still give nothing with the masks alone, to whoever shares no mask with the member', () => {
    const ciphertext = encryptAndRemember(founded, new Uint8Array(32).fill(1));
    const share = shareOf(founded, members[0]);
    const answers = [realAnswer(share, sets[0], ciphertext), realAnswer(share, sets[1], ciphertext)] as const;
    const guess = shareFromTwoAnswers(members[0], sets, answers, ciphertext.c1);
    expect(guess.residues).not.toEqual(share.reveal().residues);
  });
});

describe('one answer each, seen by t − 1 colluding members of whom one is not in the active set', () => {
  let founded: Founded & SharedIntegerParameters;
  beforeAll(async () => {
    founded = await insecureFounded({ members, threshold: 3, primeCount: 7 });
  });
  const set = [members[0], members[1], members[2]];
  const [inside, outside] = [members[2], members[3]];
  const victim = members[0];

  /**
   * The victim's answer is μ·s·c1 + (known) + e with μ = a/b; s·c1 = v − c0 for an encryption of zero, so b·(answer − known) is
   * a·v + b·e, an integer far below q: it tells v modulo b, and b exceeds v.
   */
  function noiseFromOneAnswer(answer: EvaluationPolynomial, { c0, c1 }: SharedCiphertext): bigint[] {
    const lambda = basisAt(set, victim, 0);
    const points = [0, inside, outside];
    const mu = times(lambda, basisAt(points, 0, victim));
    const known = [inside, outside]
      .map((member) => {
        const weight = times(lambda, basisAt(points, member, victim));
        return scaleBy(multiply(shareOf(founded, member).reveal(), c1), weight);
      })
      .reduce((x, y) => add(x, y));
    const rest = add(subtract(answer, known), scaleBy(c0, mu));
    const integers = integersOf(multiplyByInteger(rest, mu.denominator));
    const modulus = absolute(mu.denominator);
    return integers.map((x) => centred(x * inverseModulo(mu.numerator, modulus), modulus));
  }

  /** Two encryptions whose noises v are known to whoever made them: v − e0 = e1·s + u·e, two equations for s and e. */
  function keyFromNoises(
    ciphertexts: readonly ReturnType<typeof encryptAndRemember>[],
    noises: readonly (readonly bigint[])[],
  ): EvaluationPolynomial {
    const [first, second] = ciphertexts;
    const [x, y] = ciphertexts.map(({ e0 }, i) => subtract(toEvaluations(fromIntegers(e0.ring, noises[i])), e0));
    const determinant = subtract(multiply(first.e1, second.u), multiply(second.e1, first.u));
    return multiply(subtract(multiply(x, second.u), multiply(y, first.u)), pointwiseInverse(determinant));
  }

  const ciphertexts = (): ReturnType<typeof encryptAndRemember>[] =>
    [2, 3].map((seed) => encryptAndRemember(founded, new Uint8Array(32).fill(seed)));

  it('give the collective key, in a build without masks: the reason for the masks', () => {
    const own = ciphertexts();
    const noises = own.map((c) => noiseFromOneAnswer(nakedAnswer(shareOf(founded, victim), set, c.c1), c));
    expect(keyFromNoises(own, noises).residues).toEqual(collectiveSecret(founded).residues);
  });

  it('give nothing with the masks: the same computation finds neither the noise nor the key', () => {
    const own = ciphertexts();
    const noises = own.map((c) => noiseFromOneAnswer(realAnswer(shareOf(founded, victim), set, c), c));
    expect(keyFromNoises(own, noises).residues).not.toEqual(collectiveSecret(founded).residues);
    const hits = own.map(({ c0, c1 }, i) => phase(founded, c0, c1).filter((v, j) => v === noises[i][j]).length);
    expect(Math.max(...hits)).toBeLessThan(4);
  });
});

describe('an encryptor who chooses its ciphertext freely', () => {
  it('lets the combiner read the key of everybody in the noise of a sum that is right; opening refuses it, after the fact', async () => {
    const founded = await insecureFounded({ primeCount: 7 });
    const { epoch, lattice, publicKey, integers } = founded;
    const { ring } = publicKey;
    const shift = 90n;
    // An encryption of zero with 2^90 added to c1, where honest encryptors add an error of at most 21.
    const ciphertext = ring.engine.memory.scope(() => {
      const c0 = allocateBlock(ring);
      const c1 = allocateBlock(ring);
      encryptZeroPublic(lattice, publicKey, CENTRED_BINOMIAL_21, new Uint8Array(32).fill(4), c0, c1);
      const constant = Array.from({ length: ring.degree }, (_, i) => (i === 0 ? 1n << shift : 0n));
      const wide = loadBlock(toEvaluations(fromIntegers(ring, constant)));
      addBlock(ring, c1, c1, wide);
      return {
        c0: evaluationPolynomial(ring, readBlock(ring, c0)),
        c1: evaluationPolynomial(ring, readBlock(ring, c1)),
      };
    });
    const set = activeSet(epoch.roster, [1, 3, 5]);
    const answers = set.members.map((member) =>
      partialDecrypt(shareOf(founded, member), new DecryptionLedger(member).authorise(epoch, ciphertext, set)),
    );
    const noise = integersOf(combineAnswers(epoch, ciphertext, set, answers));
    // The message (zero) is unharmed: the noise is far below q / 2T …
    const bound = modulusOf(ring) / (2n * integers.plaintextModulus);
    expect(noise.every((x) => absolute(x) < bound)).toBe(true);
    // … and it is 2^90·s + something smaller.
    const read = noise.map((x) => (x + (1n << (shift - 1n))) >> shift);
    expect(toEvaluations(fromIntegers(ring, read)).residues).toEqual(collectiveSecret(founded).residues);
    // The guard rail: nothing is decoded. It is late, the combiner has the answers.
    expect(() => openIntegers(epoch, { parameters: integers, ...ciphertext, additions: 1 }, set, answers)).toThrow(
      ProtocolViolation,
    );
  });
});

/** The inverse in evaluation form; all values are units. */
function pointwiseInverse({ ring, residues }: EvaluationPolynomial): EvaluationPolynomial {
  const inverted = Uint32Array.from(residues, (x, i) => invertModulo(x, ring.moduli[Math.floor(i / ring.degree)].q));
  return evaluationPolynomial(ring, inverted);
}
