// The same round everywhere: from one seed a contribution, a set, an answer and a sum have the same bytes on every platform and in both
// engines. Members on two platforms that differed in one of them would not find each other.

import type { Lattice } from '@sumus/lattice/one-time';
import type { Primitives } from '@sumus/platform/primitives';
import { describe, expect, it } from 'vitest';
import { hexOf } from '../canonical/index.ts';
import type { Output } from '../machine/outputs.ts';
import { openOwn, play } from './one-shot-driver.contract.ts';
import { sumOf, vectorOf, world as worldOn } from './one-shot-world.contract.ts';

export function sameRoundSuite(
  name: string,
  platform: () => Primitives | Promise<Primitives>,
  engine: () => Lattice['engine'] | Promise<Lattice['engine']>,
): void {
  describe(`a one-shot round from one seed, on ${name}`, () => {
    it('has the same bytes everywhere', async () => {
      const world = await worldOn(await platform(), await engine(), { contributors: 3, seed: 30 });
      const digest = (bytes: Uint8Array): string => hexOf(world.primitives.sha256(bytes)).slice(0, 32);
      const { contributions, outputs, result } = await play(world);
      const sends = (outputs as readonly Output<unknown>[]).flatMap((output) =>
        output.kind === 'send' ? [output.bytes] : [],
      );
      expect({
        context: digest(world.context.hash),
        polynomials: digest(world.round.polynomialSeed),
        contributions: contributions.map(digest),
        sent: digest(world.primitives.sha256(...sends)),
        set: digest(result!.set.setHash),
        result: digest(result!.resultHash),
      }).toEqual(EXPECTED);
      expect(result!.sum).toEqual(sumOf([0, 1, 2].map((i) => vectorOf(world, i))));
    });

    it('opens to participants the same sum', async () => {
      const literal = { openedTo: 'participants' } as const;
      const world = await worldOn(await platform(), await engine(), { contributors: 3, seed: 31, literal });
      const opened = await openOwn(world, await play(world), 1);
      expect(opened.sum).toEqual(sumOf([0, 1, 2].map((i) => vectorOf(world, i))));
    });
  });
}

/** The same in Node, in its reference engine, and in browsers. */
const EXPECTED = {
  context: '40b5dbec993aea6ba52f958afd199091',
  polynomials: '8986b9b910bca274bb41eb0c1fed1c10',
  contributions: [
    'b96d16d5ec1098aa5720dad336f4cae2',
    'a96407e7a5245d002ca244a84d27a6a7',
    '6618ab87ad05136996b27d8c029c6a5a',
  ],
  sent: '111123eae5d8bd8739f32caf90cbc5da',
  set: '794bc7ccd65b56c807e1bd97919de7bb',
  result: 'e8c9d56146126fb22035d3123e2b2243',
};
