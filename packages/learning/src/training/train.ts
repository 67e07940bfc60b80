// The training loop as an async iterator of events. It owns the order of the examples, the optimiser and the weights; gradients come
// from a source (gradient-source.ts). Everything random comes from one seed, so the weights are the same bits everywhere.
//
// Refuses bad data and options before any weight changes. A loss, gradient or weight that is not finite ends the training, is reported with its
// step, and leaves the weights with which the last finite loss was computed.

import { ParameterError } from '../errors.ts';
import { checkTargets, type LossSpec } from '../losses/loss.ts';
import type { Network } from '../network/network.ts';
import { Optimiser, type OptimiserSpec } from '../optimisers/optimiser.ts';
import { seededGenerator, shuffledOrder } from '../random/generator.ts';
import { type DataSet, exampleCount, gather } from './data-set.ts';
import { type Evaluation, evaluate } from './evaluation.ts';
import { type GradientSource, localGradients, type MicroBatch } from './gradient-source.ts';

export interface TrainingOptions {
  readonly loss: LossSpec;
  readonly optimiser: OptimiserSpec;
  readonly epochs: number;
  readonly batchSize: number;
  /** Decides the order of the examples and what dropout drops. */
  readonly seed: number;
  /** Examples of one micro-batch: batches are cut into these whatever the source. Default: the network's maxBatch. */
  readonly microBatchSize?: number;
  readonly validation?: DataSet;
  /** Stop when the validation loss has not fallen for this many epochs. */
  readonly patience?: number;
  /** End with the weights of the epoch with the lowest validation loss. Default: where there is a validation set. */
  readonly keepBest?: boolean;
  /** Looked at before every step: an AbortSignal, or anything like it. */
  readonly signal?: { readonly aborted: boolean };
  /** A clock in milliseconds; without it speeds are not reported. */
  readonly now?: () => number;
  /** Default: this thread. */
  readonly source?: GradientSource;
}

export interface StepEvent {
  readonly kind: 'step';
  /** From 1. */
  readonly epoch: number;
  readonly step: number;
  readonly meanLoss: number;
  readonly learningRate: number;
  /** Of all examples of all epochs, the share seen. */
  readonly progress: number;
  readonly samplesPerSecond: number | undefined;
}

export interface EpochEvent {
  readonly kind: 'epoch';
  readonly epoch: number;
  readonly step: number;
  /** Over the epoch, as it went. */
  readonly meanLoss: number;
  readonly validation: Evaluation | undefined;
  readonly isBest: boolean;
}

export interface EndEvent {
  readonly kind: 'end';
  readonly reason: 'finished' | 'cancelled' | 'noLongerImproving' | 'notFinite';
  readonly step: number;
  /** The epoch whose weights the network has now, where keepBest chose them. */
  readonly bestEpoch: number | undefined;
  /** What was not finite, and where. */
  readonly detail: string | undefined;
}

export type TrainingEvent = StepEvent | EpochEvent | EndEvent;

export async function* train(
  network: Network,
  data: DataSet,
  options: TrainingOptions,
): AsyncGenerator<TrainingEvent, void, void> {
  const count = exampleCount(data, network);
  checkOptions(network, data, options, count);
  const { loss, epochs, batchSize, seed, validation, patience, signal, now } = options;
  const source = options.source ?? localGradients(network, loss);
  const keepBest = options.keepBest ?? validation !== undefined;
  const run = new Run(network, options, source);
  let best: { epoch: number; loss: number; weights: Float32Array } | undefined;
  const end = (reason: EndEvent['reason'], detail?: string): EndEvent => {
    if (keepBest && best !== undefined && reason !== 'notFinite') network.setParameters(best.weights);
    return { kind: 'end', reason, step: run.steps, bestEpoch: keepBest ? best?.epoch : undefined, detail };
  };
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const order = shuffledOrder(count, seededGenerator(seed, epoch));
    let lossSum = 0;
    for (let first = 0; first < count; first += batchSize) {
      if (signal?.aborted) return yield end('cancelled');
      const places = order.subarray(first, Math.min(first + batchSize, count));
      const began = now?.();
      const outcome = await run.step(data, places);
      if (outcome.kind === 'notFinite') return yield end('notFinite', outcome.detail);
      const elapsed = now === undefined || began === undefined ? undefined : now() - began;
      lossSum += outcome.meanLoss * places.length;
      yield {
        kind: 'step',
        epoch,
        step: run.steps,
        meanLoss: outcome.meanLoss,
        learningRate: outcome.learningRate,
        progress: ((epoch - 1) * count + first + places.length) / (epochs * count),
        samplesPerSecond: elapsed === undefined || elapsed <= 0 ? undefined : (1000 * places.length) / elapsed,
      };
    }
    const evaluation = validation === undefined ? undefined : evaluate(network, validation, loss);
    const isBest = evaluation !== undefined && (best === undefined || evaluation.meanLoss < best.loss);
    if (isBest) best = { epoch, loss: evaluation.meanLoss, weights: network.parameters.slice() };
    yield { kind: 'epoch', epoch, step: run.steps, meanLoss: lossSum / count, validation: evaluation, isBest };
    if (patience !== undefined && best !== undefined && epoch - best.epoch >= patience) {
      return yield end('noLongerImproving');
    }
  }
  yield end('finished');
}

