// What a contributor computes with: handed in, never kept in its state.

import type { Lattice } from '@sumus/lattice/one-time';
import type { PostQuantumPrimitives } from '../../boxes/index.ts';
import type { MemberId } from '../../canonical/index.ts';
import type { Certificate } from '../../identity/index.ts';
import type { Signer } from '../../primitives.ts';
import type { SecretPrimitives } from '../../secret-primitives.ts';
import type { OneShotRound } from '../round/round.ts';

export interface ContributorTools {
  readonly lattice: Lattice;
  readonly primitives: SecretPrimitives;
  /** Under the hybrid suite. */
  readonly postQuantum?: PostQuantumPrimitives | undefined;
}

export interface Contributor extends ContributorTools {
  readonly round: OneShotRound;
  readonly memberId: MemberId;
  readonly certificate: Certificate;
  readonly signer: Signer;
}
