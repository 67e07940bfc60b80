// The same bits in every runtime: digests of encodings, of decoded doubles and of the tables they come from. A difference would
// mean that two parties who encode the same public numbers do not get the same plaintext.

import { describe, expect, it } from 'vitest';
import type { Engine } from '../engine/engine.ts';
import { referenceEngine } from '../engine/engine-reference.ts';
import { wasmEngine } from '../engine/engine-wasm.ts';
import { primesBelow } from '../ring/primes.ts';
import { ring } from '../ring/ring.ts';
import { decodeComplex, decodeReal, encodeComplex, encodeReal } from './encoding.ts';
import { createEmbedding } from './encoding-embedding.ts';
import { numbers } from './encoding-naive.contract.ts';
import { rootsOfUnity } from './roots-of-unity.ts';

async function digest(...arrays: readonly (Float64Array<ArrayBuffer> | Uint32Array<ArrayBuffer>)[]): Promise<string> {
  const bytes = new Uint8Array(arrays.reduce((sum, array) => sum + array.byteLength, 0));
  let at = 0;
  for (const array of arrays) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
    at += array.byteLength;
  }
  const hash = new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

interface Known {
  readonly degree: number;
  readonly slots: number;
  readonly limbs: number;
  readonly scaleLog2: number;
  /** Complex encoding, its decoding, real encoding, its decoding. */
  readonly digests: readonly string[];
}

const KNOWN: readonly Known[] = [
  {
    degree: 16,
    slots: 1,
    limbs: 1,
    scaleLog2: 20,
    digests: [
      '848bc7b5dabba9e4708a246876c2353e',
      '9036798f8e16ad10fc7be477fe55891b',
      '95c15a617e09791048a5f582df004b4d',
      '34c5002819f179cdb7a9dc23702d839c',
    ],
  },
  {
    degree: 64,
    slots: 32,
    limbs: 2,
    scaleLog2: 40,
    digests: [
      'd424a38f95b9cbba4966740c279705ae',
      '48e537269f3439b02aff149ca678422f',
      '67be82a11124eb2e13bca7c29e57d718',
      '7fabed211e24dd9a4d661ba5369ce49f',
    ],
  },
  {
    degree: 1024,
    slots: 128,
    limbs: 3,
    scaleLog2: 55,
    digests: [
      'c47f6ae34e1d7e74aaaf5b6eec61d375',
      '1fedc2745af0908fc8bbe044da4ad949',
      '02d60fe84f5aa77af9cbb7778dd4e211',
      '79ce7e131d38ec89c50472008d862685',
    ],
  },
  {
    degree: 8192,
    slots: 4096,
    limbs: 6,
    scaleLog2: 55,
    digests: [
      '78c577de320ba3c75a3d87c70c0132e1',
      '23759a2b7f42f726bda0ec9772a1c2cb',
      'fe90f4ea324002b0341da089ed2b16f2',
      '552f546cf1da4e3196d33f88d0bbff33',
    ],
  },
  {
    degree: 16384,
    slots: 8192,
    limbs: 2,
    scaleLog2: 50,
    digests: [
      '9cd2c1b715706c502ee8fbfb46f8f3f5',
      '034fdce0bb0d6867e26ad83b61147b5a',
      '5086a3ad999b1ffd5acedfa3848cd191',
      '4582f18d18f1146f9d71be23bf71f15b',
    ],
  },
];

const engines: readonly [string, () => Engine | Promise<Engine>][] = [
  ['wasm', wasmEngine],
  ['reference', referenceEngine],
];

describe.each(engines)('encodings by the %s engine', (_name, make) => {
  it.each(KNOWN)(
    'have the known bits: N = $degree, $slots slots',
    async ({ degree, slots, limbs, scaleLog2, digests }) => {
      const engine = await make();
      const r = ring(engine, degree, primesBelow(2 ** 30, limbs, degree));
      const embedding = createEmbedding({ engine }, degree);
      // Not a power of two, so that scaling rounds.
      const options = { slots, scale: 2 ** scaleLog2 * 1.1 };
      const z = numbers(slots, 3, degree);
      const complex = encodeComplex(embedding, r, z, options);
      const real = encodeReal(embedding, r, z.real, options);
      const decoded = decodeComplex(embedding, complex, options);
      expect([
        await digest(complex.residues),
        await digest(decoded.real, decoded.imaginary),
        await digest(real.residues),
        await digest(decodeReal(embedding, real, options)),
      ]).toEqual(digests);
    },
  );
});

it('the roots of unity have the known bits', async () => {
  const { cosines, sines } = rootsOfUnity(17);
  expect(await digest(Float64Array.from(cosines), Float64Array.from(sines))).toBe('8d6cf221fe709114d82570fcc406db40');
});
