// A participant's work between a download and an upload: from the weights it starts with to one update. All of it runs where the data are
// (a worker); what comes out is the aggregate of at least one batch, and no gradient of an example ever leaves this object, nor exists at
// all where learning has a closed form.
//
//   ordinary work       Δ = weights after the steps − weights before
//                       FedProx (Li and others 2020): every gradient + μ·(w − w_start)
//                       SCAFFOLD: every gradient + (c − c_i), handed in as `drift`
//   privacy of records  Δ = −(η / divisor)·Σ gᵢ·min(1, C/|gᵢ|): one clipped sum, divided by a public number whoever was drawn
//
// Refuses, as a value, a contribution of too few units. Numbers that stop being finite end the work, as a value too, and nothing leaves.

import { type RandomSource, RandomWords } from '@sumus/differential-privacy/noise';
import type { Batch, LossSpec, Network } from '@sumus/learning/network';
import { Optimiser } from '@sumus/learning/optimisers';
import { ParameterError } from '../errors.ts';
import type { CheckedPlan } from '../plan/check.ts';
import type { LocalWork } from '../plan/plan.ts';
import { divisorOf } from '../plan/sums.ts';
import { drawBatches, examplesAt } from './batches.ts';
import { rightAnswers } from './right-answers.ts';
import { type TooFew, unitsIn } from './units.ts';

export interface LocalData {
  readonly examples: Batch;
  /** The person of each row, where the data set names a unit column. */
  readonly unitOfRow?: Uint32Array | undefined;
}

export interface LocalTask {
  readonly start: Float32Array;
  readonly data: LocalData;
  /** c − c_i, where the plan has control variates. */
  readonly drift?: Float32Array | undefined;
}

/** The participant's own, until some of it is selected, encoded and protected. */
export interface LocalUpdate {
  readonly kind: 'update';
  readonly update: Float32Array<ArrayBuffer>;
  /** The local model afterwards. */
  readonly weights: Float32Array<ArrayBuffer>;
  readonly steps: number;
  /** Rows in its batches, counted again where they came again. */
  readonly examples: number;
  /** Different people, or rows. */
  readonly units: number;
  /** Over the rows as they came; 0 where a batch was empty. */
  readonly meanLoss: number;
  /** Share of the same rows that were answered right before each step; where the plan has the metric, and any row. */
  readonly accuracy: number | undefined;
}

export type LocalResult = LocalUpdate | TooFew | { readonly kind: 'not finite'; readonly what: string };

export class LocalTraining {
  readonly #network: Network;
  readonly #plan: CheckedPlan;
  readonly #work: LocalWork;
  readonly #loss: LossSpec;
  readonly #random: RandomWords;
  /** Starts afresh each time: momentum of an earlier model would carry what was never charged. */
  readonly #steps: Optimiser;
  readonly #countsAnswers: boolean;
  /** Of the weights at the start, for the proximal term, or of the drift. */
  readonly #correctionAt: number;

  /** `source` is the participant's own cryptographically secure generator. The network's maxBatch is the plan's pieceSize. */
  constructor(network: Network, plan: CheckedPlan, source: RandomSource) {
    const { exchange, model, batching } = plan;
    if (exchange.schedule === 'one-round')
      throw new ParameterError('a plan of one round sums statistics and trains nothing');
    if (network.parameterCount !== model.parameterCount) {
      throw new ParameterError(
        `a network of ${network.parameterCount} parameters, the plan has ${model.parameterCount}`,
      );
    }
    if (network.maxBatch !== batching.pieceSize) {
      throw new ParameterError(`maxBatch is ${network.maxBatch}, the plan's pieces are ${batching.pieceSize}`);
    }
    this.#network = network;
    this.#plan = plan;
    this.#work = exchange.localWork;
    this.#loss = { kind: model.loss };
    this.#random = new RandomWords(source);
    this.#steps = new Optimiser(network, this.#work.optimiser);
    this.#countsAnswers = plan.metrics.some(({ name }) => name === 'accuracy');
    const hasCorrection = this.#work.correction.kind !== 'none';
    this.#correctionAt = hasCorrection ? network.engine.memory.reserveFloats(network.parameterCount) : 0;
  }

