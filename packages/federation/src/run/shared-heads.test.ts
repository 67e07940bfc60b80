// What many members are told is kept once: heads are put together when they are asked for, and are what was signed.

import { memberId } from '@sumus/secure-sum/identity';
import { toMember } from '@sumus/secure-sum/machine';
import { describe, expect, it } from 'vitest';
import type { RunSend } from './coordinator/setup.ts';
import { readFrameToParticipant, verifyFrame } from './frame.ts';
import { runWorld } from './run-world.contract.ts';

describe('messages that go to everybody', () => {
  it('are each member’s own frame, signed, with a long message that all of them share', {
    timeout: 60_000,
  }, async () => {
    const world = await runWorld({ members: 16, plan: { protection: 'mask' } });
    const sends: RunSend[] = [];
    world.onStep = async ({ outputs }) => {
      for (const output of outputs) if (output.kind === 'send') sends.push(output);
    };
    await world.gather();
    const { primitives, signer } = world.coordinatorSetup;
    for (const send of sends) {
      const { to: receiver, bytes, bodyName, place, type } = send;
      const frame = readFrameToParticipant(bytes, 2 ** 26);
      await verifyFrame(primitives, frame, signer.publicKey);
      const { to, chapter, number, body, message } = frame.header;
      expect(receiver).toEqual(toMember(memberId(to)));
      expect({ body, type: message.type }).toEqual({ body: bodyName, type });
      expect(place).toEqual(number === null ? null : { chapter, number });
    }
    const long = sends.filter(({ head }) => head.length > 4096);
    expect(long.filter(({ type }) => type === 'started')).toHaveLength(16);
    // Made anew each time: no two of them lie in memory.
    for (const send of long) expect(send.head).not.toBe(send.head);
    // The roster of a sum and what is said of its beacon go to everybody in the same bytes.
    const bodies = sends.filter(({ type, body }) => type === 'sum' && body.length > 1000).map(({ body }) => body);
    expect(bodies.length).toBeGreaterThanOrEqual(2 * 16);
    expect(new Set(bodies).size).toBe(new Set(bodies.map((body) => Buffer.from(body).toString('base64'))).size);
  });
});
