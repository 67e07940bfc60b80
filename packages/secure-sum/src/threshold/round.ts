// What a round is to those who took part in the epoch: its context was made of a configuration that names this epoch and all of its
// parameters. Who was told another length, width or epoch has another context, and nothing of it fits.

import { sameBytes } from '../canonical/index.ts';
import { configurationHash, type OpenContext, type RoundConfiguration } from '../context/index.ts';
import { ProtocolViolation } from '../errors.ts';
import type { Hashing } from '../primitives.ts';
import { type CertifiedEpoch, roundOwn } from './epoch.ts';

export interface Round {
  readonly context: OpenContext;
  readonly configuration: RoundConfiguration;
}

/** E_CTX unless the context is of this configuration, and the configuration of this epoch. */
export function requireRound(primitives: Hashing, epoch: CertifiedEpoch, { context, configuration }: Round): void {
  const refuse = (why: string): never => {
    throw new ProtocolViolation('E_CTX', `the round ${context.fields.round} ${why}`);
  };
  if (!sameBytes(configurationHash(primitives, configuration), context.fields.configHash)) {
    refuse('has another configuration than it was presented with');
  }
  if (context.fields.projectId !== epoch.circle.context.open.fields.projectId) refuse('is of another project');
  const { proposal } = epoch.parameters;
  for (const name of ['protocol', 'vectorLength', 'wordBits', 'valueBits', 'minimumContributors'] as const) {
    if (configuration[name] !== proposal[name])
      refuse(`has ${name} ${configuration[name]}, the epoch ${proposal[name]}`);
  }
  const expected = roundOwn(epoch);
  const { own } = configuration;
  for (const name of new Set([...Object.keys(expected), ...Object.keys(own)])) {
    if (!sameValue(own[name], expected[name])) refuse(`differs from the epoch in ${name}`);
  }
}

type Value = number | string | Uint8Array | undefined;

function sameValue(a: Value, b: Value): boolean {
  return a instanceof Uint8Array && b instanceof Uint8Array ? sameBytes(a, b) : a === b;
}
