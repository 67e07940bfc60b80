// What a member demands before it takes part in a founding: a round that it has entered, once, and parameters that met its floors.

import { sameBytes } from '../canonical/index.ts';
import type { RoundConfiguration } from '../context/index.ts';
import { ParameterError } from '../errors.ts';
import type { Accepted, ThresholdProposal } from '../floors/index.ts';
import type { EnteredRound } from '../high-water/index.ts';
import type { MemberSetting } from './founding-state.ts';
import { requireAccepted, requireConfiguration } from './round.ts';

export interface FoundingStart {
  /** The round of this founding: entered once, so nobody commits to two summands in one. */
  readonly entered: EnteredRound;
  /** What the member holds the parameters against. */
  readonly accepted: Accepted<ThresholdProposal>;
  /** What the epoch's context is made of; its `own` are the parameters'. */
  readonly configuration: RoundConfiguration;
}

export function requireStart({ primitives, circle, parameters }: MemberSetting, start: FoundingStart): void {
  const { entered, accepted, configuration } = start;
  const { open } = circle.context;
  if (!sameBytes(entered.context.hash, open.hash)) throw new ParameterError('another round was entered than this one');
  requireAccepted(parameters, accepted);
  requireConfiguration(primitives, { context: open, configuration }, parameters, parameters.own);
}
