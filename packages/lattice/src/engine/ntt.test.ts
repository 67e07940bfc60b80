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

describe('an engine', () => {
  it.each([
    ['wasm', wasmEngine],
    ['reference', referenceEngine],
  ] as const)('(%s) transforms as before after its memory grew', async (_name, make) => {
    const engine = await make();
    const [q] = primesToTry(256);
    const { forward, inverse } = transforms(engine, 256, q);
    const values = filled('random', 256, q, seededWords(257));
    const evaluations = forward(values);
    engine.memory.scope(() => engine.memory.allocate(96 << 20));
    expect(forward(values)).toEqual(evaluations);
    expect(inverse(evaluations)).toEqual(values);
  });
});
