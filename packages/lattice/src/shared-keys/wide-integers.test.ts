import { expect, it } from 'vitest';
import { reproducibleLattice } from '../keys/node-lattice.contract.ts';
import { allocateBlock, readBlock } from '../ring/blocks.ts';
import { PRIME_BOUND, primesBelow } from '../ring/primes.ts';
import { ring } from '../ring/ring.ts';
import { put, writeWide } from './wide-integers.ts';

it('residues of numbers of 128 bits are what long division gives, at the edges of every chunk too', async () => {
  const { engine, primitives } = await reproducibleLattice(97);
  const over = ring(engine, 64, primesBelow(PRIME_BOUND, 3, 64));
  const bytes = primitives.randomBytes(16 * 64);
  const values = Array.from({ length: 64 }, (_, i) => {
    if (i < 32) return new DataView(bytes.buffer).getBigUint64(16 * i) * 2n ** 64n + BigInt(i);
    return i === 63 ? 2n ** 128n - 1n : 2n ** BigInt(4 * (i - 32)) - (i % 2 === 0 ? 1n : 0n);
  });
  const words = new BigUint64Array(2 * 64);
  values.forEach((value, i) => {
    put(words, i, value);
  });
  const residues = engine.memory.scope(() => {
    const out = allocateBlock(over);
    writeWide(over, words, out);
    return readBlock(over, out);
  });
  over.moduli.forEach(({ q }, limb) => {
    const expected = values.map((value) => Number(value % BigInt(q)));
    expect(Array.from(residues.subarray(64 * limb, 64 * (limb + 1)))).toEqual(expected);
  });
});
