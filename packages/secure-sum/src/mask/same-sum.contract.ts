// The same bytes in every runtime: a whole round of mask from one seed, every message and the sum. Members on two platforms that
// differed in one of them would not cancel each other's masks.

import type { Primitives } from '@sumus/platform/primitives';
import { describe, expect, it } from 'vitest';
import { hexOf } from '../canonical/index.ts';
import { wasmEngine } from '../engine/index.ts';
import { maskRules } from './configuration.ts';
import { SimulatedRound, simulatedProject } from './simulation.contract.ts';

const ROUNDS = [
  {
    what: 'on the complete graph, one of four gone',
    options: { members: 4, dropsAt: (member: number) => (member === 1 ? 2 : undefined) },
    wire: '97d800671f2930e8f2e88d60aefa6671',
    result: '791d70417cc6bbaa53332b6ef1eb50fc',
  },
  {
    what: 'on a ring of five',
    options: {
      members: 5,
      configuration: {
        wordBits: 32,
        valueBits: 20,
        own: maskRules({ graph: 'sparse', corruptFraction: 0, dropoutFraction: 0 }),
      },
      floors: { corruptFraction: 0 },
    },
    wire: 'c4db6c4acf203927b94b4be1ed8e57bc',
    result: '4fb9096d2ce0b14c67c2dad91dff3ef3',
  },
] as const;

/** `platform`: a fresh set of primitives. */
export function sameSumSuite(name: string, platform: () => Primitives | Promise<Primitives>): void {
  describe(`a round from one seed, on ${name}`, () => {
    it.each(ROUNDS)('$what, has the same bytes everywhere', async ({ options, wire, result }) => {
      const world = await simulatedProject(await platform(), await wasmEngine(), 5, 21);
      const round = await new SimulatedRound(world, options).run();
      expect(round.refusals).toEqual([]);
      const { sha256 } = world.primitives;
      expect(hexOf(sha256(...round.wire.map(({ bytes }) => bytes))).slice(0, 32)).toBe(wire);
      expect(hexOf(sha256(round.result!.encoded)).slice(0, 32)).toBe(result);
    });
  });
}
