// The model that a run came to, as a file that `sumus model` reads: a network, or of one round its classifier as a dense layer without biases,
// with the features that it works on.
import { architectureOf } from '@sumus/federation/model';
import { planHash, type SignedPlan } from '@sumus/federation/plan';
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
  if (preparation !== undefined) metadata.set(PREPARATION_KEY, JSON.stringify(preparation));
  const features = featuresOfPlan(plan);
  if (features !== undefined) {
    metadata.set(FEATURES_KEY, featuresText({ ...features, inputSize, key: planHash(nodePrimitives(), plan) }));
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
