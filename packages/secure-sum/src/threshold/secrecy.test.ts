// What a coalition sees of two worlds: coordinator and t − 1 members hold everything that went through, their shares and every seed of
// theirs, and an honest silo's input is one of two. A distinguisher that does catch a planted leak, one more share, cannot tell
// them apart. (What answers and results tell: two-answers, openings and hostile-encryptor.attack.test.ts.)

import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { NOW_MS } from '../seeded-members.contract.ts';
import { receiveContribution } from './contributions.ts';
import { startEncryptor, stepEncryptor } from './encryptor.ts';
import { readTogether } from './insecure-members.contract.ts';
import { encryptorOf, enteredAt, type Founded, found, roundAt, sendsOf, worldOf } from './threshold-world.contract.ts';
import { vectorOf } from './vectors.ts';

const VALUES = 60;
const one = Int32Array.from({ length: VALUES }, (_, i) => (i % 2 === 0 ? 30_000 : -30_000));
const other = one.map((value) => -value);

describe('a coalition of the coordinator and members', () => {
  let founded: Founded;
  beforeAll(async () => {
    founded = await found(await worldOf(nodePrimitives(), { lanes: 1, vectorLength: VALUES }));
  });

  /** The values that the first `size` members read in a contribution of silo 4 with these values. */
  async function readBy(size: number, values: Int32Array, number: number): Promise<number[]> {
    const { primitives, trust, epoch, foundings, parameters } = founded;
    const round = roundAt(founded, number);
    const entered = enteredAt(founded, round.context);
    const event = { kind: 'contribute' as const, entered, round, values, nowMs: NOW_MS };
    const { outputs } = await stepEncryptor(encryptorOf(founded, 4), startEncryptor(), event);
    const contribution = await receiveContribution(primitives, trust, round.context, sendsOf(outputs)[0]!.bytes);
    const { lattice, hash } = epoch;
    const shape = { lattice, integers: parameters.lattice.integers, epoch: hash, vectorLength: VALUES };
    const shares = foundings.slice(0, size).map(({ share }) => share);
    return readTogether(shares, vectorOf(shape, contribution)).slice(0, VALUES);
  }

  /** In how many places what was read leans to the first world: half of them when nothing is known. */
  async function lean(size: number, values: Int32Array): Promise<number> {
    let count = 0;
    for (let number = 1; number <= 20; number++) {
      const read = await readBy(size, values, number);
      count += read.filter((value, i) => Math.sign(value) === Math.sign(one[i]!)).length;
    }
    return count / (20 * VALUES);
  }

  it('of t reads every contribution: the control', async () => {
    expect(await readBy(4, one, 1)).toEqual([...one]);
    expect(await lean(4, one)).toBe(1);
    expect(await lean(4, other)).toBe(0);
  });

  it('of t − 1 leans neither way, in either world (5 deviations of 1200 coins, α < 1e-6)', async () => {
    const bound = (5 * 0.5) / Math.sqrt(20 * VALUES);
    for (const size of [1, 2, 3]) {
      for (const values of [one, other]) expect(Math.abs((await lean(size, values)) - 0.5)).toBeLessThan(bound);
    }
  });
});
