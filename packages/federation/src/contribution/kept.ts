// What stays with a participant between releases and never leaves it: as telling as a gradient, all of it. A value; a release that failed is
// forgotten by going on with the value from before it.

import { bytesOfFloats, floats32Of, readSections, writeSections } from '../canonical/sections.ts';
import { ParameterError } from '../errors.ts';
import { driftCorrection } from '../exchange/control-variates.ts';
import type { CheckedPlan } from '../plan/check.ts';
import { downloadedFrom, type PublishedModel } from '../release/published.ts';
import { afterDownload } from '../sharing/local-model.ts';
import type { LocalTask } from '../training/local-training.ts';

export interface KeptInTheClear {
  /** What was not shared so far; with error feedback. */
  readonly residual: Float32Array | undefined;
  /** c_i of SCAFFOLD. */
  readonly ownControl: Float32Array | undefined;
  /** The local model after its last work, where downloads take over a part alone. */
  readonly localWeights: Float32Array | undefined;
}

export const NOTHING_KEPT: KeptInTheClear = Object.freeze({
  residual: undefined,
  ownControl: undefined,
  localWeights: undefined,
});

/** From where the local work starts, and what corrects its steps: what was downloaded over what stayed local, and c − c_i. */
export function startOfWork(
  plan: CheckedPlan,
  kept: KeptInTheClear,
  published: PublishedModel,
): Pick<LocalTask, 'start' | 'drift'> {
  const { weights } = published.server;
  const indices = downloadedFrom(plan, published);
  const start =
    indices === undefined ? weights.slice() : afterDownload(kept.localWeights ?? weights, { weights, indices });
  const { sharedControl } = published;
  if (sharedControl === undefined) return { start };
  const own = kept.ownControl ?? new Float32Array(sharedControl.length);
  if (own.length !== sharedControl.length) {
    throw new ParameterError(`${own.length} own control variates where the plan has ${sharedControl.length}`);
  }
  return { start, drift: driftCorrection(sharedControl, { own }) };
}

const TITLE = 'sumus/kept-in-the-clear/1';
const NAMES = ['residual', 'ownControl', 'localWeights'] as const;

/** For the participant's own disk, and for nobody else. */
export function bytesOfKeptInTheClear(kept: KeptInTheClear): Uint8Array<ArrayBuffer> {
  return writeSections(
    TITLE,
    NAMES.map((name) => ({ name, bytes: bytesOfFloats(kept[name] ?? new Float32Array(0)) })),
  );
}

/** Refuses what is not of this plan's length. */
export function keptFromBytes({ model }: CheckedPlan, bytes: Uint8Array): KeptInTheClear {
  const [residual, ownControl, localWeights] = readSections(TITLE, bytes, NAMES).map((section, i) =>
    section.length === 0 ? undefined : floats32Of(NAMES[i], section, model.parameterCount),
  );
  return Object.freeze({ residual, ownControl, localWeights });
}