  contribute({ start, data, drift }: LocalTask): LocalResult {
    const { examples, unitOfRow } = data;
    const rowCount = this.#rowsOf(examples);
    const batches = drawBatches(this.#plan.batching, this.#work, rowCount, this.#random);
    const units = unitsIn(this.#plan, { rowCount, unitOfRow }, batches);
    if (typeof units !== 'number') return units;
    this.#network.setParameters(start);
    this.#steps.restart();
    this.#placeCorrection(start, drift);
    let lossSum = 0;
    let seen = 0;
    let right = 0;
    let isStopped = false;
    for (const rows of batches) {
      const batch = examplesAt(examples, rows, rowCount);
      if (this.#countsAnswers && rows.length > 0) right += rightAnswers(this.#network, this.#loss, batch);
      lossSum += this.#gradient(batch, rows.length) * rows.length;
      seen += rows.length;
      if (!this.#isRecordLevel()) {
        this.#correct();
        // A gradient that is not finite changes nothing, and ends the work.
        isStopped ||= this.#steps.step().kind === 'notFinite';
      }
    }
    const meanLoss = seen === 0 ? 0 : lossSum / seen;
    const found = this.#isRecordLevel() ? this.#clippedUpdate(start) : this.#movedUpdate(start);
    // Nothing of this contribution stays in the network.
    this.#network.gradient.fill(0);
    this.#network.setParameters(start);
    if (isStopped || found === undefined || !Number.isFinite(meanLoss)) {
      return { kind: 'not finite', what: `a weight or the loss after ${batches.length} steps` };
    }
    const accuracy = this.#countsAnswers && seen > 0 ? right / seen : undefined;
    return { kind: 'update', ...found, steps: batches.length, examples: seen, units, meanLoss, accuracy };
  }

  #isRecordLevel(): boolean {
    const { privacy } = this.#plan;
    return (privacy.kind === 'central' || privacy.kind === 'local') && privacy.unit === 'record';
  }

  /** Writes the batch's gradient where the network has it; answers its mean loss. */
  #gradient(batch: Batch, count: number): number {
    const network = this.#network;
    const { privacy, batching } = this.#plan;
    if (count === 0) {
      network.gradient.fill(0);
      return 0;
    }
    const dropout = { dropoutSeed: this.#random.next() };
    if (this.#isRecordLevel() && (privacy.kind === 'central' || privacy.kind === 'local')) {
      const { clippingNorm } = privacy;
      return network.clippedSum(batch, this.#loss, { ...dropout, clippingNorm }).meanLoss;
    }
    if (batching.sampling.kind !== 'poisson') return network.batchGradient(batch, this.#loss, dropout).meanLoss;
    const { meanLoss } = network.batchGradient(batch, this.#loss, { ...dropout, reduction: 'sum' });
    const { engine, gradientAt, parameterCount } = network;
    engine.vectors.scale(gradientAt, gradientAt, 1 / batching.sampling.divisor, parameterCount);
    return meanLoss;
  }

  #placeCorrection(start: Float32Array, drift: Float32Array | undefined): void {
    const { engine, parameterCount } = this.#network;
    const needsDrift = this.#work.correction.kind === 'control-variates';
    if (needsDrift !== (drift !== undefined)) {
      throw new ParameterError(
        `a drift was ${needsDrift ? 'not ' : ''}given; the plan corrects by ${this.#work.correction.kind}`,
      );
    }
    if (this.#correctionAt === 0) return;
    const values = drift ?? start;
    if (values.length !== parameterCount) throw new ParameterError(`a drift of ${values.length} numbers`);
    engine.memory.f32(this.#correctionAt, parameterCount).set(values);
  }

  #correct(): void {
    const { engine, gradientAt, parametersAt, parameterCount } = this.#network;
    const { correction } = this.#work;
    switch (correction.kind) {
      case 'none':
        return;
      case 'proximal':
        engine.vectors.addScaled(gradientAt, parametersAt, correction.mu, parameterCount);
        engine.vectors.addScaled(gradientAt, this.#correctionAt, -correction.mu, parameterCount);
        return;
      case 'control-variates':
        engine.vectors.addScaled(gradientAt, this.#correctionAt, 1, parameterCount);
        return;
      default:
        correction satisfies never;
    }
  }

  #movedUpdate(start: Float32Array): Pick<LocalUpdate, 'update' | 'weights'> | undefined {
    const weights = this.#network.parameters.slice();
    if (!areFinite(weights)) return undefined;
    return { weights, update: weights.map((weight, i) => weight - start[i]) };
  }

  /** The step itself and not a difference of weights, which would have lost bits of it. */
  #clippedUpdate(start: Float32Array): Pick<LocalUpdate, 'update' | 'weights'> | undefined {
    const factor = -this.#work.optimiser.learningRate / divisorOf(this.#plan.batching);
    const update = this.#network.gradient.map((value) => factor * value);
    if (!areFinite(update)) return undefined;
    return { update, weights: update.map((value, i) => start[i] + value) };
  }

  #rowsOf({ inputs, targets }: Batch): number {
    const count = inputs.length / this.#network.inputSize;
    if (!Number.isInteger(count) || count === 0 || targets.length === 0 || targets.length % count !== 0) {
      throw new ParameterError(`${inputs.length} numbers and ${targets.length} targets are no whole examples`);
    }
    return count;
  }
}

function areFinite(values: Float32Array): boolean {
  for (const value of values) if (!Number.isFinite(value)) return false;
  return true;
}
