// Signatures of a beacon's commitments are checked when they come, and what was found is carried to the reveals. A state that was read back carries
// nothing: its commitments are checked again, each of them, and one of other bytes is refused.

import type { Output, Send } from '@sumus/secure-sum/machine';
import { expect, it } from 'vitest';
import * as coordinator from './coordinator/index.ts';
import { FRAME } from './frame.ts';
import * as participant from './index.ts';
import { MASK, NOW_MS, pointAt, sumWorld } from './sum-world.contract.ts';

const sendsOf = (outputs: readonly Output<unknown>[]): readonly Send[] => outputs.filter((one) => one.kind === 'send');

it('commitments that changed on the disk are checked again, and refused', async () => {
  const { parties, server } = await sumWorld({ protection: MASK });
  let hub = (await coordinator.startSum(server, coordinator.freshStanding(), pointAt(1), NOW_MS)).state;
  const up: Uint8Array[] = [];
  const down: Send[] = [];
  const states: participant.SecretSum[] = [];
  for (const { setup, standing } of parties) {
    const { state, outputs } = await participant.openSum(setup, standing, pointAt(1), NOW_MS);
    states.push(state);
    up.push(...sendsOf(outputs).map(({ bytes }) => bytes));
  }
  let reveals: Send | undefined;
  while (reveals === undefined) {
    for (const bytes of up.splice(0)) {
      const answer = await coordinator.stepSum(server, hub, { kind: 'received', bytes }, NOW_MS);
      hub = answer.state;
      down.push(...sendsOf(answer.outputs));
    }
    reveals = down.find(({ type }) => type === FRAME.reveals);
    if (reveals !== undefined) break;
    if (down.length === 0) {
      // Nobody else comes.
      const answer = await coordinator.stepSum(server, hub, { kind: 'close' }, NOW_MS);
      hub = answer.state;
      down.push(...sendsOf(answer.outputs));
      if (down.length === 0) throw new Error('the sum stands still');
    }
    for (const { to, bytes } of down.splice(0)) {
      for (const [i, { name, setup }] of parties.entries()) {
        if (to.kind !== 'everybody' && !(to.kind === 'member' && to.memberId === name)) continue;
        const answer = await participant.stepSum(setup, states[i]!, { kind: 'received', bytes }, NOW_MS);
        states[i] = answer.state;
        up.push(...sendsOf(answer.outputs).map((one) => one.bytes));
      }
    }
  }
  const { setup } = parties[0]!;
  const stored = participant.storeSumInTheClear(setup, states[0]!);
  const taken = async (bytes: Uint8Array) => {
    const state = await participant.restoreSum(setup, bytes, NOW_MS);
    return participant.stepSum(setup, state, { kind: 'received', bytes: reveals.bytes }, NOW_MS);
  };
  // What is last in it is the signature of the last commitment.
  const changed = stored.slice();
  changed[changed.length - 1]! ^= 1;
  await expect(taken(changed)).rejects.toMatchObject({ code: 'E_SIG' });
  expect(participant.phaseOf((await taken(stored)).state)).toBe('sharing');
  const lived = await participant.stepSum(setup, states[0]!, { kind: 'received', bytes: reveals.bytes }, NOW_MS);
  expect(participant.phaseOf(lived.state)).toBe('sharing');
});
