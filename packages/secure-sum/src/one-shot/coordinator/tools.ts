// What a coordinator computes with. No key is among it.

import type { Lattice } from '@sumus/lattice/one-time/sums';
import type { Trust } from '../../identity/index.ts';
import type { PublicPrimitives } from '../../primitives.ts';
import type { OneShotRound } from '../round/round.ts';

export interface Coordinator {
  readonly lattice: Lattice;
  readonly primitives: PublicPrimitives;
  readonly round: OneShotRound;
  /** With the time of this step. */
  readonly trust: Trust;
}
