import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import { referenceEngine } from '../engine/engine-reference.ts';
import { wasmEngine } from '../engine/engine-wasm.ts';
import { readBlock } from '../ring/blocks.ts';
import { primeNearest, primesBelow } from '../ring/primes.ts';
import { type Ring, ring } from '../ring/ring.ts';
import { RandomStream } from './random-stream.ts';
import { chiSquareDeviations, MOST_DEVIATIONS } from './statistics.contract.ts';
import { expandUniform, sampleUniformBlock, UniformWords } from './uniform.ts';

const primitives = nodePrimitives();
const seed = Uint8Array.from({ length: 32 }, (_, i) => 17 * i + 3);
const DEGREE = 4096;

/** Many blocks of residues, limb after limb. */
function draw(over: Ring, blocks: number): Uint32Array[] {
  return over.engine.memory.scope(() => {
    const address = over.engine.memory.allocate(over.blockBytes);
    return Array.from({ length: blocks }, (_, index) => {
      sampleUniformBlock(over, new RandomStream(primitives, seed, 'test', index), address);
      return readBlock(over, address);
    });
  });
}

const even = new Array<number>(256).fill(1 / 256);

/** The worse of two fits: 256 equal ranges of [0, q), and the lowest eight bits. */
function deviations(residues: Iterable<number>, q: number): number {
  const ranges = new Array<number>(256).fill(0);
  const lowBits = new Array<number>(256).fill(0);
  for (const r of residues) {
    ranges[Math.floor((r * 256) / q)] += 1;
    lowBits[r & 255] += 1;
  }
  return Math.max(chiSquareDeviations(ranges, even), chiSquareDeviations(lowBits, even));
}

describe('uniform residues', () => {
  // Acceptance from 0.8 (just above 2^32/5) to nearly 1, 24 to 30 bits.
  const targets = [
    2 ** 24 + 2 ** 20,
    2 ** 27,
    2 ** 29 - 2 ** 20,
    2 ** 29 + 2 ** 20,
    2 ** 32 / 5 + 2 ** 18,
    2 ** 30 - 2 ** 20,
  ];

  it('lie below their primes and fit the uniform distribution, limb by limb', async () => {
    const engine = await wasmEngine();
    const primes = targets.map((target) => primeNearest(target, DEGREE));
    const blocks = draw(ring(engine, DEGREE, primes), 64);
    primes.forEach((q, limb) => {
      const residues = blocks.flatMap((block) => [...block.subarray(limb * DEGREE, (limb + 1) * DEGREE)]);
      expect(Math.max(...residues.slice(0, 4096))).toBeLessThan(q);
      expect(residues.every((r) => r < q)).toBe(true);
      expect(deviations(residues, q), `prime ${q}`).toBeLessThan(MOST_DEVIATIONS);
    });
  });

  it('would not pass with the bias of a plain reduction modulo q', () => {
    // Residues below half of q get five words of 2^32 each, the others four.
    const q = primeNearest(2 ** 32 / 4.5, DEGREE);
    const words = new Uint32Array(64 * DEGREE);
    new RandomStream(primitives, seed, 'test', 0).fill(new Uint8Array(words.buffer));
    const reduced = words.map((word) => word % q);
    expect(deviations(reduced, q)).toBeGreaterThan(2 * MOST_DEVIATIONS);
    // Nor would one residue in sixteen with its lowest bit cleared.
    const nudged = draw(ring(referenceEngine(), DEGREE, [q]), 64).flatMap((block) =>
      [...block].map((r, i) => (i % 16 === 0 ? r & ~1 : r)),
    );
    expect(deviations(nudged, q)).toBeGreaterThan(MOST_DEVIATIONS);
  });

  it('are the words of the stream in order, reduced and rejected one by one, whatever the pieces', async () => {
    const [q0, q1] = [primeNearest(2 ** 32 / 5 + 2 ** 18, DEGREE), primeNearest(2 ** 29 + 2 ** 20, DEGREE)];
    for (const engine of [await wasmEngine(), referenceEngine()]) {
      const over = ring(engine, DEGREE, [q0, q1]);
      const [block] = draw(over, 1);
      const words = new Uint32Array(4 * DEGREE);
      new RandomStream(primitives, seed, 'test', 0).fill(new Uint8Array(words.buffer));
      let next = 0;
      const naive = [q0, q1].flatMap((q) =>
        Array.from({ length: DEGREE }, () => {
          while (words[next] >= q * Math.floor(2 ** 32 / q)) next += 1;
          return words[next++] % q;
        }),
      );
      expect([...block]).toEqual(naive);
      // Pieces of one block of keystream, and odd runs.
      const [inSmallPieces, inRuns] = engine.memory.scope(() => {
        const address = engine.memory.allocate(over.blockBytes);
        const small = new UniformWords(engine, new RandomStream(primitives, seed, 'test', 0), 0);
        small.draw(address, DEGREE, q0);
        small.draw(address + over.limbBytes, DEGREE, q1);
        const first = readBlock(over, address);
        const runs = new UniformWords(engine, new RandomStream(primitives, seed, 'test', 0), 10_000);
        let at = 0;
        for (const [q, runLength] of [
          [q0, 7],
          [q0, 1],
          [q0, 4088],
          [q1, 1023],
          [q1, 3073],
        ] as const) {
          runs.draw(address + 4 * at, runLength, q);
          at += runLength;
        }
        return [first, readBlock(over, address)];
      });
      expect(inSmallPieces).toEqual(block);
      expect(inRuns).toEqual(block);
    }
  });
});

describe('the polynomial that a seed stands for', () => {
  const primes = primesBelow(2 ** 30, 3, DEGREE);

  it('is the same in both engines, and its first limbs are the polynomial over the first primes', async () => {
    const wasm = await wasmEngine();
    const whole = expandUniform(ring(wasm, DEGREE, primes), primitives, seed, 5);
    const reference = expandUniform(ring(referenceEngine(), DEGREE, primes), primitives, seed, 5);
    const prefix = expandUniform(ring(wasm, DEGREE, primes.slice(0, 2)), primitives, seed, 5);
    expect(reference.residues).toEqual(whole.residues);
    expect(prefix.residues).toEqual(whole.residues.slice(0, 2 * DEGREE));
  });

  it('changes with the index and with the seed', async () => {
    const over = ring(await wasmEngine(), DEGREE, primes);
    const other = Uint8Array.from(seed, (byte, i) => (i === 31 ? byte ^ 1 : byte));
    const texts = [
      expandUniform(over, primitives, seed, 0),
      expandUniform(over, primitives, seed, 1),
      expandUniform(over, primitives, other, 0),
    ].map(({ residues }) => residues.slice(0, 8).join());
    expect(new Set(texts).size).toBe(3);
  });
});
