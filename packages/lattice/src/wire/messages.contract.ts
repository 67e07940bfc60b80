// Test material: one message of every kind and form, made from fixed seeds.

import type { Ciphertext, SeededCiphertext } from '../ckks/ciphertext.ts';
import { ckksContext } from '../ckks/context.ts';
import type { Engine } from '../engine/engine.ts';
import type { EncryptedVector, IntegerCiphertext } from '../integers/ciphertext.ts';
import {
  conjugationElement,
  type GaloisKey,
  type GaloisKeys,
  type RelinearisationKey,
} from '../keys/evaluation-key.ts';
import { generateSecretKey } from '../keys/generate.ts';
import type { Lattice, LatticePrimitives } from '../lattice.ts';
import type { OneTimeCiphertext } from '../one-time/ciphertext.ts';
import type { KeyShare as OneTimeShare } from '../one-time/key-share.ts';
import type { KeySum } from '../one-time/key-sum.ts';
import type { Distribution } from '../parameters/distributions.ts';
import { keySumBound } from '../parameters/one-time-parameters.ts';
import { expandUniform } from '../random/index.ts';
import { coefficientPolynomial, type EvaluationPolynomial } from '../ring/polynomial.ts';
import type { Ring } from '../ring/ring.ts';
import { decodeCkksCiphertext, encodeCkksCiphertext } from './ckks.ts';
import * as galoisKeys from './galois-keys.ts';
import * as integers from './integers.ts';
import {
  bytesOf,
  CKKS,
  DEGREE,
  INTEGERS,
  type MessageCase,
  messageCase,
  ONE_TIME,
  type Uniform,
} from './message-case.contract.ts';
import * as oneTime from './one-time.ts';
import * as oneTimeKeys from './one-time-keys.ts';
import { dataRing, wholeRing } from './parameter-set.ts';
import * as polynomials from './polynomials.ts';
import * as publicKeys from './public-keys.ts';
import * as secrets from './secrets.ts';
import { sharedCases } from './shared-messages.contract.ts';

/** A key with errors as wide as a one-time key's, for the third width of coefficients. */
const wide: Distribution = { kind: 'discreteGaussian', stddev: 4.5 };
const narrow: Distribution = { kind: 'centredBinomial', eta: 2 };

export function messageCases(engine: Engine, primitives: LatticePrimitives): MessageCase[] {
  const lattice: Lattice = { engine, primitives };
  const uniform = (ring: Ring, index: number): EvaluationPolynomial =>
    expandUniform(ring, primitives, bytesOf(64), index);
  return [
    ...polynomialCases(lattice, uniform),
    ...keyCases(lattice, uniform),
    ...ciphertextCases(lattice, uniform),
    ...oneTimeCases(lattice, uniform),
    ...sharedCases(lattice, uniform),
  ];
}

function polynomialCases(lattice: Lattice, uniform: Uniform): MessageCase[] {
  const ring = dataRing(lattice, INTEGERS);
  return [
    messageCase(
      'a polynomial in coefficient form',
      'coefficients',
      coefficientPolynomial(ring, uniform(ring, 0).residues),
      (p, trace) => polynomials.encodeCoefficients(lattice, p, trace),
      (bytes) => polynomials.decodeCoefficients(lattice, ring, bytes),
    ),
    messageCase(
      'a polynomial in evaluation form',
      'evaluations',
      uniform(ring, 1),
      (p, trace) => polynomials.encodeEvaluations(lattice, p, trace),
      (bytes) => polynomials.decodeEvaluations(lattice, ring, bytes),
    ),
  ];
}

