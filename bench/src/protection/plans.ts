// The cells of the table "encrypted against clear": every schedule and every sharing on Phong's network, and two more protections.

import { architectureData } from '@sumus/federation/model';
import { type CheckedPlan, checkPlan, type Plan, planTemplate } from '@sumus/federation/plan';
import { parameterCount, zoo } from '@sumus/learning/model';

export interface Cell {
  readonly name: string;
  readonly schedule: 'synchronous' | 'round-robin' | 'random-order' | 'asynchronous';
  readonly protection: 'one-shot' | 'mask' | 'threshold';
  readonly uploadFraction: number;
  readonly sharing: Partial<Plan['sharing']>;
  /** What is shared of an update does not ask how many share it: the two sharings of the table's first rows have all. */
  readonly isOfAll: boolean;
}

const SCHEDULES = ['synchronous', 'round-robin', 'random-order', 'asynchronous'] as const;

type SharingOfCell = readonly [name: string, uploadFraction: number, sharing: Partial<Plan['sharing']>];

/** Of updates: all; the largest tenth and hundredth, with error feedback; a tenth above a threshold; a tenth of a support; half of a download. */
const SHARINGS: readonly SharingOfCell[] = [
  ['θ_u = 1', 1, {}],
  ['θ_u = 0.1, largest', 0.1, {}],
  ['θ_u = 0.01, largest', 0.01, {}],
  [
    'θ_u = 0.1, random above a threshold',
    0.1,
    { upload: { fraction: 0.1, selection: { kind: 'random-above-threshold', threshold: 1e-4 } }, clamp: 1e-2 },
  ],
  [
    'a tenth, drawn',
    1,
    { upload: { fraction: 0.1, selection: { kind: 'all' } }, support: { kind: 'random', fraction: 0.1 } },
  ],
  [
    'a tenth, guided',
    1,
    {
      upload: { fraction: 0.1, selection: { kind: 'all' } },
      support: { kind: 'guided', fraction: 0.1, explore: 0.2 },
    },
  ],
  ['θ_d = 0.5', 1, { download: { fraction: 0.5, decay: 0.9 } }],
];

const cell = (
  schedule: Cell['schedule'],
  protection: Cell['protection'],
  [name, uploadFraction, sharing]: SharingOfCell,
): Cell => ({
  name: `${protection}, ${schedule}, ${name}`,
  schedule,
  protection,
  uploadFraction,
  sharing,
  isOfAll: SHARINGS.slice(0, 2).some(([one]) => one === name) && protection !== 'threshold',
});

const isRefused = (schedule: Cell['schedule'], [, , { support }]: SharingOfCell): boolean =>
  // Rule guide-in-buffers: there is no such plan.
  schedule === 'asynchronous' && support?.kind === 'guided';

export const CELLS: readonly Cell[] = [
  ...SCHEDULES.flatMap((schedule) =>
    SHARINGS.filter((sharing) => !isRefused(schedule, sharing)).map((sharing) => cell(schedule, 'one-shot', sharing)),
  ),
  ...SHARINGS.slice(0, 2).map((sharing) => cell('synchronous', 'mask', sharing)),
  ...SHARINGS.slice(1, 2).map((sharing) => cell('synchronous', 'threshold', sharing)),
];

const ARCHITECTURE = zoo('phong-mlp');

export function planOf(
  { schedule, protection, uploadFraction, sharing }: Cell,
  { participants, rounds }: { readonly participants: number; readonly rounds: number },
): CheckedPlan {
  const base = planTemplate({
    name: 'protection',
    purpose: 'A bench.',
    architecture: architectureData(ARCHITECTURE),
    parameterCount: parameterCount(ARCHITECTURE),
    loss: 'crossEntropy',
    firstWeightsSeed: 1,
    schedule,
    protection,
    reason: 'a bench on published digits',
    minimumContributors: participants,
    maximumContributors: participants,
    rounds,
    epsilon: null,
    delta: 1e-6,
    unit: 'participant',
    uploadFraction,
    batchSize: 10,
    learningRate: 0.05,
    minimumUnits: 10,
    authority: null,
    endsAtMs: 1_800_000_000_000,
  });
  const check = checkPlan({ ...base, sharing: { ...base.sharing, ...sharing }, metrics: [] });
  if (check.kind === 'invalid') throw new Error(check.problems.map(({ path, what }) => `${path} ${what}`).join('; '));
  return check.plan;
}
