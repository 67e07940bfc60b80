// The same bytes in every runtime: digests of transforms, products, automorphisms and rescalings, known from the reference
// engine. They are part of the format, because evaluations are what goes over the wire.

import { describe, expect, it } from 'vitest';
import { referenceEngine } from '../engine/engine-reference.ts';
import { wasmEngine } from '../engine/engine-wasm.ts';
import { filled, seededWords } from '../engine/seeded-words.contract.ts';
import { rescale } from './division.ts';
import { automorphismOfEvaluations, multiply, toCoefficients, toEvaluations } from './operations.ts';
import { coefficientPolynomial, type Form, type Polynomial } from './polynomial.ts';
import { primeNearest, primesBelow } from './primes.ts';
import { ring } from './ring.ts';

async function digest({ residues }: Polynomial<Form>): Promise<string> {
  // Little-endian words, whatever the machine.
  const bytes = new Uint8Array(4 * residues.length);
  const view = new DataView(bytes.buffer);
  residues.forEach((word, i) => {
    view.setUint32(4 * i, word, true);
  });
  const hash = new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** N, then the digests of evaluations, their square, its image under X → X^5, that divided by the last prime, in coefficients. */
const KNOWN: readonly (readonly [number, readonly string[]])[] = [
  [
    16,
    [
      '73c694e7cf5f4c78b810c473d1574f1c',
      'f327855c9ce5ec8476d5a3e5ab67425d',
      '04cdc47b804d86eeb0a0a0d043199c4a',
      'd7f17267d211c054cb4dd585fa59c189',
    ],
  ],
  [
    1024,
    [
      'ef062b393f401a187b9e289c6cee0aba',
      '6e79fb0bfce7637e53cdf716bdf520d1',
      'c67511998dba41e50c26c025ff08099c',
      '468f65dfa637aae671bf5922abf49f34',
    ],
  ],
  [
    8192,
    [
      'b2b9c082f7d30f72b546491ce99ca764',
      '2ee6d23b97b96a29a8a1513d4b955341',
      '6e39d25c17f28f531f140554162735d6',
      '42947a43a680e779bdbf1e25e93d61e1',
    ],
  ],
];

describe.each([
  ['wasm', wasmEngine],
  ['reference', referenceEngine],
] as const)('the %s engine', (_name, make) => {
  it.each(KNOWN)('gives the known bytes at N = %i', async (degree, known) => {
    const primes = [...primesBelow(2 ** 30, 2, degree), primeNearest(2 ** 25, degree)];
    const r = ring(await make(), degree, primes);
    const next = seededWords(degree);
    const residues = new Uint32Array(3 * degree);
    primes.forEach((q, limb) => {
      residues.set(filled('extremes', degree, q, next), limb * degree);
    });
    const evaluations = toEvaluations(coefficientPolynomial(r, residues));
    const square = multiply(evaluations, evaluations);
    const image = automorphismOfEvaluations(square, 5);
    const quotient = toCoefficients(rescale(image, 2));
    const digests: string[] = [];
    for (const polynomial of [evaluations, square, image, quotient]) digests.push(await digest(polynomial));
    expect(digests).toEqual(known);
  });
});
