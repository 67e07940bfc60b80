// Planted breaks: participants without one of their guards, or who lie. Tests use them to show that an attack works where the guard is
// missing, so that a test that sees it fail means something.

import { sealBox } from '../boxes/index.ts';
import { encodeMessage, signMessage } from '../messages/index.ts';
import { BOX_PLAINTEXT_BYTES, encodeShareBody, SHARE, type ShareEntry } from './bodies.ts';
import { SHARES_PURPOSE } from './participant/enter.ts';
import { GUARDS, type Guards } from './participant/guards.ts';
import { type MaskParticipant, participantWith } from './participant/machine.ts';
import { commitToSeed, commitToShare, sharingSetOf } from './session.ts';
import type { SimulatedStep } from './simulation.contract.ts';
import { splitSecret } from './split.ts';

/** Answers any list of the living, and without a voucher. */
export const insecureParticipant = (...left: (keyof Guards)[]): MaskParticipant => {
  const guards: Guards = {
    requireSharers: left.includes('requireSharers') ? () => {} : GUARDS.requireSharers,
    requireLiving: left.includes('requireLiving') ? () => {} : GUARDS.requireLiving,
    requireVouchers: left.includes('requireVouchers') ? async () => {} : GUARDS.requireVouchers,
  };
  return participantWith(guards);
};

export type SharingLie =
  /** shares of the seed that lie on no polynomial, committed to as they are */
  | 'no polynomial'
  /** a commitment to another seed */
  | 'other seed'
  /** shares of another key than the advertised one */
  | 'other key'
  /** boxes whose shares are not those that are committed to */
  | 'other commitments'
  /** shares for another point */
  | 'other point'
  /** boxes that nobody opens */
  | 'closed boxes'
  /** one entry too few */
  | 'too few';

/** The same step with a SHARE that lies; everything else about the member is honest. */
export async function sharingLie(lie: SharingLie, given: SimulatedStep): Promise<SimulatedStep> {
  const { setup, state } = given;
  if (state.phase !== 'shared') return given;
  const { session, own, secretChannels } = state;
  const { primitives, signer } = setup;
  const { context, parameters, links } = session;
  const set = sharingSetOf(session, own.index);
  const points = set.map((index) => links.pointOf(own.index, index));
  const { threshold } = parameters;
  const seed = state.secretSeed.exposeInTheClear();
  const key = lie === 'other key' ? primitives.randomBytes(32) : state.secretMaskKey.expose();
  const seedShares =
    lie === 'no polynomial'
      ? points.map(() => primitives.randomBytes(32))
      : splitSecret(primitives, { secret: seed, threshold, points });
  const keyShares = splitSecret(primitives, { secret: key, threshold, points });
  const entries = set.map((index, place): ShareEntry => {
    const point = points[place]!;
    const plaintext = new Uint8Array(BOX_PLAINTEXT_BYTES);
    plaintext[0] = lie === 'other point' ? 0 : point;
    plaintext.set(seedShares[place]!, 1);
    plaintext.set(keyShares[place]!, 33);
    const box =
      index === own.index
        ? new Uint8Array(0)
        : sealBox(primitives, secretChannels.get(index)!, SHARES_PURPOSE, plaintext);
    if (lie === 'closed boxes' && box.length > 0) box[20]! ^= 1;
    const committed = lie === 'other commitments' ? primitives.randomBytes(32) : seedShares[place]!;
    return {
      box,
      seed: commitToShare(primitives, context, own.memberId, 'seed', point, committed),
      key: commitToShare(primitives, context, own.memberId, 'key', point, keyShares[place]!),
    };
  });
  const bound = lie === 'other seed' ? primitives.randomBytes(32) : seed;
  const seedCommitment = commitToSeed(primitives, context, own.memberId, bound);
  const body = encodeShareBody({ seedCommitment, entries: lie === 'too few' ? entries.slice(1) : entries });
  const message = await signMessage(primitives, signer, context, { ...SHARE, sender: own.memberId, body });
  const bytes = encodeMessage(message);
  const outputs = given.outputs.map((output) => (output.kind === 'send' ? { ...output, bytes } : output));
  return { ...given, state: { ...state, outgoing: bytes }, outputs };
}
