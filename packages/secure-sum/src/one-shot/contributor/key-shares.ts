// A contributor's key on its way to the committee: one share for each member, behind a salt, in a box that this member alone opens,
// and a public commitment to each. Secret.

import { type OneTimeKey, shareKey } from '@sumus/lattice/one-time';
import { encodeOneTimeKeyShare } from '@sumus/lattice/wire';
import type { MemberId } from '../../canonical/index.ts';
import type { KeyAgreement } from '../../primitives.ts';
import { freshSecretBytes } from '../../secret-primitives.ts';
import { commitmentTo, SALT_BYTES } from '../round/contribution.ts';
import { SHARE_PURPOSE } from '../round/purposes.ts';
import { committeeName, type OneShotRound } from '../round/round.ts';
import { sealTo } from '../suite-boxes.ts';
import type { ContributorTools } from './tools.ts';

export interface SharedKey {
  readonly boxes: readonly Uint8Array[];
  readonly commitments: readonly Uint8Array[];
}

/** Shares the key once, under one ephemeral key for all boxes. */
export async function boxKeyShares(
  tools: ContributorTools,
  round: OneShotRound,
  own: { readonly memberId: MemberId; readonly ephemeral: KeyAgreement },
  key: OneTimeKey,
): Promise<SharedKey> {
  const { lattice, primitives } = tools;
  const { context, parameters, committee } = round;
  const boxes: Uint8Array[] = [];
  const commitments: Uint8Array[] = [];
  for (const [i, share] of shareKey(lattice, key).entries()) {
    const { memberId, boxKey, hybridKey } = committee[i]!;
    const encoded = encodeOneTimeKeyShare(lattice, parameters.oneTime, share);
    const plaintext = new Uint8Array(SALT_BYTES + encoded.length);
    const salt = freshSecretBytes(primitives, SALT_BYTES);
    plaintext.set(salt);
    plaintext.set(encoded, SALT_BYTES);
    encoded.fill(0);
    salt.fill(0);
    share.elements.fill(0);
    commitments.push(commitmentTo(primitives, round, own.memberId, memberId, plaintext));
    const ends = {
      own: { memberId: own.memberId, key: own.ephemeral },
      peer: { memberId: committeeName(i + 1), publicKey: boxKey, hybridKey },
    };
    boxes.push(await sealTo(tools, context, ends, SHARE_PURPOSE, plaintext));
    plaintext.fill(0);
  }
  return { boxes, commitments };
}
