// The workers of simulated participants are those of a run (@sumus/federation/worker); all of them share a network and the tables of the
// plan's features, because they take turns.

import type { CheckedPlan } from '@sumus/federation/plan';
import { featureMapOf, networkOf, type WorkerTools } from '@sumus/federation/worker';
import type { Engine } from '@sumus/learning/engine';
import type { Primitives } from '@sumus/platform/primitives';

export type { Worker } from '@sumus/federation/worker';
export { workerOf } from '@sumus/federation/worker';

export type SharedTools = WorkerTools & { readonly platform: Primitives };

export const sharedTools = (
  engine: Engine,
  platform: Primitives,
  plan: CheckedPlan,
  inputSize: number,
): SharedTools => ({
  engine,
  platform,
  network: networkOf(engine, plan),
  features: featureMapOf(
    plan,
    plan.preparation.kind === 'table' ? (plan.model.architecture.input[0] ?? 0) : inputSize,
    {
      engine,
      platform,
    },
  ),
});
