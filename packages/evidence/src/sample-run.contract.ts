// Test material: the log and the ledgers of a small run that was really played, from a seed.

import { ledgerText } from '@sumus/federation/ledger';
import { architectureData } from '@sumus/federation/model';
import { type CheckedPlan, checkPlan, planTemplate, problemLines } from '@sumus/federation/plan';
import { eventLine } from '@sumus/federation/run';
import { architecture, parameterCount } from '@sumus/learning/model';
import { nodePrimitives } from '@sumus/platform/node';
import { dealtOut, labelledExamples } from '@sumus/simulation/examples';
import { diceOf, type Simulated, seededBytes, simulate } from '@sumus/simulation/federation';

export type SampleProtection = 'mask' | 'one-shot' | 'threshold' | 'none';

export interface SampleRun {
  readonly simulated: Simulated;
  /** The log, as a store has it. */
  readonly text: string;
  readonly lines: readonly string[];
  /** By member. */
  readonly ledgers: readonly { readonly member: string; readonly text: string }[];
}

const MEMBERS = 5;
const INPUTS = 8;
const CLASSES = 3;
const ROWS_EACH = 20;

export function samplePlan(protection: SampleProtection, epsilon: number | null): CheckedPlan {
  const model = architecture({ input: [INPUTS], layers: [{ kind: 'dense', units: CLASSES }] });
  const template = planTemplate({
    name: 'three-clinics',
    purpose: 'To show what can be shown.',
    architecture: architectureData(model),
    parameterCount: parameterCount(model),
    loss: 'crossEntropy',
    firstWeightsSeed: 1,
    schedule: 'synchronous',
    protection,
    reason: 'made-up numbers that belong to nobody',
    minimumContributors: 4,
    maximumContributors: MEMBERS,
    rounds: 2,
    epsilon,
    delta: 1e-5,
    unit: 'record',
    uploadFraction: 1,
    batchSize: ROWS_EACH,
    learningRate: 0.5,
    minimumUnits: 4,
    authority: '00'.repeat(32),
    endsAtMs: 1_900_000_000_000,
  });
  const check = checkPlan({ ...template, deadline: { ...template.deadline, roundSeconds: 60 } });
  if (check.kind === 'invalid') throw new RangeError(problemLines(check.problems).join('; '));
  return check.plan;
}

export async function sampleRun(protection: SampleProtection, epsilon: number | null, seed = 7): Promise<SampleRun> {
  const platform = nodePrimitives();
  const dice = diceOf(seededBytes(platform, seed, 'data'));
  const count = MEMBERS * ROWS_EACH;
  const labels = Uint32Array.from({ length: count }, () => dice.below(CLASSES));
  const inputs = Float32Array.from({ length: count * INPUTS }, () => dice.below(1000) / 1000);
  const all = labelledExamples({ name: 'made up', inputSize: INPUTS, inputs, labels, classNames: ['a', 'b', 'c'] });
  const random = seededBytes(platform, seed, 'partition');
  const parts = dealtOut(all, { participants: MEMBERS, partition: { kind: 'iid' }, atLeast: 1 }, random);
  const simulated = await simulate({ platform, plan: samplePlan(protection, epsilon), parts, seed, now: () => 0 });
  const lines = simulated.server.disk.events.map(eventLine);
  const ledgers = simulated.members.map(({ name, state }) => ({
    member: name,
    text: ledgerText(state?.ledger.records ?? []),
  }));
  return { simulated, text: textOf(lines), lines, ledgers };
}

export const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
