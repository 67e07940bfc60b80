// How good what was published is, on examples that nobody trained on.

import { recipeOf } from '@sumus/federation/contribution';
import { classesOf } from '@sumus/federation/one-round';
import type { CheckedPlan } from '@sumus/federation/plan';
import type { Published } from '@sumus/federation/release';
import { preparedExamples } from '@sumus/federation/worker';
import { accuracy } from '@sumus/learning/metrics';
import type { LabelledExamples } from '../examples/index.ts';
import type { SharedTools } from './worker.ts';

export interface Trial {
  readonly accuracy: number | null;
  /** Null where scores are no probabilities, as of a ridge. */
  readonly loss: number | null;
}

export type TrialOf = (published: Published) => Trial;

export function trialOn(tools: SharedTools, plan: CheckedPlan, test: LabelledExamples): TrialOf {
  const { exchange, model } = plan;
  const { network } = tools;
  const targets = test.labels;
  let prepared: { readonly recipe: string; readonly inputs: Float32Array } | undefined;
  return (published) => {
    const recipe = recipeOf(plan, published);
    // Nobody can try it before the columns are summed.
    if (plan.preparation.kind === 'table' && recipe === undefined) return { accuracy: null, loss: null };
    const text = JSON.stringify(recipe ?? null);
    if (prepared?.recipe !== text) prepared = { recipe: text, ...preparedExamples(tools, plan, test, recipe) };
    const { inputs } = prepared;
    if (published.kind === 'model') {
      network.setParameters(published.server.weights);
      const isOfClasses = model.loss === 'crossEntropy';
      const loss = isOfClasses ? network.losses({ inputs, targets }, { kind: model.loss }).meanLoss : null;
      return { accuracy: isOfClasses ? accuracyOf(network.predict(inputs), targets) : null, loss };
    }
    if (published.classifier === undefined || exchange.schedule !== 'one-round') return { accuracy: null, loss: null };
    return { accuracy: accuracy(classesOf(published.classifier, inputs), targets), loss: null };
  };
}

/** The share of rows whose largest score is that of their label. */
function accuracyOf(scores: Float32Array, labels: Uint32Array): number {
  const classes = scores.length / labels.length;
  let right = 0;
  labels.forEach((label, row) => {
    const own = scores.subarray(row * classes, (row + 1) * classes);
    const best = own.reduce((most, score) => Math.max(most, score), Number.NEGATIVE_INFINITY);
    if (own.indexOf(best) === label) right += 1;
  });
  return right / labels.length;
}
