// An upload is megabytes: what the check of its frame hashed is not hashed once more for its place beside the log, and the place is right.

import { describe, expect, it } from 'vitest';
import { hexOf } from '../canonical/utf8.ts';
import { blobName } from './frame.ts';
import { runWorld } from './run-world.contract.ts';

describe('the body of a frame that a coordinator takes', () => {
  it('is hashed once, and kept under the hash of its own bytes', { timeout: 60_000 }, async () => {
    const world = await runWorld({ members: 3, plan: { protection: 'mask' } });
    const { primitives } = world.coordinatorSetup;
    const times = new Map<string, number>();
    const counted = (found: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => {
      const name = hexOf(found);
      times.set(name, (times.get(name) ?? 0) + 1);
      return found;
    };
    const counting = {
      ...primitives,
      sha256: (...chunks: readonly Uint8Array[]) => counted(primitives.sha256(...chunks)),
      sha256OfMany: async (bytes: Uint8Array) => counted(primitives.sha256(bytes)),
    };
    Object.assign(world, { coordinatorSetup: { ...world.coordinatorSetup, primitives: counting } });
    let taken = 0;
    world.onStep = async ({ events, blobs }) => {
      for (const event of events) {
        if (event.kind !== 'frame taken') continue;
        taken += 1;
        const { frame } = event;
        expect(blobName(primitives, blobs.get(frame.sha256) ?? new Uint8Array(0))).toEqual(frame);
        expect(times.get(frame.sha256)).toBe(1);
      }
      times.clear();
    };
    await world.play();
    expect(taken).toBeGreaterThan(20);
  });
});