function keyCases(lattice: Lattice, uniform: Uniform): MessageCase[] {
  const { primitives } = lattice;
  const publicRing = dataRing(lattice, INTEGERS);
  const seed = bytesOf(100);
  const publicKey = {
    ring: publicRing,
    b: uniform(publicRing, 2),
    a: expandUniform(publicRing, primitives, seed, 0),
    seed,
  };
  const ring = wholeRing(lattice, CKKS);
  const layout = { ring, digits: CKKS.digits };
  const seeded = {
    layout,
    digits: CKKS.digits.map((_, i) => ({ b: uniform(ring, 3 + i), a: expandUniform(ring, primitives, seed, i) })),
    seed,
  };
  const whole = { layout, digits: CKKS.digits.map((_, i) => ({ b: uniform(ring, 8 + i), a: uniform(ring, 12 + i) })) };
  const secretCase = (secret: Distribution, name: string): MessageCase => {
    const parameters = { ...INTEGERS, secret };
    return messageCase(
      name,
      'secret key',
      generateSecretKey(lattice, publicRing, secret, bytesOf(7)),
      (key, trace) => secrets.encodeSecretKeyInTheClear(lattice, parameters, key, trace),
      (bytes) => secrets.decodeSecretKey(lattice, parameters, bytes),
    );
  };
  return [
    messageCase(
      'a public key',
      'public key',
      publicKey,
      (key, trace) => publicKeys.encodePublicKey(lattice, INTEGERS, key, trace),
      (bytes) => publicKeys.decodePublicKey(lattice, INTEGERS, bytes),
    ),
    messageCase<RelinearisationKey>(
      'a relinearisation key, seeded',
      'relinearisation key',
      { kind: 'relinearisation', parties: 1, key: seeded },
      (key, trace) => publicKeys.encodeRelinearisationKey(lattice, CKKS, key, trace),
      (bytes) => publicKeys.decodeRelinearisationKey(lattice, CKKS, bytes),
    ),
    messageCase<RelinearisationKey>(
      'a relinearisation key made by several parties',
      'relinearisation key',
      { kind: 'relinearisation', parties: 3, key: whole },
      (key, trace) => publicKeys.encodeRelinearisationKey(lattice, CKKS, key, trace),
      (bytes) => publicKeys.decodeRelinearisationKey(lattice, CKKS, bytes),
    ),
    messageCase<GaloisKey>(
      'the Galois key of conjugation',
      'Galois key',
      { kind: 'galois', element: conjugationElement(DEGREE), key: seeded },
      (key, trace) => publicKeys.encodeGaloisKey(lattice, CKKS, key, trace),
      (bytes) => publicKeys.decodeGaloisKey(lattice, CKKS, bytes),
    ),
    messageCase<GaloisKeys>(
      'a set of Galois keys',
      'Galois keys',
      new Map([5, conjugationElement(DEGREE)].map((element) => [element, { kind: 'galois', element, key: seeded }])),
      (keys, trace) => galoisKeys.encodeGaloisKeys(lattice, CKKS, keys, trace),
      (bytes) => galoisKeys.decodeGaloisKeys(lattice, CKKS, bytes),
    ),
    secretCase({ kind: 'ternary' }, 'a ternary secret key'),
    secretCase(narrow, 'a centred binomial secret key'),
    secretCase(wide, 'a Gaussian secret key'),
  ];
}

