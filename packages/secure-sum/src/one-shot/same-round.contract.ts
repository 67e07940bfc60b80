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
  context: '2b82761a89d159b7078653fb647501f3',
  polynomials: '2ecb417216d4f5938269c248c95c1d5f',
  contributions: [
    'dcf34de9b3a3c2233120a12b72658b83',
    '87973baa76c9e9d753aab9efca73f4e4',
    '4c4f7aa2e4a13ea80bbf90329cf1832f',
  ],
  sent: '6bbbf8c34611993819f38dd50d88bb9f',
  set: '1baa97c3a59101f9706d249120b401b5',
  result: '0e02b64a77e8987ac29195df55462b5a',
};
