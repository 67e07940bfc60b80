// What a member demands before it takes part in a founding: a round that it has entered, once, and parameters that met its floors.

import { type Beacon, rosterEntry } from '../beacon/index.ts';
import { sameBytes } from '../canonical/index.ts';
import type { Context, RoundConfiguration } from '../context/index.ts';
import { ParameterError, ProtocolViolation } from '../errors.ts';
import type { Accepted, ThresholdProposal } from '../floors/index.ts';
import type { EnteredRound } from '../high-water/index.ts';
import { encodeEntry, type LoggedEntry } from '../log/index.ts';
import type { MemberSetting } from './founding-state.ts';
import { requireAccepted, requireConfiguration } from './round.ts';

export interface FoundingStart {
  /** The round of this founding: entered once, so nobody commits to two summands in one. */
  readonly entered: EnteredRound;
  /** That the roster is in the log, and the beacon that was drawn after it. */
  readonly logged: LoggedEntry;
  readonly beacon: Beacon;
  /** What the member holds the parameters against. */
  readonly accepted: Accepted<ThresholdProposal>;
  /** What the epoch's context is made of; its `own` are the parameters'. */
  readonly configuration: RoundConfiguration;
}

export function requireStart({ primitives, circle, parameters }: MemberSetting, start: FoundingStart): void {
  const { entered, accepted, configuration } = start;
  const { open } = circle.context;
  if (!sameBytes(entered.context.hash, open.hash)) throw new ParameterError('another round was entered than this one');
  requireDrawnAfterLogged(circle.context, start);
  requireAccepted(parameters, accepted);
  requireConfiguration(primitives, { context: open, configuration }, parameters, parameters.own);
}

/** Roster first, then beacon: or whoever fixes the roster chooses the common polynomials. */
function requireDrawnAfterLogged(
  { open, rosterRoot, beacon: value }: Context,
  { logged, beacon }: Pick<FoundingStart, 'logged' | 'beacon'>,
): void {
  if (!sameBytes(encodeEntry(logged), encodeEntry(rosterEntry(open, rosterRoot)))) {
    throw new ProtocolViolation('E_LOG', `the log's ${logged.kind} is not the roster of this founding`);
  }
  if (!sameBytes(beacon.rosterRoot, rosterRoot) || !sameBytes(beacon.value, value)) {
    throw new ProtocolViolation('E_BEACON', 'the beacon is not that of the context, or was drawn for another roster');
  }
}
