import { loadWebPrimitives } from '@sumus/platform/web';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../engine/engine.ts';
import { referenceEngine } from '../engine/engine-reference.ts';
import { wasmEngine } from '../engine/engine-wasm.ts';
import type { LatticePrimitives } from '../lattice.ts';
import type { Distribution } from '../parameters/distributions.ts';
import { ring } from '../ring/ring.ts';
import { RandomStream } from './random-stream.ts';
import { sampleSmall } from './small.ts';
import { sampleSmudgingBlock } from './smudging.ts';
import { sampleUniformBlock } from './uniform.ts';

// What a seed stands for is part of the wire format: these digests may only change together with its version.

const DEGREE = 1024;
const PRIMES = [1073707009, 998244353, 537935873];

let primitives: LatticePrimitives;
let engines: readonly Engine[];
beforeAll(async () => {
  primitives = await loadWebPrimitives();
  engines = [await wasmEngine(), referenceEngine()];
  // Tables are made before any scratch is in use.
  for (const engine of engines) ring(engine, DEGREE, PRIMES);
});

function digest(engine: Engine, words: number, draw: (stream: RandomStream, address: number) => void): string {
  const seed = Uint8Array.from({ length: 32 }, (_, i) => i);
  return engine.memory.scope(() => {
    const address = engine.memory.allocate(4 * words);
    draw(new RandomStream(primitives, seed, 'test', 7), address);
    const hash = primitives.sha256(engine.memory.u8(address, 4 * words));
    return Array.from(hash.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
  });
}

function expectInBothEngines(
  expected: string,
  words: number,
  draw: (engine: Engine, stream: RandomStream, address: number) => void,
): void {
  expect(engines.map((engine) => digest(engine, words, (stream, address) => draw(engine, stream, address)))).toEqual([
    expected,
    expected,
  ]);
}

describe('one seed gives the same samples in every engine and runtime', () => {
  it.each<[string, Distribution]>([
    ['36f2706f6049b35b6de9757d74a3e520', { kind: 'ternary' }],
    ['544b5d28d14e6bcff1d1bdf5908e7ad9', { kind: 'centredBinomial', eta: 21 }],
    ['c0b0215bba093b4543b05f19635c7004', { kind: 'centredBinomial', eta: 2 }],
    ['0434b632ed9357aea8c587f7f0489edf', { kind: 'discreteGaussian', stddev: 3.2 }],
    ['85095a26c80c6eb1987aeab4b6529ee7', { kind: 'discreteGaussian', stddev: 4.5 }],
    ['01e7b68f74654f091f642ed87b4254eb', { kind: 'discreteGaussian', stddev: 6.364 }],
    ['62b4b8e4d218c505f737387b6317ef86', { kind: 'discreteGaussian', stddev: 20 }],
  ])('%s: %j', (expected, distribution) => {
    expectInBothEngines(expected, DEGREE, (engine, stream, address) =>
      sampleSmall(engine, stream, distribution, address, DEGREE),
    );
  });

  it('uniform residues', () => {
    expectInBothEngines('eb0a24b204b97d549cb59e6cb16c427c', DEGREE * PRIMES.length, (engine, stream, address) =>
      sampleUniformBlock(ring(engine, DEGREE, PRIMES), stream, address),
    );
  });

  it.each<[string, number]>([
    ['89c5d6a0526c30ea02f947b83c73da34', 0],
    ['07e270dd9111a0c2e9ca4cd1d4bfaad0', 33.3],
    ['ebb838aa3fa81cd990dc2342e1d2bf67', 67.9],
    ['8d21bba465d2f4bcc56ec520454d6f8c', 92],
  ])('%s: smudging noise of 2^%d', (expected, size) => {
    expectInBothEngines(expected, DEGREE * PRIMES.length, (engine, stream, address) =>
      sampleSmudgingBlock(ring(engine, DEGREE, PRIMES), stream, size, address),
    );
  });
});
