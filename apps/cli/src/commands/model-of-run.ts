// The model that a run came to, as a file that `sumus model` reads: a network, or of one round its classifier as a dense layer without biases,
// with the features that it works on.
import { recipeOf } from '@sumus/federation/contribution';
import { architectureOf } from '@sumus/federation/model';
import { type CheckedPlan, planHash, type SignedPlan } from '@sumus/federation/plan';
import type { Published } from '@sumus/federation/release';
import { featuresOfPlan } from '@sumus/federation/worker';
import { writeNetwork } from '@sumus/learning/files';
import { architecture } from '@sumus/learning/model';
import { nodePrimitives } from '@sumus/platform/node';
import type { Preparation } from './examples-source.ts';
import { FEATURES_KEY, featuresText, PLAN_KEY, PREPARATION_KEY } from './model-file.ts';

export interface ModelOfRun {
  readonly plan: SignedPlan;
  readonly published: Published | undefined;
  /** Numbers of an example, before anything that the plan does to it. */
  readonly inputSize: number;
  /** Of a table. */
  readonly preparation: Preparation | undefined;
}

/** Undefined where nothing was published. */
export function modelBytes({ plan: signed, published, inputSize, preparation }: ModelOfRun): Uint8Array | undefined {
  const { plan, id } = signed;
  const metadata = new Map([[PLAN_KEY, id]]);
  const own = preparation ?? preparationIn(plan, published);
  if (own !== undefined) metadata.set(PREPARATION_KEY, JSON.stringify(own));
  const features = featuresOfPlan(plan);
  if (features !== undefined) {
    const width = plan.preparation.kind === 'table' ? (plan.model.architecture.input[0] ?? 0) : inputSize;
    metadata.set(FEATURES_KEY, featuresText({ ...features, inputSize: width, key: planHash(nodePrimitives(), plan) }));
  }
  if (published === undefined) return undefined;
  if (published.kind === 'model') return writeNetwork(architectureOf(plan), published.server.weights, metadata);
  const { classifier } = published;
  if (classifier === undefined || features === undefined) return undefined;
  const model = architecture({
    input: [features.featureCount],
    layers: [{ kind: 'dense', units: classifier.classes, bias: false }],
  });
  return writeNetwork(model, Float32Array.from(classifier.weights), metadata);
}

/** The recipe that all participants came to, where the plan is about a table. */
function preparationIn(plan: CheckedPlan, published: Published | undefined): Preparation | undefined {
  const { preparation } = plan;
  const recipe = published && recipeOf(plan, published);
  if (preparation.kind !== 'table' || recipe === undefined) return undefined;
  const { columns, target } = preparation;
  return { columns: columns.map(({ name }) => name), target: target.column, classNames: target.classes, recipe };
}
