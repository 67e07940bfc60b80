// Exact ciphertexts, one by one or as the vector they make up. Fresh ones of a secret key's owner carry the seed of c1: half the
// bytes. The count of additions travels along and is checked against the parameters; whether it is TRUE is for whoever accepts
// ciphertexts to know (shared-keys/partial-decryption.ts says who may encrypt).

import { ParameterError } from '../errors.ts';
import {
  type EncryptedVector,
  type IntegerCiphertext,
  integerRing,
  isSeed,
  requireWellFormed,
  secondPolynomial,
  type UniformSeed,
} from '../integers/ciphertext.ts';
import type { Lattice } from '../lattice.ts';
import type { IntegerParameters } from '../parameters/integer-parameters.ts';
import { SEED_BYTES } from '../random/index.ts';
import { readMessage, writeMessage } from './envelope.ts';
import type { Reader } from './reader.ts';
import { polynomialBytes, readPolynomial, writePolynomial } from './residues.ts';
import type { Trace } from './writer.ts';

const WHOLE = 0;
const SEEDED = 1;

export function encodeIntegerCiphertext(
  lattice: Lattice,
  ciphertext: IntegerCiphertext,
  trace?: Trace,
): Uint8Array<ArrayBuffer> {
  const { parameters, c0, c1, additions } = ciphertext;
  const ring = integerRing(lattice, parameters);
  requireWellFormed(lattice, ciphertext);
  const bodyBytes = 5 + polynomialBytes(ring) + (isSeed(c1) ? SEED_BYTES + 4 : polynomialBytes(ring));
  return writeMessage(lattice, { kind: 'integer ciphertext', parameters, bodyBytes, trace }, (writer) => {
    writer.u32('additions', additions);
    writer.u8(isSeed(c1) ? 'form: seeded' : 'form: both halves', isSeed(c1) ? SEEDED : WHOLE);
    if (isSeed(c1)) {
      if (additions !== 1) throw new ParameterError(`a seeded ciphertext counts ${additions} additions, not 1`);
      writer.bytes('seed of c1', c1.seed, SEED_BYTES);
      writer.u32('index of c1', c1.index);
    }
    writePolynomial(writer, 'c0', ring, c0);
    if (!isSeed(c1)) writePolynomial(writer, 'c1', ring, c1);
  });
}

export function decodeIntegerCiphertext(
  lattice: Lattice,
  parameters: IntegerParameters,
  bytes: Uint8Array,
): IntegerCiphertext {
  const ring = integerRing(lattice, parameters);
  return readMessage(lattice, 'integer ciphertext', parameters, bytes, (reader) => {
    const { additions, form } = readCountAndForm(reader, parameters);
    const seed = form === SEEDED ? reader.bytes('seed of c1', SEED_BYTES) : undefined;
    const uniform: UniformSeed | undefined = seed && Object.freeze({ seed, index: reader.u32('index of c1') });
    const c0 = readPolynomial(reader, 'c0', ring);
    return Object.freeze({ parameters, c0, c1: uniform ?? readPolynomial(reader, 'c1', ring), additions });
  });
}

/** Seeded where all its ciphertexts share one seed under the indices 0, 1, 2, …, as encryptVectorSymmetric makes them. */
export function encodeEncryptedVector(
  lattice: Lattice,
  vector: EncryptedVector,
  trace?: Trace,
): Uint8Array<ArrayBuffer> {
  const { parameters, length, ciphertexts, additions } = vector;
  const ring = integerRing(lattice, parameters);
  const count = Math.ceil(length / parameters.valuesPerCiphertext);
  if (length < 1 || ciphertexts.length !== count) {
    throw new ParameterError(`a vector of ${length} values has ${ciphertexts.length} ciphertexts, not ${count}`);
  }
  for (const ciphertext of ciphertexts) {
    requireWellFormed(lattice, ciphertext);
    if (ciphertext.parameters.description !== parameters.description || ciphertext.additions !== additions) {
      throw new ParameterError('the ciphertexts of a vector differ in parameters or additions');
    }
  }
  const seed = additions === 1 ? commonSeed(ciphertexts) : undefined;
  const bodyBytes = 9 + count * polynomialBytes(ring) * (seed === undefined ? 2 : 1) + SEED_BYTES;
  return writeMessage(lattice, { kind: 'integer vector', parameters, bodyBytes, trace }, (writer) => {
    writer.u32('length', length);
    writer.u32('additions', additions);
    writer.u8(seed === undefined ? 'form: both halves' : 'form: seeded', seed === undefined ? WHOLE : SEEDED);
    if (seed !== undefined) writer.bytes('seed of all c1', seed, SEED_BYTES);
    ciphertexts.forEach((ciphertext, i) => {
      writePolynomial(writer, `c0 of ${i}`, ring, ciphertext.c0);
      if (seed === undefined) writePolynomial(writer, `c1 of ${i}`, ring, secondPolynomial(lattice, ciphertext));
    });
  });
}

export function decodeEncryptedVector(
  lattice: Lattice,
  parameters: IntegerParameters,
  bytes: Uint8Array,
): EncryptedVector {
  const ring = integerRing(lattice, parameters);
  return readMessage(lattice, 'integer vector', parameters, bytes, (reader) => {
    const length = reader.within('length', 4, 1, 2 ** 32 - 1);
    const { additions, form } = readCountAndForm(reader, parameters);
    const seed = form === SEEDED ? reader.bytes('seed of all c1', SEED_BYTES) : undefined;
    const count = Math.ceil(length / parameters.valuesPerCiphertext);
    reader.require(`${count} ciphertexts`, count * polynomialBytes(ring) * (seed === undefined ? 2 : 1));
    const ciphertexts = Array.from({ length: count }, (_, index) => {
      const c0 = readPolynomial(reader, `c0 of ${index}`, ring);
      const c1 = seed === undefined ? readPolynomial(reader, `c1 of ${index}`, ring) : Object.freeze({ seed, index });
      return Object.freeze({ parameters, c0, c1, additions });
    });
    return Object.freeze({ parameters, length, ciphertexts: Object.freeze(ciphertexts), additions });
  });
}

/** The seed that stands for all c1 under their positions, if there is one. */
function commonSeed(ciphertexts: readonly IntegerCiphertext[]): Uint8Array | undefined {
  const [first] = ciphertexts;
  if (first === undefined || !isSeed(first.c1)) return undefined;
  const { seed } = first.c1;
  const shared = ciphertexts.every(
    ({ c1 }, i) => isSeed(c1) && c1.index === i && c1.seed.every((byte, k) => byte === seed[k]),
  );
  return shared ? seed : undefined;
}

function readCountAndForm(reader: Reader, parameters: IntegerParameters): { additions: number; form: number } {
  const additions = reader.within('additions', 4, 1, parameters.additions);
  const form = reader.within('form', 1, WHOLE, SEEDED);
  if (form === SEEDED && additions !== 1) reader.refuse(`a seeded ciphertext counts ${additions} additions, not 1`);
  return { additions, form };
}
