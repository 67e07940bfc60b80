// What a page does for the rows about Chromium: the client's work of mask and of one-shot with the primitives of the web, as often as it is
// asked to. chromium.ts bundles this file, opens it in a browser and reads the clock of the page's process.

import { wasmEngine as latticeEngine } from '@sumus/lattice/engine';
import { SecretKey } from '@sumus/platform/primitives';
import { loadWebPrimitives } from '@sumus/platform/web';
import { wasmEngine } from '@sumus/secure-sum/engine';
import type { OneShotLiteral } from '@sumus/secure-sum/one-shot';
import type { SecretPrimitives } from '@sumus/secure-sum/secret-primitives';
import { playClient } from './mask-client.ts';
import { memberOf, type RoundSize, recordedMember, seeded, valuesOf } from './mask-world.ts';
import { contributionValues, oneShotWorld } from './one-shot-round.ts';

/** What the browser is told of a recorded round: sizes of the messages that lie one behind another in client.bin. */
export interface PageRound {
  readonly size: RoundSize;
  readonly client: readonly number[];
  readonly sent: readonly string[];
}

export interface PageWork {
  /** Ready to make contributions: each call makes so many. */
  oneShot(literal: OneShotLiteral, contributors: number): Promise<(times: number) => Promise<void>>;
  /** Ready to go through the round: each call does so many times, with members that were met before from the second time on. */
  mask(round: PageRound): Promise<(times: number) => Promise<void>>;
}

declare global {
  var sumusPage: PageWork | undefined;
}

const platform = async (): Promise<SecretPrimitives> => ({ ...(await loadWebPrimitives()), secretKeys: SecretKey });

globalThis.sumusPage = {
  async oneShot(literal, contributors) {
    const primitives = seeded(await platform(), 'one-shot');
    const world = await oneShotWorld(primitives, await latticeEngine(), contributors, literal);
    const values = contributionValues(literal.vectorLength, 0, 2 ** (literal.valueBits - 1) - 1);
    return async (times) => {
      for (let i = 0; i < times; i += 1) await world.contribute(0, values);
    };
  },

  async mask({ size, client, sent }) {
    const bytes = new Uint8Array(await (await fetch('client.bin')).arrayBuffer());
    let end = 0;
    const [roster, boxes, ...later] = client.map((length) => {
      end += length;
      return bytes.slice(end - length, end);
    });
    if (roster === undefined || boxes === undefined) throw new Error('the record of the client is incomplete');
    const primitives = await platform();
    const engine = await wasmEngine();
    const values = valuesOf(size, recordedMember(size));
    return async (times) => {
      for (let i = 0; i < times; i += 1) {
        const setup = await memberOf(primitives, engine, size, recordedMember(size));
        await playClient(primitives, setup, size, { roster, boxes, later, sent }, values, () => performance.now());
      }
    };
  },
};
