import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { wasmEngine } from '../engine/index.ts';
import { maskRules } from './configuration.ts';
import { type SimulatedProject, SimulatedRound, simulatedProject } from './simulation.contract.ts';

let world: SimulatedProject;
beforeAll(async () => {
  world = await simulatedProject(nodePrimitives(), await wasmEngine(), 24);
});

const everybody = (count: number): number[] => [...Array(count).keys()];

describe('a round', () => {
  it('of three gives the sum to all', async () => {
    const round = await new SimulatedRound(world, { members: 3 }).run();
    expect(round.refusals).toEqual([]);
    expect([...round.result!.sum]).toEqual(round.plainSum([0, 1, 2]));
    expect(round.results.size).toBe(3);
  });
  it('sparse', async () => {
    const own = maskRules({ graph: 'sparse', corruptFraction: 0.02, dropoutFraction: 0.02 });
    const round = await new SimulatedRound(world, {
      members: 24,
      configuration: { own },
      floors: { corruptFraction: 0.02 },
    }).run();
    expect(round.refusals).toEqual([]);
    expect([...round.result!.sum]).toEqual(round.plainSum(everybody(24)));
    expect(round.results.size).toBe(24);
  });
});