type StepOutcome =
  | { readonly kind: 'done'; readonly meanLoss: number; readonly learningRate: number }
  | { readonly kind: 'notFinite'; readonly detail: string };

/** The state that steps share: optimiser, the sum of micro-batch gradients, the last weights known to be good. */
class Run {
  readonly #network: Network;
  readonly #options: TrainingOptions;
  readonly #source: GradientSource;
  readonly #optimiser: Optimiser;
  readonly #sumAt: number;
  readonly #lastGood: Float32Array;

  constructor(network: Network, options: TrainingOptions, source: GradientSource) {
    this.#network = network;
    this.#options = options;
    this.#source = source;
    this.#optimiser = new Optimiser(network, options.optimiser);
    this.#sumAt = network.engine.memory.reserveFloats(network.parameterCount);
    this.#lastGood = network.parameters.slice();
  }

  get steps(): number {
    return this.#optimiser.steps;
  }

  async step(data: DataSet, places: Uint32Array): Promise<StepOutcome> {
    const { engine, gradientAt, parameterCount } = this.#network;
    const { memory, vectors } = engine;
    memory.f32(this.#sumAt, parameterCount).fill(0);
    let lossSum = 0;
    await this.#source.gradients(this.#network.parameters, this.#microBatches(data, places), ({ gradient, losses }) => {
      const own = this.#network.gradient;
      // A local source hands over this very view.
      if (gradient.buffer !== own.buffer || gradient.byteOffset !== own.byteOffset) own.set(gradient);
      vectors.sum(this.#sumAt, this.#sumAt, gradientAt, parameterCount);
      for (const value of losses) lossSum += value;
    });
    const meanLoss = lossSum / places.length;
    const step = this.steps + 1;
    if (!Number.isFinite(meanLoss)) {
      this.#network.setParameters(this.#lastGood);
      return { kind: 'notFinite', detail: `the loss of step ${step} is ${meanLoss}` };
    }
    this.#lastGood.set(this.#network.parameters);
    vectors.scale(gradientAt, this.#sumAt, 1 / places.length, parameterCount);
    const result = this.#optimiser.step();
    if (result.kind === 'notFinite') {
      return { kind: 'notFinite', detail: `a gradient of ${result.parameter} in step ${step} is not finite` };
    }
    // A finite gradient times a large rate can still leave the range of a float.
    if (vectors.allFinite(this.#network.parametersAt, parameterCount) === 0) {
      this.#network.setParameters(this.#lastGood);
      return { kind: 'notFinite', detail: `a weight after step ${step} is not finite` };
    }
    return { kind: 'done', meanLoss, learningRate: result.learningRate };
  }

  #microBatches(data: DataSet, places: Uint32Array): MicroBatch[] {
    const size = this.#options.microBatchSize ?? this.#network.maxBatch;
    const generator = seededGenerator(this.#options.seed, 0x10000 + this.steps);
    const microBatches: MicroBatch[] = [];
    for (let first = 0; first < places.length; first += size) {
      const batch = gather(data, places.subarray(first, Math.min(first + size, places.length)), this.#network);
      microBatches.push({ batch, dropoutSeed: generator.next() });
    }
    return microBatches;
  }
}

function checkOptions(network: Network, data: DataSet, options: TrainingOptions, count: number): void {
  const { epochs, batchSize, microBatchSize, patience, validation, keepBest, loss } = options;
  const requirePositive = (name: string, value: number): void => {
    if (!Number.isSafeInteger(value) || value < 1)
      throw new ParameterError(`${name} is a positive integer, not ${value}`);
  };
  requirePositive('epochs', epochs);
  requirePositive('batchSize', batchSize);
  if (microBatchSize !== undefined) {
    requirePositive('microBatchSize', microBatchSize);
    if (microBatchSize > network.maxBatch) {
      throw new ParameterError(`micro-batches of ${microBatchSize} exceed the network's maxBatch ${network.maxBatch}`);
    }
  }
  if (patience !== undefined) requirePositive('patience', patience);
  if (validation === undefined && (patience !== undefined || keepBest === true)) {
    throw new ParameterError('patience and keepBest need a validation set');
  }
  checkTargets(loss, data.targets, count, network.outputSize);
  requireFinite('input', data.inputs);
  if (validation !== undefined) {
    checkTargets(loss, validation.targets, exampleCount(validation, network), network.outputSize);
    requireFinite('validation input', validation.inputs);
  }
}

function requireFinite(what: string, values: Float32Array): void {
  const bad = values.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0) throw new ParameterError(`${what} number ${bad} is ${values[bad]}`);
}
