// What one member deals to another, in its box: the value of its sharing polynomial there, and its half of their pair key. Hashes of
// all boxes are signed, so a box that does not open is either its sender's fault, and the sender convicts itself, or was changed on
// the way, and the hash shows it.

import type { Dealing, KeyEpoch, PairSeed } from '@sumus/lattice/shared-keys';
import {
  decodeDealing,
  decodePairSeed,
  encodeDealingInTheClear,
  encodePairSeedInTheClear,
} from '@sumus/lattice/wire/secrets';
import {
  ENCAPSULATION_SEED_BYTES,
  openBox,
  openChannel,
  openHybridBox,
  sealBox,
  sealHybridBox,
} from '../boxes/index.ts';
import { sameBytes } from '../canonical/index.ts';
import { derive } from '../context/index.ts';
import { MalformedMessage, ParameterError, ProtocolViolation } from '../errors.ts';
import { fromIts, memberNamed, memberNumbered, type NumberedMember } from './circle.ts';
import { type DealtBox, decodeDealtBox, decodePair, encodePair, type RevealBody } from './founding-bodies.ts';
import type { MemberSetting } from './founding-state.ts';
import { asOurs } from './lattice-errors.ts';

const PURPOSE = 'threshold/dealing';

/**
 * A box to one member, under the suite of the epoch. `plaintext` holds 32 fresh secret bytes at least, so the randomness of a hybrid box
 * may be derived from it: sealed again, after a crash, it is the same bytes.
 */
export async function sealTo(
  { primitives, circle, memberId, boxKey, hybrid }: MemberSetting,
  peer: NumberedMember,
  purpose: string,
  plaintext: Uint8Array,
): Promise<Uint8Array> {
  const { context } = circle;
  const own = { memberId, key: boxKey };
  const publicKey = peer.keys[0]!;
  if (peer.hybridKey === undefined) {
    const channel = await openChannel(primitives, { context, own, peer: { memberId: peer.memberId, publicKey } });
    const box = sealBox(primitives, channel, purpose, plaintext);
    channel.wipe();
    return box;
  }
  if (hybrid === undefined) throw new ParameterError('the suite of this epoch needs post-quantum primitives and a key');
  const parts = [memberId, peer.memberId, purpose];
  const seed = derive(primitives, plaintext, {
    context,
    label: 'threshold/encapsulation',
    parts,
    lengthBytes: ENCAPSULATION_SEED_BYTES,
  });
  const to = { memberId: peer.memberId, publicKey, hybridKey: peer.hybridKey };
  const with_ = { primitives, postQuantum: hybrid.postQuantum };
  const box = await sealHybridBox(with_, { context, own, peer: to, seed }, purpose, plaintext);
  seed.fill(0);
  return box;
}

/** What a member sealed for this one; MalformedMessage where it does not open. */
export async function openFrom(
  { primitives, circle, memberId, boxKey, hybrid }: MemberSetting,
  peer: NumberedMember,
  purpose: string,
  box: Uint8Array,
): Promise<Uint8Array> {
  const { context } = circle;
  const own = { memberId, key: boxKey };
  const from = { memberId: peer.memberId, publicKey: peer.keys[0]! };
  if (peer.hybridKey === undefined) {
    const channel = await openChannel(primitives, { context, own, peer: from });
    try {
      return openBox(primitives, channel, purpose, box);
    } finally {
      channel.wipe();
    }
  }
  if (hybrid === undefined) throw new ParameterError('the suite of this epoch needs post-quantum primitives and a key');
  const with_ = { primitives, postQuantum: hybrid.postQuantum };
  return openHybridBox(with_, { context, own: { ...own, hybridKey: hybrid.key }, peer: from }, purpose, box);
}

