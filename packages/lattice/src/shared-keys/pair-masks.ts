// Masks that cancel: every two members of an active set share a key, one adds what it expands to and the other subtracts it. The
// sum over the set is unchanged, and of the individual answers nothing but that sum can be seen.
//
// Why they are needed, although each answer is already flooded. Multiplied by λ_i the shares of an active set A add up to s, but
// t − 1 colluding members know more than the shares inside A: with one of them outside A there are two honest members inside, and
// the outside share is a second linear equation about theirs. Then λ_i·S(α_i) = μ_i·s + (known), where μ_i is not 1 but a fraction a/b
// of small integers, and the flooded answer is μ_i·v + e_i: multiplied by b it is a·v + b·e_i, which tells v mod b, however wide
// e_i is. With many members b exceeds v, and v is simply known; from v the key follows by linear algebra. The same fractions
// make two answers of one member for two sets fatal (docs/threats.md).
// With the masks, what honest members of A say is uniform but for its sum, and in the sum the factor is exactly 1, which is the case
// that the flooding is made for. (One-time additive masks between signers: del Pino and others, “Threshold Raccoon”, EUROCRYPT
// 2024. Both attacks are run against answers without masks in partial-decryption.attack.test.ts.)

import { freshSeed, RandomStream, sampleUniformBlock } from '../random/index.ts';
import { addBlock, allocateBlock, subtractBlock } from '../ring/blocks.ts';
import type { Ring } from '../ring/ring.ts';
import type { KeyEpoch } from './epoch.ts';
import type { KeyShare } from './key-share.ts';
import { type PairSeed, secretMessage } from './messages.ts';
import { digest, numbers } from './transcript.ts';

/** The key of two members, from the half that each sent the other. */
export function pairKey({ lattice, run }: KeyEpoch, one: PairSeed, other: PairSeed): Uint8Array {
  const [low, high] = one.from < other.from ? [one, other] : [other, one];
  return digest(
    lattice.primitives,
    'sumus/lattice/shared key/pair',
    run,
    numbers([low.from, high.from]),
    low.seed,
    high.seed,
  );
}

/** This member's halves for all others, fresh. */
export function drawPairSeeds(epoch: KeyEpoch, member: number): PairSeed[] {
  return pairSeedsOf(epoch, member, () => freshSeed(epoch.lattice.primitives));
}

/** This member's halves for all others, each of 32 secret bytes that `seedFor` makes. */
export function pairSeedsOf(
  { run, roster }: KeyEpoch,
  member: number,
  seedFor: (other: number) => Uint8Array,
): PairSeed[] {
  return roster.members
    .filter((other) => other !== member)
    .map((other) => secretMessage({ kind: 'pair seed', run, from: member, to: other, seed: seedFor(other) }));
}

/**
 * block ← block + Σ_(j > i) mask_ij − Σ_(j < i) mask_ij over the other members j of the set. `context` names what is answered
 * (ciphertext, set, component): a mask must never hide two different things. Inside a secret scope.
 */
export function addMasks(
  share: KeyShare,
  members: readonly number[],
  context: Uint8Array,
  ring: Ring,
  block: number,
): void {
  const { primitives } = share.epoch.lattice;
  const mask = allocateBlock(ring);
  for (const other of members) {
    if (other === share.member) continue;
    const seed = digest(primitives, 'sumus/lattice/shared key/mask', share.revealPairKey(other), context);
    const stream = new RandomStream(primitives, seed, 'mask', 0);
    try {
      sampleUniformBlock(ring, stream, mask);
    } finally {
      stream.wipe();
      seed.fill(0);
    }
    if (other > share.member) addBlock(ring, block, block, mask);
    else subtractBlock(ring, block, block, mask);
  }
}
