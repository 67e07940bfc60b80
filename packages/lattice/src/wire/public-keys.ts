// Public and evaluation keys. The uniform halves are sent as the 32-byte seed they expand from; only the relinearisation key that
// several parties made together has a uniform half of its own (shared-keys/evaluation-keys.ts) and is sent whole. How many made it is
// sent along: what the evaluator's estimates say of products depends on it, so a key is as trustworthy as whoever it comes from.
// Refused on writing: keys of other parameters, a uniform half that its seed does not expand to.

import { ParameterError } from '../errors.ts';
import type { GaloisKey, RelinearisationKey } from '../keys/evaluation-key.ts';
import type { KeySwitchingKey } from '../keys/key-switching-key.ts';
import type { PublicKey } from '../keys/public-key.ts';
import type { Lattice } from '../lattice.ts';
import { requireInteger } from '../parameters/require-integer.ts';
import { expandUniform, SEED_BYTES } from '../random/index.ts';
import type { EvaluationPolynomial } from '../ring/polynomial.ts';
import type { Ring } from '../ring/ring.ts';
import { readMessage, writeMessage } from './envelope.ts';
import { type ChainParameters, dataRing, type SchemeParameters, wholeRing } from './parameter-set.ts';
import type { Reader } from './reader.ts';
import { polynomialBytes, readPolynomial, readPolynomials, writePolynomial } from './residues.ts';
import type { Trace, Writer } from './writer.ts';

export function encodePublicKey(
  lattice: Lattice,
  parameters: SchemeParameters,
  key: PublicKey,
  trace?: Trace,
): Uint8Array<ArrayBuffer> {
  const ring = dataRing(lattice, parameters);
  requireExpansion(lattice, ring, key.seed, 0, key.a);
  const bodyBytes = SEED_BYTES + polynomialBytes(ring);
  return writeMessage(lattice, { kind: 'public key', parameters, bodyBytes, trace }, (writer) => {
    writer.bytes('seed of a', key.seed, SEED_BYTES);
    writePolynomial(writer, 'b', ring, key.b);
  });
}

export function decodePublicKey(lattice: Lattice, parameters: SchemeParameters, bytes: Uint8Array): PublicKey {
  const ring = dataRing(lattice, parameters);
  return readMessage(lattice, 'public key', parameters, bytes, (reader) => {
    const seed = reader.bytes('seed of a', SEED_BYTES);
    const b = readPolynomial(reader, 'b', ring);
    return Object.freeze({ ring, b, a: expandUniform(ring, lattice.primitives, seed, 0), seed });
  });
}

export function encodeRelinearisationKey(
  lattice: Lattice,
  parameters: ChainParameters,
  { key, parties }: RelinearisationKey,
  trace?: Trace,
): Uint8Array<ArrayBuffer> {
  requireInteger('parties', parties, 1, MOST_PARTIES);
  const bodyBytes = 4 + switchingBytes(lattice, parameters, key);
  return writeMessage(lattice, { kind: 'relinearisation key', parameters, bodyBytes, trace }, (writer) => {
    writer.u32('parties', parties);
    writeSwitchingKey(lattice, parameters, writer, key);
  });
}

export function decodeRelinearisationKey(
  lattice: Lattice,
  parameters: ChainParameters,
  bytes: Uint8Array,
): RelinearisationKey {
  return readMessage(lattice, 'relinearisation key', parameters, bytes, (reader) => {
    const parties = reader.u32('parties');
    if (parties < 1 || parties > MOST_PARTIES) reader.refuse(`a key of ${parties} parties`);
    return Object.freeze({ kind: 'relinearisation', parties, key: readSwitchingKey(lattice, parameters, reader) });
  });
}

/** As many as a roster has numbers (shared-keys/roster.ts). */
const MOST_PARTIES = 65535;

