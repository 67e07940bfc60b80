// The federation that schedules of faults are played on: six members with few numbers, so that a run takes a second; everything else is real.
// Members train on all they have, every time: what somebody contributes to a model follows from that model alone, which the verdict needs.

import { architectureData } from '@sumus/federation/model';
import { type CheckedPlan, checkPlan, type Plan, planTemplate, problemLines } from '@sumus/federation/plan';
import { architecture, parameterCount } from '@sumus/learning/model';
import type { Primitives } from '@sumus/platform/primitives';
import { dealtOut, type LabelledExamples, labelledExamples } from '../examples/index.ts';
import { diceOf, type RandomBytes, seededBytes } from '../seeds/seeded.ts';

export const MEMBERS = 6;
const INPUTS = 20;
const CLASSES = 4;
const ROWS_EACH = 12;
export const ROUND_SECONDS = 60;
export const ROUNDS = 2;

const model = architecture({ input: [INPUTS], layers: [{ kind: 'dense', units: CLASSES }] });

export type Protected = 'mask' | 'one-shot' | 'none';

export function smallPlan(protection: Protected): CheckedPlan {
  const base = planTemplate({
    name: 'faults',
    purpose: 'To see what goes wrong when things go wrong.',
    architecture: architectureData(model),
    parameterCount: parameterCount(model),
    loss: 'crossEntropy',
    firstWeightsSeed: 1,
    schedule: 'synchronous',
    protection,
    reason: 'made-up numbers that belong to nobody',
    minimumContributors: 4,
    maximumContributors: MEMBERS,
    rounds: ROUNDS,
    epsilon: null,
    delta: 1e-6,
    unit: 'record',
    uploadFraction: 1,
    batchSize: ROWS_EACH,
    learningRate: 0.5,
    minimumUnits: 4,
    authority: '00'.repeat(32),
    endsAtMs: 1_900_000_000_000,
  });
  const plan: Plan = {
    ...base,
    batching: { ...base.batching, sampling: { kind: 'full' } },
    encoding: { ...base.encoding, clippingNorm: 4 },
    protection: protectionFor(protection, base),
    deadline: { ...base.deadline, roundSeconds: ROUND_SECONDS },
    metrics: [],
  };
  const check = checkPlan(plan);
  if (check.kind === 'invalid') throw new RangeError(problemLines(check.problems).join('; '));
  return check.plan;
}

function protectionFor(protection: Protected, { protection: usual }: Plan): Plan['protection'] {
  if (protection === 'mask') return { kind: 'mask', graph: 'complete', corruptFraction: 0.2, dropoutFraction: 0.3 };
  if (usual.kind !== 'one-shot') return usual;
  return { ...usual, committee: { ...usual.committee, choice: 'sampled' } };
}

/** Points around a corner of their own each class, dealt out. */
export function smallData(platform: Primitives, seed: number): readonly LabelledExamples[] {
  const dice = diceOf(seededBytes(platform, seed, 'data'));
  const count = MEMBERS * ROWS_EACH;
  const labels = Uint32Array.from({ length: count }, () => dice.below(CLASSES));
  const inputs = new Float32Array(count * INPUTS);
  labels.forEach((label, row) => {
    for (let i = 0; i < INPUTS; i++) {
      inputs[row * INPUTS + i] = dice.below(2 ** 20) / 2 ** 20 + (i % CLASSES === label ? 0.5 : 0);
    }
  });
  const classNames = Array.from({ length: CLASSES }, (_, place) => `class ${place}`);
  const all = labelledExamples({ name: 'made up', inputSize: INPUTS, inputs, labels, classNames });
  const random: RandomBytes = seededBytes(platform, seed, 'partition');
  return dealtOut(all, { participants: MEMBERS, partition: { kind: 'iid' }, atLeast: 1 }, random);
}