function ciphertextCases(lattice: Lattice, uniform: Uniform): MessageCase[] {
  const ring = dataRing(lattice, INTEGERS);
  const whole: IntegerCiphertext = {
    parameters: INTEGERS,
    c0: uniform(ring, 20),
    c1: uniform(ring, 21),
    additions: 100,
  };
  const seeded = (index: number): IntegerCiphertext => ({
    parameters: INTEGERS,
    c0: uniform(ring, 22 + index),
    c1: { seed: bytesOf(150), index },
    additions: 1,
  });
  const length = INTEGERS.valuesPerCiphertext + 1;
  const context = ckksContext(lattice, CKKS);
  const ckks = (level: number): Ciphertext => ({
    kind: 'ciphertext',
    context,
    level,
    c0: uniform(context.level(level).ring, 30),
    c1: uniform(context.level(level).ring, 31),
    estimate: { magnitude: 1.5, errorStddev: 2 ** -20, claimed: true },
  });
  const fresh: SeededCiphertext = {
    kind: 'seeded',
    context,
    level: CKKS.topLevel,
    c0: uniform(context.ring, 32),
    seed: bytesOf(170),
    estimate: { magnitude: 1, errorStddev: 2 ** -40, claimed: true },
  };
  const integer = (name: string, ciphertext: IntegerCiphertext): MessageCase =>
    messageCase(
      name,
      'integer ciphertext',
      ciphertext,
      (value, trace) => integers.encodeIntegerCiphertext(lattice, value, trace),
      (bytes) => integers.decodeIntegerCiphertext(lattice, INTEGERS, bytes),
    );
  const vector = (name: string, ciphertexts: readonly IntegerCiphertext[]): MessageCase =>
    messageCase<EncryptedVector>(
      name,
      'integer vector',
      { parameters: INTEGERS, length, ciphertexts, additions: ciphertexts[0].additions },
      (value, trace) => integers.encodeEncryptedVector(lattice, value, trace),
      (bytes) => integers.decodeEncryptedVector(lattice, INTEGERS, bytes),
    );
  const approximate = (name: string, ciphertext: Ciphertext): MessageCase =>
    messageCase(
      name,
      'CKKS ciphertext',
      ciphertext,
      (value, trace) => encodeCkksCiphertext(value, trace),
      (bytes) => decodeCkksCiphertext(context, bytes),
    );
  return [
    integer('a sum of a hundred integer ciphertexts', whole),
    integer('a fresh integer ciphertext, seeded', seeded(3)),
    vector('a vector of integers, both halves', [whole, { ...whole, c1: uniform(ring, 28) }]),
    vector('a vector of integers, seeded', [seeded(0), seeded(1)]),
    approximate('a CKKS ciphertext at level 0', ckks(0)),
    approximate('a CKKS ciphertext at the top level', ckks(CKKS.topLevel)),
    {
      name: 'a fresh CKKS ciphertext, seeded',
      kind: 'CKKS ciphertext',
      encode: (trace) => encodeCkksCiphertext(fresh, trace),
      decode: (bytes) => decodeCkksCiphertext(context, bytes),
      // It comes out expanded; what it was sent as is encoded again from its parts.
      again: (bytes) => {
        const { level, c0, estimate } = decodeCkksCiphertext(context, bytes);
        const seed = bytes.slice(
          bytes.length - 32 - polynomialLength(c0.ring),
          bytes.length - polynomialLength(c0.ring),
        );
        return bytes[39] === 0
          ? encodeCkksCiphertext(decodeCkksCiphertext(context, bytes))
          : encodeCkksCiphertext({ kind: 'seeded', context, level, c0, seed, estimate });
      },
    },
  ];
}

const polynomialLength = ({ degree, moduli }: Ring): number =>
  moduli.reduce((sum, { bits }) => sum + (degree * bits) / 8, 0);

function oneTimeCases(lattice: Lattice, uniform: Uniform): MessageCase[] {
  const ring = dataRing(lattice, ONE_TIME);
  const { committee, shareModulus, degree } = ONE_TIME;
  const elements = Uint32Array.from({ length: committee.blocks }, (_, i) => (i === 0 ? shareModulus - 1 : i));
  const contributions = 3;
  const bound = keySumBound(ONE_TIME, contributions);
  const coefficients = Int32Array.from({ length: degree }, (_, i) => [-bound, bound, 0, i][i % 4]);
  return [
    messageCase<OneTimeCiphertext>(
      'a one-time contribution of two chunks',
      'one-time ciphertext',
      {
        parameters: ONE_TIME,
        length: ONE_TIME.wordsPerChunk + 1,
        chunks: [uniform(ring, 40), uniform(ring, 41)],
        contributions: 1,
      },
      (value, trace) => oneTime.encodeOneTimeCiphertext(lattice, value, trace),
      (bytes) => oneTime.decodeOneTimeCiphertext(lattice, ONE_TIME, bytes),
    ),
    messageCase<OneTimeShare>(
      "a committee member's sum of shares",
      'one-time key share',
      { member: 5, elements, contributions },
      (value, trace) => oneTimeKeys.encodeOneTimeKeyShare(lattice, ONE_TIME, value, trace),
      (bytes) => oneTimeKeys.decodeOneTimeKeyShare(lattice, ONE_TIME, bytes),
    ),
    messageCase<KeySum>(
      'the opened sum of three keys',
      'one-time key sum',
      { coefficients, contributions },
      (value, trace) => oneTimeKeys.encodeOneTimeKeySum(lattice, ONE_TIME, value, trace),
      (bytes) => oneTimeKeys.decodeOneTimeKeySum(lattice, ONE_TIME, bytes),
    ),
  ];
}
