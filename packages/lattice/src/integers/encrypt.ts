// Encryption of integers: by anyone with the public key, or by the owner of the secret key, whose ciphertexts are half as large.
//
// Refused: values that are not integers in range (all are looked at before the first is encrypted), vectors that do not fit, keys of
// another ring, public-key encryption under parameters whose noise bound was computed for symmetric encryption only.

import { ParameterError } from '../errors.ts';
import { encryptZeroPublic, encryptZeroSymmetric } from '../keys/encrypt-zero.ts';
import type { PublicKey } from '../keys/public-key.ts';
import { requirePrefix } from '../keys/restrict.ts';
import type { SecretKey } from '../keys/secret-key.ts';
import type { Lattice } from '../lattice.ts';
import type { IntegerParameters } from '../parameters/integer-parameters.ts';
import { freshSeed } from '../random/index.ts';
import { RandomStream, SEED_BYTES } from '../random/random-stream.ts';
import { allocateBlock, readBlock } from '../ring/blocks.ts';
import { evaluationPolynomial } from '../ring/polynomial.ts';
import type { Ring } from '../ring/ring.ts';
import { type EncryptedVector, type IntegerCiphertext, integerCodec, integerRing } from './ciphertext.ts';
import { packBlock } from './lane-codec.ts';
import { type CheckedValues, checkValues, type IntegerValues, moveCheckedWords } from './values.ts';

/** Encrypts a whole vector. `seed`: 32 secret bytes used for nothing else; by default fresh ones. */
export function encryptVector(
  lattice: Lattice,
  publicKey: PublicKey,
  parameters: IntegerParameters,
  values: IntegerValues,
  seed?: Uint8Array,
): EncryptedVector {
  if (parameters.key !== 'public') {
    throw new ParameterError(`${parameters} leaves room for the noise of symmetric encryption only`);
  }
  const ring = integerRing(lattice, parameters);
  requirePrefix(ring, publicKey.ring);
  return withSeeds(lattice, seed, Math.ceil(values.length / parameters.valuesPerCiphertext), (seeds) =>
    eachCiphertext(lattice, parameters, values, (message, position) => {
      const c0 = allocateBlock(ring);
      const c1 = allocateBlock(ring);
      encryptZeroPublic(lattice, publicKey, parameters.error, seeds[position], c0, c1, message, ring);
      return {
        c0: evaluationPolynomial(ring, readBlock(ring, c0)),
        c1: evaluationPolynomial(ring, readBlock(ring, c1)),
      };
    }),
  );
}

/**
 * Encrypts a whole vector under the secret key. The public seed is drawn here, fresh for every call, because one (seed, index)
 * used for two messages gives away their difference.
 */
export function encryptVectorSymmetric(
  lattice: Lattice,
  secretKey: SecretKey,
  parameters: IntegerParameters,
  values: IntegerValues,
): EncryptedVector {
  const ring = integerRing(lattice, parameters);
  requirePrefix(ring, secretKey.ring);
  const publicSeed = freshSeed(lattice.primitives);
  const noiseSeed = freshSeed(lattice.primitives);
  try {
    return eachCiphertext(lattice, parameters, values, (message, index) => {
      const c0 = allocateBlock(ring);
      encryptZeroSymmetric(lattice, secretKey, ring, parameters.error, publicSeed, index, noiseSeed, c0, message);
      return { c0: evaluationPolynomial(ring, readBlock(ring, c0)), c1: Object.freeze({ seed: publicSeed, index }) };
    });
  } finally {
    noiseSeed.fill(0);
  }
}

/** One ciphertext of at most parameters.valuesPerCiphertext values, the rest zeros. */
export function encrypt(
  lattice: Lattice,
  publicKey: PublicKey,
  parameters: IntegerParameters,
  values: IntegerValues,
): IntegerCiphertext {
  requireOneCiphertext(parameters, values);
  return encryptVector(lattice, publicKey, parameters, values).ciphertexts[0];
}

/** One seeded ciphertext of at most parameters.valuesPerCiphertext values, the rest zeros. */
export function encryptSymmetric(
  lattice: Lattice,
  secretKey: SecretKey,
  parameters: IntegerParameters,
  values: IntegerValues,
): IntegerCiphertext {
  requireOneCiphertext(parameters, values);
  return encryptVectorSymmetric(lattice, secretKey, parameters, values).ciphertexts[0];
}

function requireOneCiphertext({ valuesPerCiphertext }: IntegerParameters, { length }: IntegerValues): void {
  if (length < 1 || length > valuesPerCiphertext) {
    throw new ParameterError(`${length} values do not fit one ciphertext of ${valuesPerCiphertext}`);
  }
}

/** Checks all values, then calls encryptOne with the address of each ciphertext's message, inside a secret scope. */
function eachCiphertext(
  lattice: Lattice,
  parameters: IntegerParameters,
  given: IntegerValues,
  encryptOne: (message: number, position: number) => Pick<IntegerCiphertext, 'c0' | 'c1'>,
): EncryptedVector {
  const { engine } = lattice;
  const ring = integerRing(lattice, parameters);
  const codec = integerCodec(ring, parameters);
  if (given.length === 0) throw new ParameterError('a vector of 0 values: at least one is needed');
  const checked = checkValues(engine, given, parameters.lowest, parameters.highest);
  const count = Math.ceil(given.length / parameters.valuesPerCiphertext);
  const ciphertexts = Array.from({ length: count }, (_, position) =>
    engine.memory.secretScope(() => {
      const message = allocateBlock(ring);
      packValues(ring, codec, parameters, checked, position, message);
      return Object.freeze({ parameters, ...encryptOne(message, position), additions: 1 });
    }),
  );
  return Object.freeze({ parameters, length: given.length, ciphertexts: Object.freeze(ciphertexts), additions: 1 });
}

/** The message of one ciphertext as residues at `message`. Inside a scope. */
function packValues(
  ring: Ring,
  codec: ReturnType<typeof integerCodec>,
  { lanes, valuesPerCiphertext }: IntegerParameters,
  values: CheckedValues,
  position: number,
  message: number,
): void {
  const { memory } = ring.engine;
  memory.scope(() => {
    const words = memory.allocate(lanes * ring.limbBytes);
    moveCheckedWords(ring.engine, values, position * valuesPerCiphertext, valuesPerCiphertext, words);
    packBlock(codec, message, words);
  });
}

/** As many 32-byte seeds as there are ciphertexts, expanded from one; all are wiped afterwards. */
function withSeeds<Result>(
  { primitives }: Lattice,
  given: Uint8Array | undefined,
  count: number,
  work: (seeds: readonly Uint8Array[]) => Result,
): Result {
  const root = given ?? freshSeed(primitives);
  const bytes = new Uint8Array(SEED_BYTES * count);
  const stream = new RandomStream(primitives, root, 'mask', 0);
  try {
    stream.fill(bytes);
    return work(Array.from({ length: count }, (_, i) => bytes.subarray(SEED_BYTES * i, SEED_BYTES * (i + 1))));
  } finally {
    stream.wipe();
    bytes.fill(0);
    if (given === undefined) root.fill(0);
  }
}
