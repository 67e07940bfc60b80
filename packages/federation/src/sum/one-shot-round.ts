// A round of one-shot from what was drawn: the same for contributors, committee and coordinator, and for each sum of an epoch. Public.

import { hexOf } from '@sumus/secure-sum/canonical';
import { type OpenContext, wholeContext } from '@sumus/secure-sum/context';
import { ParameterError } from '@sumus/secure-sum/errors';
import {
  type ModelVersion,
  type ModelVersions,
  type OneShotRound,
  oneShotRound,
} from '@sumus/secure-sum/one-shot/coordinator';
import type { PublicPrimitives } from '@sumus/secure-sum/primitives';
import { encodingFields, hasEpochs, oneShotOf, trustAt } from './agreement.ts';
import { type Drawn, directoryOf, entryOf } from './drawn.ts';
import { seenBefore } from './log-place.ts';
import type { SumAgreement, SumPoint } from './sum.ts';

/** The models that contributions of this sum may begin from, by version; one where a sum stands alone. */
export function modelsOf(
  agreement: SumAgreement,
  { models, modelHash, epoch, round }: SumPoint,
): readonly Uint8Array[] {
  if (!hasEpochs(agreement) || models === undefined) {
    if (hasEpochs(agreement) && epoch !== round)
      throw new ParameterError(`the models since round ${epoch} are missing`);
    return [modelHash];
  }
  const last = models.at(-1);
  if (last === undefined || hexOf(last) !== hexOf(modelHash)) {
    throw new ParameterError('the last of the models is not that of this round');
  }
  return models;
}

export function versionsOf(models: readonly Uint8Array[]): ModelVersions {
  return Object.freeze({
    current: models.length - 1,
    hashes: new Map(models.map((hash, version) => [version, hexOf(hash)])),
  });
}

export function versionAt(models: readonly Uint8Array[], version: number): ModelVersion {
  const hash = models[version];
  if (hash === undefined)
    throw new ParameterError(`there is no model version ${version}, the newest is ${models.length - 1}`);
  return { version, hash };
}

export async function roundOf(
  primitives: PublicPrimitives,
  agreement: SumAgreement,
  open: OpenContext,
  point: SumPoint,
  drawn: Drawn,
  nowMs: number,
): Promise<OneShotRound> {
  const directory = directoryOf(primitives, agreement, drawn.roster);
  const [modelHash] = modelsOf(agreement, point);
  const later = hasEpochs(agreement) ? { flush: 0, modelHash } : {};
  const { beacon, place } = drawn;
  const context = wholeContext(primitives, open, { ...later, rosterRoot: directory.root, beacon: beacon.value });
  const logged = await seenBefore(primitives, agreement, entryOf(primitives, agreement, open, drawn), place);
  return oneShotRound(primitives, trustAt(agreement, nowMs), {
    context,
    parameters: oneShotOf(agreement),
    encoding: encodingFields(primitives, agreement, point),
    directory,
    logged,
    beacon,
  });
}
