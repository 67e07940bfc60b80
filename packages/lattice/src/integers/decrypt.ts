// Decryption that is exact or refuses. c0 + c1·s is decoded only when what lies beside the message is no larger than the noise of as
// many fresh ciphertexts as the count says, to a resolution of some 2^-20 of the modulus (lane-codec.ts states it). Wrong keys and altered
// ciphertexts stand out there, because they spread over all of R_q; whatever is decoded is what the ciphertext holds, exactly.

import { ParameterError } from '../errors.ts';
import { requirePrefix, restrict } from '../keys/restrict.ts';
import type { SecretKey } from '../keys/secret-key.ts';
import type { Lattice } from '../lattice.ts';
import { type IntegerParameters, noiseFraction } from '../parameters/integer-parameters.ts';
import { sampleUniformBlock } from '../random/index.ts';
import { RandomStream } from '../random/random-stream.ts';
import { addBlock, allocateBlock, inverseBlock, loadBlock, multiplyBlock, writeBlock } from '../ring/blocks.ts';
import type { EvaluationPolynomial } from '../ring/polynomial.ts';
import type { Ring } from '../ring/ring.ts';
import {
  type EncryptedVector,
  type IntegerCiphertext,
  integerCodec,
  integerRing,
  isSeed,
  requireVector,
  requireWellFormed,
} from './ciphertext.ts';
import { unpackBlock } from './lane-codec.ts';

/** The vector's values; all of them or an error. */
export function decryptVector(
  lattice: Lattice,
  secretKey: SecretKey,
  vector: EncryptedVector,
): Float64Array<ArrayBuffer> {
  const { parameters, ciphertexts, length } = vector;
  requireVector(vector);
  const values = new Float64Array(length);
  ciphertexts.forEach((ciphertext, position) => {
    decryptInto(lattice, secretKey, ciphertext, values.subarray(position * parameters.valuesPerCiphertext));
  });
  return values;
}

/** One ciphertext's values, all valuesPerCiphertext of them. */
export function decrypt(
  lattice: Lattice,
  secretKey: SecretKey,
  ciphertext: IntegerCiphertext,
): Float64Array<ArrayBuffer> {
  const values = new Float64Array(ciphertext.parameters.valuesPerCiphertext);
  decryptInto(lattice, secretKey, ciphertext, values);
  return values;
}

/**
 * Decodes c0 + c1·s however it was come by (a threshold's combined answer): exact values, or NoiseAboveBound when the noise exceeds
 * the bound of `additions` fresh ciphertexts and the parameters' flooding, at the resolution of lane-codec.ts. For a shared key, where
 * noise a little above the bound may be an attack, openIntegers looks at every bit as well.
 */
export function decodeSum(
  parameters: IntegerParameters,
  sum: EvaluationPolynomial,
  additions: number,
): Float64Array<ArrayBuffer> {
  if (!Number.isInteger(additions) || additions < 1 || additions > parameters.additions) {
    throw new ParameterError(`a sum of ${additions} ciphertexts: the parameters allow 1 to ${parameters.additions}`);
  }
  const { ring } = sum;
  if (ring !== integerRing(ring, parameters))
    throw new ParameterError('a sum lies in another ring than its parameters say');
  const codec = integerCodec(ring, parameters);
  const values = new Float64Array(parameters.valuesPerCiphertext);
  ring.engine.memory.secretScope(() => decodeBlock(ring, codec, parameters, loadBlock(sum), additions, values));
  return values;
}

function decryptInto(
  lattice: Lattice,
  secretKey: SecretKey,
  ciphertext: IntegerCiphertext,
  target: Float64Array,
): void {
  const { parameters, c0, c1, additions } = ciphertext;
  requireWellFormed(lattice, ciphertext);
  const { ring } = c0;
  requirePrefix(ring, secretKey.ring);
  const codec = integerCodec(ring, parameters);
  const s = restrict(secretKey.reveal(), ring);
  ring.engine.memory.secretScope(() => {
    const x = loadBlock(s);
    const factor = allocateBlock(ring);
    if (isSeed(c1)) sampleUniformBlock(ring, new RandomStream(lattice.primitives, c1.seed, 'publ', c1.index), factor);
    else writeBlock(factor, c1);
    multiplyBlock(ring, x, x, factor);
    writeBlock(factor, c0);
    addBlock(ring, x, x, factor);
    decodeBlock(ring, codec, parameters, x, additions, target);
  });
}

/** Evaluations at `block` (overwritten) → values, as many as `target` holds. Inside a scope. */
function decodeBlock(
  ring: Ring,
  codec: ReturnType<typeof integerCodec>,
  parameters: IntegerParameters,
  block: number,
  additions: number,
  target: Float64Array,
): void {
  const { memory } = ring.engine;
  const { valuesPerCiphertext } = parameters;
  inverseBlock(ring, block);
  const doubles = memory.allocate(8 * valuesPerCiphertext);
  unpackBlock(codec, doubles, block, noiseFraction(parameters, additions), `decryption of ${parameters}`);
  target.set(memory.f64(doubles, Math.min(valuesPerCiphertext, target.length)));
}
