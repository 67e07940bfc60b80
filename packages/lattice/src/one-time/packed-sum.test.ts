import { beforeAll, describe, expect, it } from 'vitest';
import { referenceEngine } from '../engine/engine-reference.ts';
import { wasmEngine } from '../engine/engine-wasm.ts';
import { seededWords } from '../engine/seeded-words.contract.ts';
import { MalformedMessage, ParameterError } from '../errors.ts';
import { reproducibleLattice } from '../keys/node-lattice.contract.ts';
import type { Lattice } from '../lattice.ts';
import { insecureOneTimeParameters } from '../parameters/one-time-parameters.ts';
import { encryptOnce, encryptOncePacked } from './encrypt-once.ts';
import { oneTimeKey } from './one-time-key.ts';
import { OneTimeSum } from './one-time-sum.ts';
import { packedContributionBytes } from './packed-contribution.ts';
import { PackedSum } from './packed-sum.ts';

const literal = { contributors: 5, wordBits: 20, wordsPerCoefficient: 3, committee: { members: 4, corrupt: 1 } };
const parameters = insecureOneTimeParameters({ ...literal, degree: 128 });
const LENGTH = 700;
const context = new Uint8Array(32).fill(9);
const valuesOf = (seed: number): Int32Array => {
  const next = seededWords(seed);
  return Int32Array.from({ length: LENGTH }, () => (next() % (2 * parameters.highest + 1)) - parameters.highest);
};

let lattices: readonly Lattice[];
let lattice: Lattice;
beforeAll(async () => {
  lattice = await reproducibleLattice(77);
  const { primitives } = lattice;
  lattices = [
    { engine: await wasmEngine(), primitives },
    { engine: referenceEngine(), primitives },
  ];
});

/** The same vector under the same key and noise, twice. */
function both(on: Lattice, index: number) {
  const seeds = [1, 2].map((k) => new Uint8Array(32).fill(10 * index + k));
  const input = () => ({ key: oneTimeKey(on, parameters, seeds[0]), context, values: valuesOf(index), seed: seeds[1] });
  return { plain: encryptOnce(on, input()), packed: encryptOncePacked(on, input()) };
}

