import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { wasmEngine } from '../engine/index.ts';
import type { UnmaskEntry } from './bodies.ts';
import { insecureParticipant } from './insecure-participant.contract.ts';
import { type Loot, strip, tellLiving, tellVouchers } from './malicious-coordinator.contract.ts';
import { GUARDS } from './participant/guards.ts';
import { type MaskParticipant, participantWith } from './participant/machine.ts';
import { type SimulatedProject, SimulatedRound, simulatedProject } from './simulation.contract.ts';

let world: SimulatedProject;
beforeAll(async () => {
  world = await simulatedProject(nodePrimitives(), await wasmEngine(), 7, 99);
});

// 7 members, t = 5; the coordinator and the members 5 and 6 work together. Two worlds with one sum: member 0 has the largest values
// and member 1 the smallest, or the other way round. From everything they have, the coalition guesses which world it is in.
const CORRUPT: readonly number[] = [5, 6];
const LENGTH = 4096;
const VALUE_BITS = 14;
const WORD_BITS = 17;
const LARGEST = 2 ** (VALUE_BITS - 1) - 1;

type World = 'A' | 'B';

interface Attack {
  readonly machine: MaskParticipant;
  /** Whom the coordinator tells of whom that they live; honest without. */
  readonly lists?: (member: number) => readonly number[];
  readonly dropsAt?: (member: number) => number | undefined;
  readonly corrupt?: readonly number[];
}

async function viewOf(
  which: World,
  { machine, lists, dropsAt, corrupt = CORRUPT }: Attack,
): Promise<{ round: SimulatedRound; loot: Loot }> {
  const keys = new Map<number, Uint8Array>();
  const entries: [number, UnmaskEntry[]][] = [];
  const sign = which === 'A' ? 1 : -1;
  const round: SimulatedRound = new SimulatedRound(world, {
    members: 7,
    configuration: { vectorLength: LENGTH, valueBits: VALUE_BITS, wordBits: WORD_BITS },
    vectorOf: (member) =>
      new Int32Array(LENGTH).fill(member === 0 ? sign * LARGEST : member === 1 ? -sign * LARGEST : member),
    machineOf: () => machine,
    ...(dropsAt === undefined ? {} : { dropsAt }),
    afterStep: async (member, step) => {
      const { state } = step;
      if (!corrupt.includes(member)) return step;
      if (state.phase === 'shared') keys.set(member, state.secretMaskKey.expose());
      if (state.phase === 'ready') {
        const held = [...state.secretHoldings].flatMap(([index, { seedShare, keyShare }]): UnmaskEntry[] => [
          { index, of: 'seed', share: seedShare.exposeInTheClear() },
          { index, of: 'key', share: keyShare.exposeInTheClear() },
        ]);
        entries.push([member, held]);
      }
      return step;
    },
  });
  await round.advertise();
  await round.drawBeacon();
  await round.share();
  await round.mask();
  if (lists === undefined) {
    await round.confirm();
    await round.unmask();
  } else {
    await tellLiving(round, lists);
    await tellVouchers(round);
  }
  return { round, loot: { keys, entries } };
}

/** How many standard deviations the mean of the stripped vector of member 0 is from that of uniform words. */
async function score(which: World, attack: Attack): Promise<number> {
  const { round, loot } = await viewOf(which, attack);
  const { vector } = await strip(round, 0, loot);
  const mean = vector.reduce((sum, value) => sum + value, 0) / LENGTH;
  return mean / (2 ** WORD_BITS / Math.sqrt(12 * LENGTH));
}

const secure = participantWith(GUARDS);
const attacks: [string, Attack][] = [
  ['that only looks', { machine: secure }],
  [
    'that only looks, while two honest members vanish',
    { machine: secure, dropsAt: (member) => (member === 3 || member === 4 ? 2 : undefined) },
  ],
  ['that isolates the victim', { machine: secure, lists: (member) => [...new Set([0, member])] }],
  [
    'that tells each half another list',
    { machine: secure, lists: (member) => (member < 4 ? [0, 1, 2, 3, 4, 5] : [0, 1, 2, 4, 5, 6]) },
  ],
];

// A uniform mean is beyond 5.5 standard deviations with probability 4·10^−8.
const BEYOND = 5.5;

describe('a coordinator with two of seven members', () => {
  it.each(attacks)('%s sees the same in both worlds', async (_, attack) => {
    for (const which of ['A', 'B'] as const) expect(Math.abs(await score(which, attack))).toBeLessThan(BEYOND);
  });

  it('sees uniform words under what it can take off, in both worlds', async () => {
    for (const which of ['A', 'B'] as const) {
      const { round, loot } = await viewOf(which, { machine: secure });
      for (const victim of [0, 1, 2]) {
        const { vector, masksLeft } = await strip(round, victim, loot);
        // Its own mask and those with the corrupt are gone; those with the four other honest members stay.
        expect(masksLeft).toBe(4);
        const counts = new Float64Array(32);
        for (const value of vector) counts[(value + 2 ** (WORD_BITS - 1)) >> (WORD_BITS - 5)]! += 1;
        const chiSquared = counts.reduce((sum, count) => sum + (count - LENGTH / 32) ** 2 / (LENGTH / 32), 0);
        // 31 degrees of freedom: above 90 with probability below 10^−7.
        expect(chiSquared).toBeLessThan(90);
      }
    }
  });

  it('opens the exact sum all the same', async () => {
    const { round } = await viewOf('A', { machine: secure });
    expect([...round.result!.sum].every((value) => value === 2 + 3 + 4 + 5 + 6)).toBe(true);
  });

  it('the planted leak: tells the worlds apart where participants answer without guards', async () => {
    const lists = (member: number): readonly number[] => [...new Set([0, member])];
    const machine = insecureParticipant('requireLiving', 'requireVouchers');
    expect(await score('A', { machine, lists })).toBeGreaterThan(10);
    expect(await score('B', { machine, lists })).toBeLessThan(-10);
  });

  it('the planted leak: tells them apart with five corrupt members, where the bound is two', async () => {
    const corrupt = [2, 3, 4, 5, 6];
    expect(await score('A', { machine: secure, corrupt })).toBeGreaterThan(10);
    expect(await score('B', { machine: secure, corrupt })).toBeLessThan(-10);
  });
});
