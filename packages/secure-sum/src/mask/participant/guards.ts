// What a participant asks of the coordinator's word before it answers: each question is a function of its own, so that a test can
// leave one out and show what it was good for (insecure-participant.contract.ts). Nothing here answers.

import { isAuthentic, type SecretChannel } from '../../boxes/index.ts';
import { ProtocolViolation } from '../../errors.ts';
import { verifyMessage } from '../../messages/index.ts';
import type { SecretPrimitives } from '../../secret-primitives.ts';
import { ALIVE } from '../bodies.ts';
import { fewestContributors } from '../configuration.ts';
import type { Voucher } from '../deliveries.ts';
import { counted, hashOfLiving } from '../session.ts';
import type { OwnSession } from './state.ts';

export interface Guards {
  /** Whether so many neighbours shared that the round can go on. */
  requireSharers(own: OwnSession, sharers: number): void;
  /** Whether the list of the living may be answered (attack 21). */
  requireLiving(own: OwnSession, sharers: ReadonlySet<number>, living: readonly number[]): void;
  /** Whether enough others bound themselves to take this participant for alive (attacks 22, 23, 24). */
  requireVouchers(
    primitives: SecretPrimitives,
    own: OwnSession,
    channels: ReadonlyMap<number, SecretChannel>,
    living: readonly number[],
    vouchers: readonly Voucher[],
  ): Promise<void>;
}

export const ALIVE_LABEL = 'mask/alive';

export const GUARDS: Guards = Object.freeze({
  requireSharers({ session }: OwnSession, sharers: number): void {
    const { threshold } = session.parameters;
    if (counted(session, sharers) < threshold) {
      throw new ProtocolViolation('E_TOO_FEW', `${sharers} neighbours shared, ${threshold} shares open a secret`);
    }
  },

  requireLiving({ session, own }: OwnSession, sharers: ReadonlySet<number>, living: readonly number[]): void {
    if (!living.includes(own.index)) {
      throw new ProtocolViolation('E_ALIVE', `a list of the living without ${own.memberId}, who was asked`);
    }
    const stranger = living.find((index) => index !== own.index && !sharers.has(index));
    if (stranger !== undefined) {
      throw new ProtocolViolation('E_ALIVE', `member ${stranger} is said to live, but shared nothing here`);
    }
    const others = living.length - 1;
    const fewest =
      session.graph === 'complete'
        ? fewestContributors(session.configuration, session.parameters)
        : session.parameters.threshold;
    if (counted(session, others) < fewest) {
      throw new ProtocolViolation('E_ALIVE', `${others} others live, ${fewest} are needed`);
    }
  },

  async requireVouchers(primitives, { session, own, peers }, channels, living, vouchers): Promise<void> {
    const { threshold } = session.parameters;
    const body = hashOfLiving(primitives, session.context, living);
    let valid = 0;
    for (const { index, proof } of vouchers) {
      if (valid >= threshold) break;
      const peer = index === own.index ? own : peers.get(index);
      // A voucher of a stranger, or of somebody who is said to be gone, is worth nothing.
      if (peer === undefined || !living.includes(index)) continue;
      if (session.graph === 'complete') {
        const message = { ...ALIVE, contextHash: session.context.hash, sender: peer.memberId, body, signature: proof };
        const expected = { ...ALIVE, context: session.context, sender: peer };
        if (await isSigned(primitives, message, expected)) valid += 1;
      } else {
        const channel = channels.get(index);
        if (channel !== undefined && isAuthentic(primitives, channel, proof, ALIVE_LABEL, own.memberId)) valid += 1;
      }
    }
    if (valid < threshold) {
      throw new ProtocolViolation(
        'E_ALIVE',
        `${valid} of ${vouchers.length} vouchers hold for ${own.memberId}, ${threshold} are needed`,
      );
    }
  },
} satisfies Guards);

/** A signature that does not verify is no error here: it counts for nothing. */
async function isSigned(
  primitives: SecretPrimitives,
  message: Parameters<typeof verifyMessage>[1],
  expected: Parameters<typeof verifyMessage>[2],
): Promise<boolean> {
  try {
    await verifyMessage(primitives, message, expected);
    return true;
  } catch (error) {
    if (error instanceof ProtocolViolation && error.code === 'E_SIG') return false;
    throw error;
  }
}
