// A small network, plans over it, and contributions with seeded randomness: for the tests of contribution and release.
import { type Architecture, architecture as architectureFrom, parameterCount } from '@sumus/learning/model';
import { nodePrimitives } from '@sumus/platform/node';
import { type Context, openContext, wholeContext } from '@sumus/secure-sum/context';
import { type Rotation, rotationOf } from '@sumus/secure-sum/encoding';
import { type Engine, wasmEngine } from '@sumus/secure-sum/engine';
import type { Support } from '@sumus/secure-sum/support';
import { architectureData } from '../model/index.ts';
import { type CheckedPlan, type Plan, wordEncodingOf } from '../plan/index.ts';
import { checkedPlan, sampleOptions, samplePlan } from '../plan/sample-plans.contract.ts';
import type { TemplateOptions } from '../plan/template.ts';
import { type Published, startPublished, supportOfRelease } from '../release/index.ts';
import type { LocalUpdate } from '../training/index.ts';
import { type Contribution, contribute, type KeptInTheClear, NOTHING_KEPT } from './index.ts';

export const primitives = nodePrimitives();
export const architecture: Architecture = architectureFrom({ input: [12], layers: [{ kind: 'dense', units: 5 }] });
export const PARAMETERS = parameterCount(architecture);

/** Three to eight contributors on 65 parameters; `change` bends the plan before it is checked. */
export function smallPlan(
  options: Partial<TemplateOptions> = {},
  change: (plan: Plan) => Plan = (plan) => plan,
): CheckedPlan {
  const base = samplePlan({
    ...sampleOptions,
    architecture: architectureData(architecture),
    parameterCount: PARAMETERS,
    minimumContributors: 3,
    maximumContributors: 8,
    minimumUnits: 10,
    rounds: 5,
    protection: 'none',
    ...options,
  });
  return checkedPlan(change({ ...base, contributors: { ...base.contributors, population: 'silos' } }));
}

/** The same bytes for the same seed. */
export function seeded(seed: number): (length: number) => Uint8Array<ArrayBuffer> {
  const key = new Uint8Array(32);
  new DataView(key.buffer).setUint32(0, seed);
  let counter = 0;
  return (length) => {
    const out = new Uint8Array(length);
    const nonce = new Uint8Array(12);
    new DataView(nonce.buffer).setUint32(0, counter++);
    primitives.chacha20(key, nonce, 0, out);
    return out;
  };
}

const hash = (value: number): Uint8Array => new Uint8Array(32).fill(value);

/** A whole context, as a release has one before the next. */
export function contextOf(round: number): Context {
  const open = openContext(primitives, {
    projectId: 'tests',
    taskId: 'small',
    round,
    flush: 0,
    modelHash: hash(1),
    configHash: hash(2),
    policyHash: hash(3),
  });
  return wholeContext(primitives, open, { rosterRoot: hash(4), beacon: hash(5 + round) });
}

export const rotationFor = (plan: CheckedPlan, round = 1): Rotation =>
  rotationOf(primitives, contextOf(round), wordEncodingOf(plan).windows);

export const supportFor = (plan: CheckedPlan, published: Published, round = 1): Support =>
  supportOfRelease(primitives, plan, { published, earlier: contextOf(round) });

export const firstOf = (plan: CheckedPlan): Published =>
  startPublished(
    plan,
    Float32Array.from({ length: PARAMETERS }, (_, i) => Math.fround(Math.sin(i))),
  );

export const workOf = (update: ArrayLike<number>, more: Partial<LocalUpdate> = {}): LocalUpdate => ({
  kind: 'update',
  update: Float32Array.from(update),
  weights: Float32Array.from(update),
  steps: 4,
  examples: 20,
  units: 20,
  meanLoss: 0.5,
  accuracy: 0.75,
  ...more,
});

/** Numbers of about the given size that look like nothing. */
export const numbers = (seed: number, size = 1, length = PARAMETERS): Float32Array<ArrayBuffer> => {
  const bytes = seeded(1000 + seed)(4 * length);
  const view = new DataView(bytes.buffer);
  return Float32Array.from({ length }, (_, i) => (size * view.getInt32(4 * i)) / 2 ** 31);
};

let engine: Engine | undefined;
export async function sumEngine(): Promise<Engine> {
  engine ??= await wasmEngine();
  return engine;
}

export interface Given {
  readonly engine: Engine;
  readonly published?: Published;
  readonly kept?: KeptInTheClear;
  readonly seed?: number;
  readonly versionsOld?: number;
  readonly round?: number;
}

/** Of a participant whose work is enough. */
export function contributed(plan: CheckedPlan, work: LocalUpdate, given: Given): Contribution {
  const { published = firstOf(plan), kept = NOTHING_KEPT, seed = 1, versionsOld = 0, round = 1 } = given;
  const result = contribute({ engine: given.engine, primitives, randomBytes: seeded(seed) }, plan, {
    work,
    kept,
    from: published,
    support: supportFor(plan, published, round),
    rotation: rotationFor(plan, round),
    versionsOld,
  });
  if (result.kind !== 'contribution') throw new Error(`too few: ${result.found} of ${result.needed}`);
  return result;
}

export function added(all: readonly Int32Array[]): Int32Array {
  const sum = new Int32Array(all[0]?.length ?? 0);
  for (const words of all) for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] + words[i]) | 0;
  return sum;
}
