// Which versions of the model a contribution may be made against. In a single sum there is one; in an epoch each release is the next
// version, logged, and contributions up to V versions old are taken. The weight of an old one is the contributor's to apply, before
// it quantises: nobody else may weight ciphertexts, because weights such as 1, 2^9, 2^18 … or one contributor of weight 1 among
// sixteens would show single values (attack 35).

import { hexOf } from '../../canonical/index.ts';
import type { Context } from '../../context/index.ts';
import { ParameterError, ProtocolViolation } from '../../errors.ts';
import { HASH_BYTES } from '../../primitives.ts';

/** What one has seen in the log: never what a coordinator says in a message. */
export interface ModelVersions {
  readonly current: number;
  /** By version: the model's hash in hexadecimal. */
  readonly hashes: ReadonlyMap<number, string>;
}

export interface ModelVersion {
  readonly version: number;
  readonly hash: Uint8Array;
}

/** The model that the context was formed with, as version 0. */
export function firstModel({ modelHash }: Context): ModelVersions {
  return Object.freeze({ current: 0, hashes: new Map([[0, hexOf(modelHash)]]) });
}

/** After a release: versions count up by one. */
export function withModel(models: ModelVersions, { version, hash }: ModelVersion): ModelVersions {
  if (version !== models.current + 1) {
    throw new ParameterError(`model version ${version} does not follow version ${models.current}`);
  }
  if (hash.length !== HASH_BYTES) throw new ParameterError(`a model hash of ${hash.length} bytes`);
  return Object.freeze({ current: version, hashes: new Map(models.hashes).set(version, hexOf(hash)) });
}

/** That this is a logged model, and the one of its version: E_CTX otherwise. */
export function requireKnownModel(models: ModelVersions, { version, hash }: ModelVersion): void {
  if (models.hashes.get(version) !== hexOf(hash)) {
    throw new ProtocolViolation('E_CTX', `version ${version} is not the model that this contribution says it is`);
  }
}

/**
 * That a set's models are recent and near each other: the newest at most V versions old, the others at most V older than it. So a
 * contribution is at most V versions old when it is taken, and a release between its arrival and the close, which nobody can
 * order, does not spoil its flush.
 */
export function requireRecentModels(
  models: ModelVersions,
  versionsOld: number,
  set: readonly { readonly model: ModelVersion }[],
): void {
  const versions = set.map(({ model }) => model.version);
  const newest = versions.reduce((a, b) => Math.max(a, b), 0);
  const oldest = versions.reduce((a, b) => Math.min(a, b), newest);
  if (models.current - newest > versionsOld) {
    throw new ProtocolViolation(
      'E_CTX',
      `model version ${newest} is ${models.current - newest} versions old, more than ${versionsOld}`,
    );
  }
  if (newest - oldest > versionsOld) {
    throw new ProtocolViolation(
      'E_CTX',
      `model versions ${oldest} and ${newest} in one set: more than ${versionsOld} apart`,
    );
  }
}

/** s(τ) = (1 + τ)^(−1/2), the factor of an update that is τ versions old; for the contributor, before it quantises. */
export function stalenessWeight(versionsOld: number): number {
  if (!Number.isSafeInteger(versionsOld) || versionsOld < 0) throw new ParameterError(`${versionsOld} versions old`);
  return 1 / Math.sqrt(1 + versionsOld);
}
