// How good the demonstration's model is, and how good it would be without differential privacy: on digits that nobody trained on. The second
// number takes all participants' digits in one place, which is what nobody may have; it can be computed here because they are published ones.

import { firstWeightsOf } from '@sumus/federation/model';
import { classesOf, type LinearClassifier, ridgeOf, statisticsOf } from '@sumus/federation/one-round';
import type { CheckedPlan } from '@sumus/federation/plan';
import type { Published } from '@sumus/federation/release';
import { networkOf, preparedInputs } from '@sumus/federation/worker';
import { wasmEngine } from '@sumus/learning/engine';
import { accuracy } from '@sumus/learning/metrics';
import type { Network } from '@sumus/learning/network';
import { train } from '@sumus/learning/training';
import { nodePrimitives } from '@sumus/platform/node';
import { chosen, type LabelledExamples } from '@sumus/simulation/examples';
import type { DealtDigits } from './digits.ts';

export interface DemoTrial {
  readonly accuracy: number;
  readonly accuracyWithoutPrivacy: number;
}

/** λ where no noise has to be held down. */
const RIDGE_WITHOUT_NOISE = 1e-4;
const PLAIN_EPOCHS = 2;

export async function tryDemo(plan: CheckedPlan, published: Published, digits: DealtDigits): Promise<DemoTrial> {
  const engine = await wasmEngine();
  const network = networkOf(engine, plan);
  const tools = { engine, platform: nodePrimitives(), network };
  const { test } = digits;
  const tested = preparedInputs(tools, plan, test);
  const all = together(digits.parts);
  const { exchange } = plan;
  if (exchange.schedule === 'one-round') {
    if (published.kind !== 'statistics' || published.classifier === undefined) throw new RangeError('no classifier');
    const accuracyOf = (one: LinearClassifier): number => accuracy(classesOf(one, tested), test.labels);
    const statistics = statisticsOf(preparedInputs(tools, plan, all), all.labels, exchange);
    const plain = ridgeOf(statistics, { ...exchange, ridge: RIDGE_WITHOUT_NOISE });
    return { accuracy: accuracyOf(published.classifier), accuracyWithoutPrivacy: accuracyOf(plain) };
  }
  if (published.kind !== 'model') throw new RangeError('a plan of rounds publishes a model');
  const accuracyOf = (one: Network): number => accuracy(bestOf(one.predict(tested), test.count), test.labels);
  network.setParameters(published.server.weights);
  const privately = accuracyOf(network);
  // The same network, trained on by the one that would have all digits.
  network.setParameters(firstWeightsOf(plan));
  const optimiser = { kind: 'sgd', learningRate: 0.05, momentum: 0.9, weightDecay: 0 } as const;
  const options = { loss: { kind: 'crossEntropy' }, optimiser, epochs: PLAIN_EPOCHS, batchSize: 32, seed: 1 } as const;
  const inputs = preparedInputs(tools, plan, all);
  for await (const event of train(network, { inputs, targets: all.labels }, options)) {
    if (event.kind === 'end' && event.reason !== 'finished')
      throw new RangeError(`the training ended: ${event.reason}`);
  }
  return { accuracy: privately, accuracyWithoutPrivacy: accuracyOf(network) };
}

/** The place of each row's largest score. */
function bestOf(scores: Float32Array, rows: number): Uint32Array {
  const classes = scores.length / rows;
  return Uint32Array.from({ length: rows }, (_, row) => {
    const own = scores.subarray(row * classes, (row + 1) * classes);
    return own.indexOf(own.reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY));
  });
}

function together(parts: readonly LabelledExamples[]): LabelledExamples {
  const [first] = parts;
  if (first === undefined) throw new RangeError('nobody has any digits');
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const inputs = new Float32Array(count * first.inputSize);
  const labels = new Uint32Array(count);
  let at = 0;
  for (const part of parts) {
    inputs.set(part.inputs, at * first.inputSize);
    labels.set(part.labels, at);
    at += part.count;
  }
  return { ...chosen(first, new Uint32Array(0)), count, inputs, labels, name: 'all' };
}