describe('packed contributions', () => {
  it('add up to what unpacked ones add up to, in both engines', () => {
    for (const on of lattices) {
      const sum = new OneTimeSum(on, parameters, LENGTH);
      const packedSum = new PackedSum(on, parameters, LENGTH);
      for (let i = 1; i <= 5; i++) {
        const { plain, packed } = both(on, i);
        expect(packed.length).toBe(packedContributionBytes(parameters, LENGTH));
        sum.add(plain);
        packedSum.add(packed);
      }
      expect(packedSum.contributions).toBe(5);
      expect(packedSum.total().chunks.map(({ residues }) => residues)).toEqual(
        sum.total().chunks.map(({ residues }) => residues),
      );
      packedSum.release();
    }
  });

  it('have the same bytes in both engines', () => {
    const [wasm, reference] = lattices.map((on) => both(on, 3).packed);
    expect(wasm).toEqual(reference);
  });

  it('are added whole or not at all: a residue at its prime, at the end or the beginning, changes nothing', () => {
    for (const on of lattices) {
      const sum = new PackedSum(on, parameters, LENGTH);
      const { packed } = both(on, 1);
      sum.add(packed);
      const before = sum.total();
      const other = both(on, 2).packed;
      const limbs = 3 * Math.ceil(LENGTH / 384);
      for (const limb of [0, 1, limbs - 1]) {
        for (const residue of [parameters.primes[limb % 3], 2 ** 30 - 1]) {
          const spoilt = other.slice();
          // The first value of the first lane stands in the lowest 30 bits.
          const view = new DataView(spoilt.buffer, (limb * spoilt.length) / limbs);
          view.setUint32(0, ((view.getUint32(0, true) & 0xc0000000) | residue) >>> 0, true);
          expect(() => sum.add(spoilt)).toThrow(MalformedMessage);
          expect(sum.total()).toEqual(before);
        }
      }
      refused(() => sum.add(other.subarray(1)));
      refused(() => sum.add(new Uint8Array(other.length + 1)));
      expect(sum.total()).toEqual(before);
      sum.add(other);
      sum.remove(other);
      expect(sum.total()).toEqual(before);
    }
  });

  it('of more than one piece are added and refused alike, whatever piece a spoilt residue lies in', () => {
    const large = insecureOneTimeParameters({ ...literal, degree: 4096 });
    const limbs = 12 * 3;
    const length = 12 * 3 * 4096;
    const contribution = (k: number): Uint8Array => {
      const next = seededWords(k);
      const values = Int32Array.from({ length }, () => (next() % (2 * large.highest + 1)) - large.highest);
      const seeds = [1, 2].map((i) => new Uint8Array(32).fill(10 * k + i));
      return encryptOncePacked(lattice, { key: oneTimeKey(lattice, large, seeds[0]), context, values, seed: seeds[1] });
    };
    const [first, second] = [contribution(1), contribution(2)];
    const sum = new PackedSum(lattice, large, length);
    sum.add(first);
    const before = sum.total().chunks.map(({ residues }) => residues);
    // Limb by limb, by the definition: value i in lane i mod 4, from bit 30·⌊i / 4⌋ of that lane on.
    const naive = (packed: Uint8Array, limb: number, i: number): number => {
      const words = new DataView(packed.buffer, packed.byteOffset + (limb * packed.length) / limbs);
      const bit = 30 * Math.floor((i % 64) / 4);
      const at = 240 * Math.floor(i / 64) + 16 * (bit >> 5) + 4 * (i % 4);
      const high = (bit & 31) > 2 ? BigInt(words.getUint32(at + 16, true)) : 0n;
      return Number(((BigInt(words.getUint32(at, true)) | (high << 32n)) >> BigInt(bit & 31)) & 0x3fffffffn);
    };
    for (let limb = 0; limb < limbs; limb++) {
      for (const i of [0, 1, 5, 63, 64, 2047, 4095]) {
        expect(before[Math.floor(limb / 3)][4096 * (limb % 3) + i]).toBe(naive(first, limb, i));
      }
    }
    for (const limb of [0, 15, 16, 31, 32, limbs - 1]) {
      const spoilt = second.slice();
      new DataView(spoilt.buffer, (limb * spoilt.length) / limbs).setUint32(0, 2 ** 30 - 1, true);
      expect(() => sum.add(spoilt)).toThrow(MalformedMessage);
    }
    expect(sum.total().chunks.map(({ residues }) => residues)).toEqual(before);
    sum.add(second);
    sum.remove(first);
    const rest = new PackedSum(lattice, large, length);
    rest.add(second);
    expect(sum.total().chunks).toEqual(rest.total().chunks);
    sum.release();
    rest.release();
  });

  it('go on from a stored total', () => {
    const [first, second] = [1, 2].map((i) => both(lattice, i).packed);
    const whole = new PackedSum(lattice, parameters, LENGTH);
    whole.add(first);
    const resumed = new PackedSum(lattice, parameters, LENGTH, whole.total());
    whole.add(second);
    resumed.add(second);
    expect(resumed.total()).toEqual(whole.total());
  });

  it('are refused beyond what the parameters allow, and after the release; released memory begins anew at zero', () => {
    const sum = new PackedSum(lattice, parameters, LENGTH);
    expect(() => sum.total()).toThrow(ParameterError);
    const { packed } = both(lattice, 1);
    for (let i = 0; i < 5; i++) sum.add(packed);
    expect(() => sum.add(packed)).toThrow(/6 contributions/);
    sum.release();
    sum.release();
    expect(() => sum.add(packed)).toThrow(/released/);
    expect(() => sum.total()).toThrow(/released/);
    const next = new PackedSum(lattice, parameters, LENGTH);
    next.add(packed);
    expect(next.total().chunks.map(({ residues }) => residues)).toEqual(
      both(lattice, 1).plain.chunks.map(({ residues }) => residues),
    );
  });

  it('need degrees and primes that the format can hold', () => {
    const small = insecureOneTimeParameters({ ...literal, degree: 32 });
    expect(() => new PackedSum(lattice, small, 10)).toThrow(/multiple of 64/);
  });
});

const refused = (act: () => void): void => expect(act).toThrow(MalformedMessage);
