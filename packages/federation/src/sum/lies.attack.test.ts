// A coordinator that lies around a protocol: two rosters for one participant, other hashes, a sum that it made up. What a participant answers then
// is what it answered before, or nothing.

import type { Output, Send } from '@sumus/secure-sum/machine';
import { describe, expect, it } from 'vitest';
import * as coordinator from './coordinator/index.ts';
import { decodeFrame, encodeFrame, FRAME, sumId } from './frame.ts';
import * as participant from './index.ts';
import { decodeOpened, encodeOpened, resultOfWords, wordBytes, wordsOfBytes } from './opened.ts';
import { CLEAR, MASK, NOW_MS, playSum, pointAt, type SumWorld, sumWorld } from './sum-world.contract.ts';

const sendsOf = (outputs: readonly Output<unknown>[]): readonly Send[] => outputs.filter((one) => one.kind === 'send');

/** Everybody opens the sum; what each says first. */
async function announced(world: SumWorld) {
  const opened = [];
  for (const { setup, standing } of world.parties) {
    const { state, outputs } = await participant.openSum(setup, standing, pointAt(1), NOW_MS);
    opened.push({ setup, state, entry: sendsOf(outputs)[0]!.bytes });
  }
  return opened;
}

describe('two rosters for one participant', () => {
  it('get one commitment to the beacon, the first, byte by byte', async () => {
    const world = await sumWorld({ protection: MASK });
    const people = await announced(world);
    // The same server twice: with all five, and with four of them, each with a log of its own that the other three witnesses sign.
    const rosters: Uint8Array[] = [];
    const states = people.map(({ state }) => state);
    for (const members of [
      [0, 1, 2, 3, 4],
      [0, 1, 2, 3],
    ]) {
      let hub = (await coordinator.startSum(world.server, coordinator.freshStanding(), pointAt(1), NOW_MS)).state;
      const sent: Send[] = [];
      const step = async (event: coordinator.CoordinatorSumEvent): Promise<void> => {
        const answer = await coordinator.stepSum(world.server, hub, event, NOW_MS);
        hub = answer.state;
        sent.push(...sendsOf(answer.outputs));
      };
      for (const index of members) await step({ kind: 'received', bytes: people[index]!.entry });
      await step({ kind: 'close' });
      const head = sent.find(({ type }) => type === FRAME.head)!;
      for (const index of [0, 1, 2, 3, 4]) {
        if (rosters.length === 1 && index === 0) continue;
        const { setup } = people[index]!;
        // Witnesses that work for the server forget what they signed: fresh ones each time, but for the victim.
        const forgetful =
          index === 0
            ? states[0]!
            : (await participant.openSum(setup, participant.freshStanding(setup), pointAt(1), NOW_MS)).state;
        const answer = await participant.stepSum(setup, forgetful, { kind: 'received', bytes: head.bytes }, NOW_MS);
        if (index === 0) states[0] = answer.state;
        const [cosignature] = sendsOf(answer.outputs);
        await step({ kind: 'received', bytes: cosignature!.bytes });
      }
      rosters.push(sent.find(({ type }) => type === FRAME.roster)!.bytes);
    }
    const { setup } = people[0]!;
    const [first, second] = rosters;
    const once = await participant.stepSum(setup, states[0]!, { kind: 'received', bytes: first! }, NOW_MS);
    const twice = await participant.stepSum(setup, once.state, { kind: 'received', bytes: second! }, NOW_MS);
    expect(sendsOf(once.outputs)).toHaveLength(1);
    expect(sendsOf(twice.outputs).map(({ bytes }) => bytes)).toEqual(sendsOf(once.outputs).map(({ bytes }) => bytes));
    // Shown the second alone, it would have committed to that: it is a roster like any other.
    const fresh = await participant.openSum(setup, participant.freshStanding(setup), pointAt(1), NOW_MS);
    const other = participant.stepSum(setup, fresh.state, { kind: 'received', bytes: second! }, NOW_MS);
    // Only that this one announced other keys in the meantime.
    await expect(other).rejects.toMatchObject({ code: 'E_ROSTER' });
  });
});

describe('what is told in the end', () => {
  /** Another sum, or other hashes, named as a right one would be. */
  const retold = (world: SumWorld, change: (opened: ReturnType<typeof decodeOpened>, sum: Int32Array) => void) => {
    const { primitives } = world.server;
    const id = sumId(primitives, world.agreement, pointAt(1));
    return (to: number | 'coordinator', bytes: Uint8Array, type: string): readonly Uint8Array[] => {
      if (type !== FRAME.opened || to !== 1) return [bytes];
      const opened = decodeOpened(decodeFrame(id, bytes).body);
      const sum = wordsOfBytes(opened.carrier, world.agreement.encoding.words);
      change(opened, sum);
      const result = resultOfWords(primitives, id, opened.contributors, sum);
      return [encodeFrame(id, FRAME.opened, encodeOpened({ ...opened, result, carrier: wordBytes(sum) }))];
    };
  };

  it('that this participant contributed what it did not send: it does not take it', async () => {
    const world = await sumWorld({ protection: CLEAR });
    const tamper = retold(world, ({ contributors }) => contributors[1]?.contribution.fill(7));
    const played = await playSum(world, pointAt(1), { tamper });
    expect(played.refused).toEqual([expect.objectContaining({ by: 'silo-02', code: 'E_EQUIV' })]);
    expect(played.results.has(1)).toBe(false);
    expect(played.results.size).toBe(4);
  });

  it('a sum that so many vectors cannot have: nobody takes it', async () => {
    const world = await sumWorld({ protection: CLEAR });
    const tamper = retold(world, (_, sum) => {
      sum[3] = 2 ** 30;
    });
    const played = await playSum(world, pointAt(1), { tamper });
    expect(played.refused).toEqual([expect.objectContaining({ by: 'silo-02', code: 'E_SUM' })]);
  });

  it('another sum in the range: without protection it is taken, and differs by name from everybody else’s', async () => {
    const world = await sumWorld({ protection: CLEAR });
    const tamper = retold(world, (_, sum) => {
      sum[3]! += 1;
    });
    const { results, result } = await playSum(world, pointAt(1), { tamper });
    expect(results.get(1)?.result).not.toEqual(result?.result);
    for (const index of [0, 2, 3, 4]) expect(results.get(index)?.result).toEqual(result?.result);
  });
});
