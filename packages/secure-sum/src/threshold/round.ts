// What a round is to those who take part in an epoch: its context was made of a configuration that names all parameters and, after
// the founding, the epoch. Who was told another length, width or epoch has another context, and nothing of it fits.

import { sameBytes } from '../canonical/index.ts';
import { configurationHash, type OpenContext, type RoundConfiguration } from '../context/index.ts';
import { ProtocolViolation } from '../errors.ts';
import { type Accepted, corruptAmong, type Floors, requireFloors, type ThresholdProposal } from '../floors/index.ts';
import type { Hashing } from '../primitives.ts';
import { type CertifiedEpoch, roundOwn } from './epoch.ts';
import type { ThresholdParameters } from './parameters.ts';

export interface Round {
  readonly context: OpenContext;
  readonly configuration: RoundConfiguration;
}

/** E_CTX unless the round is of this project, of this configuration, and the configuration of this epoch. */
export function requireRound(primitives: Hashing, epoch: CertifiedEpoch, round: Round): void {
  const { fields } = round.context;
  if (fields.projectId !== epoch.circle.context.open.fields.projectId) {
    throw new ProtocolViolation('E_CTX', `round ${fields.round} is of project ${fields.projectId}, the epoch is not`);
  }
  requireConfiguration(primitives, round, epoch.parameters, roundOwn(epoch));
}

/** E_CTX unless the context is of this configuration, and the configuration of these parameters. */
export function requireConfiguration(
  primitives: Hashing,
  { context, configuration }: Round,
  { proposal }: ThresholdParameters,
  expected: RoundConfiguration['own'],
): void {
  const refuse = (why: string): never => {
    throw new ProtocolViolation('E_CTX', `round ${context.fields.round} ${why}`);
  };
  if (!sameBytes(configurationHash(primitives, configuration), context.fields.configHash)) {
    refuse('has another configuration than it was presented with');
  }
  for (const name of ['protocol', 'vectorLength', 'wordBits', 'valueBits', 'minimumContributors'] as const) {
    if (configuration[name] !== proposal[name]) refuse(`has ${name} ${configuration[name]}, the key ${proposal[name]}`);
  }
  const { own } = configuration;
  for (const name of new Set([...Object.keys(expected), ...Object.keys(own)])) {
    if (!sameValue(own[name], expected[name])) refuse(`differs from the key in ${name}`);
  }
}

/** A participant's own floors on a key: everybody in its roster is a member, so ⌊γ·n⌋ of them may be corrupt. */
export const acceptedBy = (floors: Floors, { proposal }: ThresholdParameters): Accepted<ThresholdProposal> =>
  requireFloors(floors, proposal, corruptAmong(floors, proposal.members));

/** E_FLOOR unless these are the parameters that were held against the floors. */
export function requireAccepted({ proposal }: ThresholdParameters, accepted: Accepted<ThresholdProposal>): void {
  for (const name of Object.keys(proposal) as (keyof ThresholdProposal)[]) {
    if (accepted[name] !== proposal[name]) {
      throw new ProtocolViolation('E_FLOOR', `the key differs in ${name} from what this participant accepted`);
    }
  }
}

type Value = number | string | Uint8Array | undefined;

function sameValue(a: Value, b: Value): boolean {
  return a instanceof Uint8Array && b instanceof Uint8Array ? sameBytes(a, b) : a === b;
}
