// What an attacker gets back of what a setting would let it see: inputs, by quotients of the first layer's gradient (attacks/first-layer). Two
// views of a first exchange in which everybody shares the step of one batch, which is the finest grain that a plan can share: one participant's
// update, which the server has where nothing protects it, and the sum that is opened, with the plan's noise in it. A rate of 0 here says that
// this attack fails, and nothing about better ones.
import { firstLayerGradient, quotients } from '@sumus/attacks/first-layer';
import { PASSIVE_TOLERANCE, recovered, recoveryRate } from '@sumus/attacks/matching';
import { firstWeightsOf } from '@sumus/federation/model';
import { type CheckedPlan, divisorOf, noiseOf } from '@sumus/federation/plan';
import type { Network } from '@sumus/learning/network';
import type { LabelledExamples } from '@sumus/simulation/examples';
import { chosen } from '@sumus/simulation/examples';
import { diceOf, type RandomBytes } from '@sumus/simulation/federation';

export interface Inversion {
  /** Of one update in clear; null where the attack does not apply. */
  readonly ofUpdate: number | null;
  /** Of the sum, as it is opened: the share of one participant's inputs that are in it. */
  readonly ofSum: number | null;
}

/** Inputs are looked for among so many, so that a search does not take longer than the training. */
const MOST_TRUTHS = 64;

export function inversionOf(
  network: Network,
  plan: CheckedPlan,
  parts: readonly LabelledExamples[],
  randomBytes: RandomBytes,
): Inversion {
  const [first] = network.slices;
  if (first?.name.endsWith('.dense.weight') !== true || plan.exchange.schedule === 'one-round') {
    return { ofUpdate: null, ofSum: null };
  }
  network.setParameters(firstWeightsOf(plan));
  const dice = diceOf(randomBytes);
  const batches = parts.map((part) => oneBatch(part, plan, dice.below));
  const sum = new Float32Array(network.parameterCount);
  let ofUpdate: number | null = null;
  const rateOf = (view: Float32Array, truths: Float32Array): number =>
    recoveryRate(recovered(truths, quotients(firstLayerGradient(network, view)), { tolerance: PASSIVE_TOLERANCE }));
  const truthsOf = (batch: LabelledExamples): Float32Array => batch.inputs.subarray(0, MOST_TRUTHS * network.inputSize);
  for (const batch of batches) {
    const update = updateOf(network, plan, batch);
    ofUpdate ??= rateOf(update, truthsOf(batch));
    for (let i = 0; i < sum.length; i += 1) sum[i] = (sum[i] ?? 0) + (update[i] ?? 0);
  }
  const [oneBatchOfAll] = batches;
  if (oneBatchOfAll === undefined) return { ofUpdate: null, ofSum: null };
  addNoise(sum, noiseOf(plan)?.stddev ?? 0, dice.below);
  return { ofUpdate, ofSum: rateOf(sum, truthsOf(oneBatchOfAll)) };
}

/** As many rows as a batch has. */
function oneBatch(
  part: LabelledExamples,
  { batching: { sampling } }: CheckedPlan,
  below: (bound: number) => number,
): LabelledExamples {
  const wanted =
    sampling.kind === 'shuffled' ? sampling.batchSize : sampling.kind === 'poisson' ? sampling.divisor : part.count;
  const count = Math.min(part.count, wanted);
  const rows = Uint32Array.from({ length: part.count }, (_, row) => row);
  for (let i = 0; i < count; i += 1) {
    const other = i + below(rows.length - i);
    const held = rows[i] ?? 0;
    rows[i] = rows[other] ?? 0;
    rows[other] = held;
  }
  return chosen(part, rows.slice(0, count));
}

/** One step on the batch, clipped as the plan clips: of every record, or of the whole. */
function updateOf(network: Network, plan: CheckedPlan, { inputs, labels, count }: LabelledExamples): Float32Array {
  const { privacy, exchange, model, encoding } = plan;
  if (exchange.schedule === 'one-round') return new Float32Array(network.parameterCount);
  const batch = { inputs, targets: labels };
  const isOfRecords = (privacy.kind === 'central' || privacy.kind === 'local') && privacy.unit === 'record';
  if (isOfRecords) network.clippedSum(batch, { kind: model.loss }, { clippingNorm: privacy.clippingNorm });
  else network.batchGradient(batch, { kind: model.loss });
  const step = exchange.localWork.optimiser.learningRate / (isOfRecords ? divisorOf(plan.batching) : 1);
  const update = network.gradient.map((value) => -step * value);
  const norm = Math.sqrt(update.reduce((squares, value) => squares + value * value, 0));
  const cut = norm > encoding.clippingNorm ? encoding.clippingNorm / norm : 1;
  return count === 0 ? new Float32Array(network.parameterCount) : update.map((value) => cut * value);
}

/** Gaussian, by Box and Muller: what the plan's discrete noise looks like from outside. Nothing is promised by it. */
function addNoise(values: Float32Array, stddev: number, below: (bound: number) => number): void {
  if (stddev === 0) return;
  const uniform = (): number => (below(2 ** 32) + 0.5) / 2 ** 32;
  for (let i = 0; i < values.length; i += 1) {
    const normal = Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
    values[i] = (values[i] ?? 0) + stddev * normal;
  }
}
