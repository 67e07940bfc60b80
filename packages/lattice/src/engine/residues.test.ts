import { describe } from 'vitest';
import type { Engine } from './engine.ts';
import { referenceEngine } from './engine-reference.ts';
import { wasmEngine } from './engine-wasm.ts';
import { residuesContract } from './residues.contract.ts';
import { runsWhole } from './seeded-words.contract.ts';
import { wideSumsContract } from './wide-sums.contract.ts';

// Both engines are held to the same big integers, so their bytes are equal.
const engines: readonly [string, () => Engine | Promise<Engine>][] = [
  ['wasm', wasmEngine],
  ['reference', referenceEngine],
];

describe.each(engines)('the residue kernels of the %s engine', (_name, make) => {
  // Four words is the shortest vector that pointwise kernels take, sixteen the shortest of the kernels with wide sums.
  describe('on four words', () => residuesContract(make, 4));
  describe('on sixteen words', () => wideSumsContract(make, 16));
  const length = runsWhole() ? 4096 : 80;
  describe(`on ${length} words`, () => {
    residuesContract(make, length);
    wideSumsContract(make, length);
  });
});
