// Polynomials as bits: prime by prime, N residues of ⌈log2 q⌉ bits, lowest bit first (kernels/packing.ts). N is at least 16, so
// every prime's residues end on a whole byte. A residue that is not below its prime is refused.

import type { Engine } from '../engine/engine.ts';
import { ParameterError } from '../errors.ts';
import { allocateBlock, loadBlock, readBlock } from '../ring/blocks.ts';
import type { EvaluationPolynomial, Form, Polynomial } from '../ring/polynomial.ts';
import { evaluationPolynomial } from '../ring/polynomial.ts';
import type { Ring } from '../ring/ring.ts';
import type { Reader } from './reader.ts';
import type { Writer } from './writer.ts';

/** The packing kernels touch this much behind what they read or write. */
const SLACK_BYTES = 16;

export function packedBytes(count: number, bits: number): number {
  return Math.ceil((count * bits) / 8);
}

/** Bytes of one polynomial of the ring. */
export function polynomialBytes({ degree, moduli }: Ring): number {
  return moduli.reduce((sum, { bits }) => sum + packedBytes(degree, bits), 0);
}

/** Refuses a polynomial of another ring, or one whose residues are not what its ring says. */
export function writePolynomial(writer: Writer, field: string, ring: Ring, polynomial: Polynomial<Form>): void {
  if (polynomial.ring !== ring || polynomial.residues.length !== ring.degree * ring.moduli.length) {
    throw new ParameterError(`${field} lies in another ring than its parameters say`);
  }
  const { engine, degree, limbBytes, moduli } = ring;
  const { memory, packing } = engine;
  memory.secretScope(() => {
    const block = loadBlock(polynomial);
    const packed = memory.allocate(limbBytes + SLACK_BYTES);
    moduli.forEach(({ q, bits }, limb) => {
      const at = block + limb * limbBytes;
      if (packing.someAtLeast(at, degree, q) !== 0) throw new ParameterError(`${field} has a residue not below ${q}`);
      packing.packBits(packed, at, degree, bits);
      const bytes = packedBytes(degree, bits);
      writer.room(`${field} modulo ${q}`, bytes).set(memory.u8(packed, bytes));
    });
  });
}

export function readPolynomial(reader: Reader, field: string, ring: Ring): EvaluationPolynomial {
  return evaluationPolynomial(ring, readResidues(reader, field, ring));
}

/** Several polynomials of a ring; the room for all of them is checked before the first is made. */
export function readPolynomials(reader: Reader, field: string, ring: Ring, count: number): EvaluationPolynomial[] {
  reader.require(`${count} of ${field}`, count * polynomialBytes(ring));
  return Array.from({ length: count }, (_, i) => readPolynomial(reader, `${field} ${i}`, ring));
}

export function readResidues(reader: Reader, field: string, ring: Ring): Uint32Array<ArrayBuffer> {
  reader.require(field, polynomialBytes(ring));
  const { engine, degree, limbBytes, moduli } = ring;
  const { memory, packing } = engine;
  return memory.secretScope(() => {
    const block = allocateBlock(ring);
    const packed = memory.allocate(limbBytes + SLACK_BYTES);
    moduli.forEach(({ q, bits }, limb) => {
      const at = block + limb * limbBytes;
      const bytes = packedBytes(degree, bits);
      memory.u8(packed, bytes).set(reader.view(field, bytes));
      packing.unpackBits(at, packed, degree, bits);
      if (packing.someAtLeast(at, degree, q) !== 0) reader.refuse(`${field} has a residue that is not below ${q}`);
    });
    return readBlock(ring, block);
  });
}

/** Words below `bound`, so many bits each; bits that are left over in the last byte are zero. */
export function writeWords(
  writer: Writer,
  field: string,
  { memory, packing }: Engine,
  words: Uint32Array,
  bits: number,
): void {
  memory.secretScope(() => {
    const at = memory.allocate(words.byteLength);
    memory.u32(at, words.length).set(words);
    const bytes = packedBytes(words.length, bits);
    const packed = memory.allocate(bytes + SLACK_BYTES);
    packing.packBits(packed, at, words.length, bits);
    writer.room(field, bytes).set(memory.u8(packed, bytes));
  });
}

/** Inverse of writeWords; refuses words that are not below `bound`, and bits that should be zero. */
export function readWords(
  reader: Reader,
  field: string,
  { memory, packing }: Engine,
  count: number,
  bits: number,
  bound: number,
): Uint32Array<ArrayBuffer> {
  const bytes = packedBytes(count, bits);
  const source = reader.view(field, bytes);
  const unused = 8 * bytes - count * bits;
  if (unused > 0 && source[bytes - 1] >> (8 - unused) !== 0) reader.refuse(`${field} has bits set behind its end`);
  return memory.secretScope(() => {
    const packed = memory.allocate(bytes + SLACK_BYTES);
    memory.u8(packed, bytes).set(source);
    const at = memory.allocate(4 * count);
    packing.unpackBits(at, packed, count, bits);
    if (bound < 2 ** bits && packing.someAtLeast(at, count, bound) !== 0) {
      reader.refuse(`${field} has a value that is not below ${bound}`);
    }
    return memory.u32(at, count).slice();
  });
}
