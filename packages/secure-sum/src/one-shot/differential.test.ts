// Attack 72 of the specification's list: one-shot sums of random configurations against the plain integer sum. A slice by default; 10,000
// with SUMUS_FULL=1, of which most go without the envelope of certificates and messages that every round has in common.

import { wasmEngine } from '@sumus/lattice/engine';
import {
  encryptOncePacked,
  insecureOneTimeParameters,
  type KeyShare,
  oneTimeKey,
  openSum,
  PackedSum,
  reconstructKeySum,
  shareKey,
  sumShares,
} from '@sumus/lattice/one-time';
import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { seededPrimitives } from '../seeded-members.contract.ts';
import { play } from './one-shot-driver.contract.ts';
import { sumOf, world as worldOn } from './one-shot-world.contract.ts';
import { strictValueBits, usefulPackings } from './round/packings.ts';

const full =
  (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env['SUMUS_FULL'] === '1';
const WHOLE = full ? 500 : 5;
const BARE = full ? 9500 : 60;

let engine: Awaited<ReturnType<typeof wasmEngine>>;
beforeAll(async () => {
  engine = await wasmEngine();
});

/** A congruential generator, for choices of the test alone. */
function choices(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

/** A packing, a committee and a number of contributors that go together. */
function configuration(below: (bound: number) => number) {
  const maximumContributors = 3 + below(20);
  const packings = usefulPackings(maximumContributors);
  const { wordBits, wordsPerCoefficient } = packings[below(packings.length)]!;
  const valueBits = Math.max(2, strictValueBits(maximumContributors, wordBits) - below(3));
  const corrupt = below(4);
  const members = Math.max(3, 3 * corrupt + 1 + below(4));
  return {
    maximumContributors,
    wordBits,
    wordsPerCoefficient,
    valueBits,
    vectorLength: 1 + below(500),
    committee: { members, corrupt, choice: 'fixed' as const },
  };
}

function vector(below: (bound: number) => number, length: number, highest: number): Int32Array {
  const extreme = below(4);
  return Int32Array.from({ length }, () => {
    if (extreme === 0) return highest;
    if (extreme === 1) return -highest;
    return below(2 * highest + 1) - highest;
  });
}

describe('attack 72: one-shot sums against plain ones', () => {
  it(`of whole rounds in ${WHOLE} random configurations`, async () => {
    const below = choices(1);
    for (let i = 0; i < WHOLE; i++) {
      const literal = configuration(below);
      const contributors = 3 + below(Math.min(4, literal.maximumContributors - 2));
      // Who trusts a whole committee says so.
      const floors = { corruptFraction: 0 };
      const w = await worldOn(nodePrimitives(), engine, { contributors, literal, floors, seed: 1 + (i % 250) });
      const { highest } = w.parameters.oneTime;
      const all = Array.from({ length: contributors }, () => vector(below, literal.vectorLength, highest));
      const { result } = await play(w, { vectors: (index) => all[index]! });
      expect(result!.sum, JSON.stringify(literal)).toEqual(sumOf(all));
    }
  }, 600_000);

  it(`of bare sums in ${BARE} random configurations, as many contributors as are allowed`, () => {
    const below = choices(2);
    const primitives = seededPrimitives(nodePrimitives(), 40);
    const lattice = { engine, primitives };
    const context = new Uint8Array(32).fill(5);
    for (let i = 0; i < BARE; i++) {
      const { maximumContributors: contributors, vectorLength, committee, ...rest } = configuration(below);
      const parameters = insecureOneTimeParameters({ ...rest, contributors, degree: 64, committee });
      const total = new PackedSum(lattice, parameters, vectorLength);
      const received: KeyShare[][] = Array.from({ length: committee.members }, () => []);
      const all: Int32Array[] = [];
      for (let u = 0; u < contributors; u++) {
        const values = vector(below, vectorLength, parameters.highest);
        const key = oneTimeKey(lattice, parameters);
        for (const [m, share] of shareKey(lattice, key).entries()) received[m]!.push(share);
        total.add(encryptOncePacked(lattice, { key, context, values }));
        all.push(values);
      }
      const first = below(committee.members - parameters.committee.quorum + 1);
      const answers = received.slice(first).map((shares) => sumShares(parameters, shares));
      const keySum = reconstructKeySum(lattice, parameters, answers);
      const sum = openSum(lattice, { total: total.total(), context, keySum });
      total.release();
      expect(Int32Array.from(sum), parameters.description).toEqual(sumOf(all));
    }
  }, 600_000);
});
