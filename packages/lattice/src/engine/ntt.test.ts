import { describe, expect, it } from 'vitest';
import { referenceEngine } from './engine-reference.ts';
import { wasmEngine } from './engine-wasm.ts';
import { nttContract, primesToTry, transforms } from './ntt.contract.ts';
import { FILLINGS, filled, runsWhole, seededWords } from './seeded-words.contract.ts';

const degrees = runsWhole() ? [16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192] : [16, 32, 64, 256, 1024];
const comparedDegrees = runsWhole() ? [...degrees, 16384, 32768, 65536] : [...degrees, 2048, 4096, 8192];

describe('the transform of the reference engine', () => nttContract(referenceEngine, degrees));
describe('the transform of the wasm engine', () => nttContract(wasmEngine, degrees));

describe('the transforms of both engines', () => {
  it.each(comparedDegrees)('give equal bytes at N = %i', async (degree) => {
    const [wasm, reference] = [await wasmEngine(), referenceEngine()];
    const next = seededWords(degree + 2);
    for (const q of primesToTry(degree)) {
      const [fast, slow] = [transforms(wasm, degree, q), transforms(reference, degree, q)];
      for (const filling of FILLINGS) {
        const values = filled(filling, degree, 2 * q, next);
        expect(fast.forward(values)).toEqual(slow.forward(values));
        expect(fast.inverse(values)).toEqual(slow.inverse(values));
      }
    }
  });
});
