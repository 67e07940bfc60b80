import { describe } from 'vitest';
import type { Engine } from './engine.ts';
import { referenceEngine } from './engine-reference.ts';
import { wasmEngine } from './engine-wasm.ts';
import { integersContract } from './integers.contract.ts';
import { runsWhole } from './seeded-words.contract.ts';

// Both engines are held to the same big integers, so their bytes are equal.
const engines: readonly [string, () => Engine | Promise<Engine>][] = [
  ['wasm', wasmEngine],
  ['reference', referenceEngine],
];

describe.each(engines)('the integer kernels of the %s engine', (_name, make) => {
  describe('on four words', () => integersContract(make, 4));
  const length = runsWhole() ? 1024 : 20;
  describe(`on ${length} words`, () => integersContract(make, length));
});
