// The same bytes in every engine and runtime: digests of exact and one-time ciphertexts and key shares from fixed seeds. They are
// part of the format and may only change together with its version.

import { loadWebPrimitives } from '@sumus/platform/web';
import { beforeAll, expect, it } from 'vitest';
import type { Engine } from '../engine/engine.ts';
import { referenceEngine } from '../engine/engine-reference.ts';
import { wasmEngine } from '../engine/engine-wasm.ts';
import { generateSecretKey } from '../keys/generate.ts';
import { generatePublicKey } from '../keys/public-key.ts';
import type { Lattice, LatticePrimitives } from '../lattice.ts';
import { encryptOnce } from '../one-time/encrypt-once.ts';
import { shareKey } from '../one-time/key-sharing.ts';
import { oneTimeKey } from '../one-time/one-time-key.ts';
import { type IntegerLiteral, insecureIntegerParameters } from '../parameters/integer-parameters.ts';
import { insecureOneTimeParameters } from '../parameters/one-time-parameters.ts';
import { integerRing } from './ciphertext.ts';
import { decryptVector } from './decrypt.ts';
import { encryptVector } from './encrypt.ts';
import { addVectors } from './operations.ts';

let primitives: LatticePrimitives;
let engines: readonly Engine[];
beforeAll(async () => {
  primitives = await loadWebPrimitives();
  engines = [await wasmEngine(), referenceEngine()];
});

const seed = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const given = Int32Array.from({ length: 500 }, (_, i) => ((i * 7919) % 4001) - 2000);

function digest(words: readonly Uint32Array[]): string {
  const bytes = new Uint8Array(4 * words.reduce((sum, { length }) => sum + length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const vector of words) for (const word of vector) view.setUint32(4 * at++, word, true);
  return Array.from(primitives.sha256(bytes).subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function inBothEngines(compute: (lattice: Lattice) => readonly Uint32Array[]): string[] {
  return engines.map((engine) => digest(compute({ engine, primitives })));
}

it.each<[string, IntegerLiteral['plaintext']]>([
  ['b527221551e1a9e1ddc60851247b2e82', { kind: 'lanes', valueBits: 16, signed: true, lanes: 3 }],
  ['4fc8c406cd6a10902a6ad8a320d0b7bb', { kind: 'modular', modulus: 65537, signed: true }],
])('%s: public-key encryption of %j', (expected, plaintext) => {
  const found = inBothEngines((lattice) => {
    const parameters = insecureIntegerParameters({ degree: 64, plaintext, additions: 4, key: 'public' });
    const ring = integerRing(lattice, parameters);
    const secretKey = generateSecretKey(lattice, ring, undefined, seed(1));
    const publicKey = generatePublicKey(lattice, ring, secretKey, seed(2), { seed: seed(3) });
    const vector = encryptVector(lattice, publicKey, parameters, given, seed(4));
    const twice = addVectors(lattice, vector, encryptVector(lattice, publicKey, parameters, given, seed(5)));
    expect(decryptVector(lattice, secretKey, twice)).toEqual(Float64Array.from(given, (v) => 2 * v));
    return twice.ciphertexts.flatMap(({ c0, c1 }) => [c0.residues, 'seed' in c1 ? new Uint32Array() : c1.residues]);
  });
  expect(found).toEqual([expected, expected]);
});

it('a one-time ciphertext and the shares of its key', () => {
  const parameters = insecureOneTimeParameters({
    contributors: 10,
    wordBits: 20,
    wordsPerCoefficient: 3,
    degree: 64,
    committee: { members: 5, corrupt: 1 },
  });
  const found = inBothEngines((lattice) => {
    const key = oneTimeKey(lattice, parameters, seed(1));
    const shares = shareKey(lattice, key, seed(2)).map(({ elements }) => elements);
    const { chunks } = encryptOnce(lattice, { key, context: seed(3), values: given, seed: seed(4) });
    return [...shares, ...chunks.map(({ residues }) => residues)];
  });
  const expected = '40ee405f87d1dc468bbad6028749e95e';
  expect(found).toEqual([expected, expected]);
});