/** One message for each element; a set of keys is as many messages. */
export function encodeGaloisKey(
  lattice: Lattice,
  parameters: ChainParameters,
  { element, key }: GaloisKey,
  trace?: Trace,
): Uint8Array<ArrayBuffer> {
  if (!isGaloisElement(element, parameters)) {
    throw new ParameterError(`Galois element ${element} is not odd in (0, ${2 * parameters.degree})`);
  }
  const bodyBytes = 4 + switchingBytes(lattice, parameters, key);
  return writeMessage(lattice, { kind: 'Galois key', parameters, bodyBytes, trace }, (writer) => {
    writer.u32('element', element);
    writeSwitchingKey(lattice, parameters, writer, key);
  });
}

export function decodeGaloisKey(lattice: Lattice, parameters: ChainParameters, bytes: Uint8Array): GaloisKey {
  return readMessage(lattice, 'Galois key', parameters, bytes, (reader) => {
    const element = reader.u32('element');
    if (!isGaloisElement(element, parameters)) {
      reader.refuse(`element ${element} is not odd in (0, ${2 * parameters.degree})`);
    }
    return Object.freeze({ kind: 'galois', element, key: readSwitchingKey(lattice, parameters, reader) });
  });
}

function isGaloisElement(element: number, { degree }: ChainParameters): boolean {
  return Number.isInteger(element) && element > 0 && element < 2 * degree && element % 2 === 1;
}

const WHOLE = 0;
const SEEDED = 1;

function switchingBytes(lattice: Lattice, parameters: ChainParameters, { seed, digits }: KeySwitchingKey): number {
  const halves = digits.length * polynomialBytes(wholeRing(lattice, parameters));
  return 1 + (seed === undefined ? 2 * halves : SEED_BYTES + halves);
}

function writeSwitchingKey(
  lattice: Lattice,
  parameters: ChainParameters,
  writer: Writer,
  { layout, digits, seed }: KeySwitchingKey,
): void {
  const ring = wholeRing(lattice, parameters);
  if (layout.ring !== ring || digits.length !== parameters.digits.length || digits.length === 0) {
    throw new ParameterError('the evaluation key belongs to other parameters');
  }
  if (seed === undefined) {
    writer.u8('form: both halves', WHOLE);
  } else {
    digits.forEach(({ a }, i) => {
      requireExpansion(lattice, ring, seed, i, a);
    });
    writer.u8('form: seeded', SEEDED);
    writer.bytes('seed of all a', seed, SEED_BYTES);
  }
  digits.forEach(({ b }, i) => {
    writePolynomial(writer, `b ${i}`, ring, b);
  });
  if (seed !== undefined) return;
  digits.forEach(({ a }, i) => {
    writePolynomial(writer, `a ${i}`, ring, a);
  });
}

function readSwitchingKey(lattice: Lattice, parameters: ChainParameters, reader: Reader): KeySwitchingKey {
  const ring = wholeRing(lattice, parameters);
  const count = parameters.digits.length;
  if (count === 0) throw new ParameterError('these parameters have no digits: no evaluation key belongs to them');
  const layout = Object.freeze({ ring, digits: parameters.digits });
  const form = reader.within('form', 1, WHOLE, SEEDED);
  const seed = form === SEEDED ? reader.bytes('seed of all a', SEED_BYTES) : undefined;
  const b = readPolynomials(reader, 'b', ring, count);
  if (seed === undefined) {
    const a = readPolynomials(reader, 'a', ring, count);
    return Object.freeze({ layout, digits: Object.freeze(b.map((half, i) => Object.freeze({ b: half, a: a[i] }))) });
  }
  // Nothing is expanded for a message that is too long or too short.
  reader.finish();
  const digits = b.map((half, i) => Object.freeze({ b: half, a: expandUniform(ring, lattice.primitives, seed, i) }));
  return Object.freeze({ layout, digits: Object.freeze(digits), seed });
}

function requireExpansion(
  { primitives }: Lattice,
  ring: Ring,
  seed: Uint8Array,
  index: number,
  a: EvaluationPolynomial,
): void {
  const { residues } = expandUniform(ring, primitives, seed, index);
  if (a.ring !== ring || !a.residues.every((r, i) => r === residues[i])) {
    throw new ParameterError('the uniform half of a key is not what its seed expands to');
  }
}