/** A box for each other member, and their hashes in the order of numbers. */
export async function dealtBoxes(
  setting: MemberSetting,
  epoch: KeyEpoch,
  dealings: readonly Dealing[],
  pairSeeds: readonly PairSeed[],
): Promise<{ readonly boxes: readonly DealtBox[]; readonly hashes: readonly Uint8Array[] }> {
  const { primitives, circle, memberId } = setting;
  const { number: from } = memberNamed(circle, memberId);
  const boxes: DealtBox[] = [];
  for (const dealing of dealings) {
    const seed = pairSeeds.find(({ to }) => to === dealing.to);
    if (seed === undefined) throw new ParameterError(`no pair seed for member ${dealing.to}`);
    const parts = [encodeDealingInTheClear(epoch, dealing), encodePairSeedInTheClear(epoch, seed)] as const;
    const plaintext = encodePair(...parts);
    const box = await sealTo(setting, memberNumbered(circle, dealing.to), PURPOSE, plaintext);
    boxes.push({ from, to: dealing.to, box });
    for (const secret of [plaintext, ...parts]) secret.fill(0);
  }
  return { boxes, hashes: boxes.map(({ box }) => primitives.sha256(box)) };
}

/** Everything that was dealt to this member, opened; the boxes are those whose hashes their senders signed. */
export async function openDealings(
  setting: MemberSetting,
  epoch: KeyEpoch,
  reveals: readonly { readonly member: NumberedMember; readonly body: RevealBody; readonly message: Uint8Array }[],
  encoded: readonly Uint8Array[],
): Promise<{ readonly dealings: readonly Dealing[]; readonly pairSeeds: readonly PairSeed[] }> {
  const { primitives, circle, memberId } = setting;
  const { number: own } = memberNamed(circle, memberId);
  const boxes = new Map<number, Uint8Array>();
  for (const { from, to, box } of encoded.map(decodeDealtBox)) {
    if (to !== own) throw new ProtocolViolation('E_SHARE', `a dealing of member ${from} for ${to}, not for ${own}`);
    if (boxes.has(from)) throw new ProtocolViolation('E_DUPLICATE', `two dealings of member ${from}`);
    boxes.set(from, box);
  }
  const dealings: Dealing[] = [];
  const pairSeeds: PairSeed[] = [];
  for (const { member, body, message } of reveals) {
    const others = circle.members.filter(({ number }) => number !== member.number);
    if (body.boxHashes.length !== others.length) {
      throw new ProtocolViolation(
        'E_SHARE',
        `${member.memberId} dealt to ${body.boxHashes.length} of ${others.length}`,
        {
          evidence: [message],
        },
      );
    }
    if (member.number === own) continue;
    const box = boxes.get(member.number);
    if (box === undefined) throw new ProtocolViolation('E_QUORUM', `the dealing of ${member.memberId} is missing`);
    if (!sameBytes(primitives.sha256(box), body.boxHashes[others.findIndex(({ number }) => number === own)]!)) {
      throw new MalformedMessage('E_BOX', `the dealing of ${member.memberId} is not the one whose hash it signed`);
    }
    // Whatever is wrong from here on, its sender signed it.
    const blame = (cause: unknown): never => {
      throw new ProtocolViolation('E_SHARE', `the dealing of ${member.memberId} is none`, {
        cause,
        evidence: [message, box],
      });
    };
    try {
      const plaintext = await openFrom(setting, member, PURPOSE, box);
      const [dealing, seed] = decodePair(plaintext);
      dealings.push(
        fromIts(
          member.number,
          asOurs('E_SHARE', 'a dealing', () => decodeDealing(epoch, dealing)),
        ),
      );
      pairSeeds.push(
        fromIts(
          member.number,
          asOurs('E_SHARE', 'a pair seed', () => decodePairSeed(epoch, seed)),
        ),
      );
      plaintext.fill(0);
    } catch (cause) {
      if (cause instanceof MalformedMessage || cause instanceof ProtocolViolation) blame(cause);
      throw cause;
    }
  }
  return { dealings, pairSeeds };
}
