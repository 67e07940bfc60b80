// What a committee member computes with: handed in, never kept in its state. Keys lie wherever their owner keeps them.

import type { Lattice } from '@sumus/lattice/one-time';
import type { PostQuantumPrimitives, SecretHybridKey } from '../../boxes/index.ts';
import type { MemberId } from '../../canonical/index.ts';
import type { Trust } from '../../identity/index.ts';
import type { KeyAgreement, Signer } from '../../primitives.ts';
import type { SecretPrimitives } from '../../secret-primitives.ts';
import type { OneShotRound } from '../round/round.ts';

export interface Member {
  readonly lattice: Lattice;
  readonly primitives: SecretPrimitives;
  readonly round: OneShotRound;
  readonly memberId: MemberId;
  readonly signer: Signer;
  /** The X25519 key that it advertised for this epoch. */
  readonly boxKey: KeyAgreement;
  /** The X-Wing key beside it, and what computes with it: under the hybrid suite. */
  readonly hybridKey?: SecretHybridKey | undefined;
  readonly postQuantum?: PostQuantumPrimitives | undefined;
  /** With the time of this step. */
  readonly trust: Trust;
}
