// From a participant's data to what the plan's model takes: the same for everybody who holds the plan, and for whoever tries the model later.

import type { Engine } from '@sumus/learning/engine';
import type { Hashing } from '@sumus/secure-sum/primitives';
import { type FeatureMap, featureMap } from '../one-round/features.ts';
import type { CheckedPlan } from '../plan/check.ts';
import { planHash } from '../plan/identity.ts';
import type { OneRound } from '../plan/plan.ts';

export type FeatureShape = Pick<OneRound, 'features' | 'featureCount' | 'radius'>;

/** What becomes of the data; undefined where the model takes them as they are. */
export function featuresOfPlan({ exchange, preparation }: CheckedPlan): FeatureShape | undefined {
  if (exchange.schedule === 'one-round') {
    const { features, featureCount, radius } = exchange;
    return { features, featureCount, radius };
  }
  if (preparation.kind !== 'scattering') return undefined;
  const { featureCount, radius } = preparation;
  return { features: 'scattering', featureCount, radius };
}

export interface FeatureMapTools {
  readonly engine: Engine;
  readonly platform: Hashing & {
    readonly chacha20: (key: Uint8Array, nonce: Uint8Array, counter: number, out: Uint8Array) => void;
  };
}

/** Makes its tables once: keep it. The projection is drawn from the plan's hash, so that nobody chose it with data in hand. */
export function featureMapOf(
  plan: CheckedPlan,
  inputSize: number,
  { engine, platform }: FeatureMapTools,
): FeatureMap | undefined {
  const shape = featuresOfPlan(plan);
  return (
    shape && featureMap(shape, { inputSize, key: planHash(platform, plan) }, { engine, chacha20: platform.chacha20 })
  );
}
