// What a run has published so far, as one value: the model with everything that the next release needs. Public from end to end, so that the
// server (openedTo everyone) and every participant (openedTo participants) hold the same one, and whoever has the published sums can
// compute it again from the first weights: that is how a participant knows that the model it is given is the run's.
//
//   a round's model   weights, m and v of the server optimiser, SCAFFOLD's c, download statistics, the guide of a support
//   one round         a classifier, once its sum is opened
//   either            the sums of columns, where the plan's table needs them: the recipe is a function of these (contribution/columns.ts)
//
// Bytes of it are canonical: equal values have equal bytes and one hash (published-bytes.ts).

import { freshGuide, type Guide } from '@sumus/secure-sum/support/public';
import { ParameterError } from '../errors.ts';
import { type ServerModel, startServer } from '../exchange/server-optimiser.ts';
import type { LinearClassifier } from '../one-round/ridge.ts';
import type { CheckedPlan } from '../plan/check.ts';
import { columnSumsOf } from '../plan/column-sums.ts';
import { type DownloadStatistics, freshStatistics, mostUpdated } from '../sharing/download.ts';

export type Published = PublishedModel | PublishedStatistics;

export interface PublishedModel {
  readonly kind: 'model';
  /** Releases so far; 0 for the first weights. The schedule's version. */
  readonly version: number;
  readonly server: ServerModel;
  /** c of SCAFFOLD, 0 at first; undefined where the plan has no control variates. */
  readonly sharedControl: Float32Array | undefined;
  /** Undefined where everything is downloaded. */
  readonly statistics: DownloadStatistics | undefined;
  /** Where the support is guided. */
  readonly guide: Guide | undefined;
  /** Of a plan whose columns need a sum: its totals, in rows; empty before it. */
  readonly columnSums?: Float64Array | undefined;
}

export interface PublishedStatistics {
  readonly kind: 'statistics';
  readonly version: number;
  /** Undefined until the one sum is opened. */
  readonly classifier: LinearClassifier | undefined;
  readonly columnSums?: Float64Array | undefined;
}

/** What is published before the first release. `firstWeights`: firstWeightsOf(plan), which every participant computes; none in one round. */
export function startPublished(plan: CheckedPlan, firstWeights: Float32Array | undefined): Published {
  const { exchange, model, sharing } = plan;
  if (exchange.schedule === 'one-round') {
    if (firstWeights !== undefined) throw new ParameterError('a plan of one round has no first weights');
    return Object.freeze({ kind: 'statistics', version: 0, classifier: undefined, ...columnsAtFirst(plan) });
  }
  if (firstWeights?.length !== model.parameterCount) {
    throw new ParameterError(`${firstWeights?.length ?? 0} first weights, the plan has ${model.parameterCount}`);
  }
  return Object.freeze({
    kind: 'model',
    version: 0,
    server: startServer(exchange.server, firstWeights),
    sharedControl:
      exchange.localWork.correction.kind === 'control-variates' ? new Float32Array(model.parameterCount) : undefined,
    statistics: sharing.download.fraction < 1 ? freshStatistics(model.parameterCount) : undefined,
    guide: sharing.support.kind === 'guided' ? freshGuide(model.parameterCount, GUIDE_DECAY) : undefined,
    ...columnsAtFirst(plan),
  });
}

const columnsAtFirst = (plan: CheckedPlan): { readonly columnSums?: Float64Array } =>
  columnSumsOf(plan) > 0 ? { columnSums: new Float64Array(0) } : {};

/** Whether the next sum is that of columns, before there is any round. */
export const isOfColumns = (plan: CheckedPlan, { columnSums }: Pick<Published, 'columnSums'>): boolean =>
  columnSumsOf(plan) > 0 && (columnSums?.length ?? 0) === 0;

/** What a guide keeps of itself a release. */
const GUIDE_DECAY = 0.9;

/** The parameters that a participant takes over from this model: θ_d of them; undefined for all. The same for everybody. */
export const downloadedFrom = (plan: CheckedPlan, { statistics }: PublishedModel): Uint32Array | undefined =>
  statistics && mostUpdated(statistics, plan.sharing.download);
