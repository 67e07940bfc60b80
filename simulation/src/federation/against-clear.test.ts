// A slice of bench `protection`: every schedule and sharing on a small network, under its protection and in clear.
import { type CheckedPlan, checkPlan, type Plan, planTemplate, type TemplateOptions } from '@sumus/federation/plan';
import { nodePrimitives } from '@sumus/platform/node';
import { expect, it } from 'vitest';
import { labelledExamples } from '../examples/index.ts';
import { seededBytes } from '../seeds/seeded.ts';
import { againstClear } from './index.ts';

const platform = nodePrimitives();
const isFull =
  (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env['SUMUS_FULL'] === '1';

const SCHEDULES = ['synchronous', 'round-robin', 'random-order', 'asynchronous'] as const;
const SHARINGS: readonly (readonly [string, number, Partial<Plan['sharing']>])[] = [
  ['everything', 1, {}],
  ['the largest, with error feedback', 0.2, {}],
  [
    'random above a threshold',
    0.2,
    { upload: { fraction: 0.2, selection: { kind: 'random-above-threshold', threshold: 1e-4 } }, clamp: 0.01 },
  ],
  [
    'a random support',
    1,
    { upload: { fraction: 0.3, selection: { kind: 'all' } }, support: { kind: 'random', fraction: 0.3 } },
  ],
  [
    'a guided support',
    1,
    { upload: { fraction: 0.3, selection: { kind: 'all' } }, support: { kind: 'guided', fraction: 0.3, explore: 0.2 } },
  ],
  ['downloads of a part', 1, { download: { fraction: 0.5, decay: 0.9 } }],
];

function planOf(options: Partial<TemplateOptions>, sharing: Partial<Plan['sharing']>): CheckedPlan {
  const base = planTemplate({
    name: 'small',
    purpose: 'A test.',
    architecture: { input: [12], layers: [{ kind: 'dense', units: 4 }] },
    parameterCount: 52,
    loss: 'crossEntropy',
    firstWeightsSeed: 1,
    schedule: 'synchronous',
    protection: 'one-shot',
    reason: 'a test of what is summed',
    minimumContributors: 4,
    maximumContributors: 4,
    rounds: 2,
    epsilon: null,
    delta: 1e-6,
    unit: 'record',
    uploadFraction: 1,
    batchSize: 8,
    learningRate: 0.3,
    minimumUnits: 5,
    authority: null,
    endsAtMs: 1_900_000_000_000,
    ...options,
  });
  const check = checkPlan({ ...base, sharing: { ...base.sharing, ...sharing }, metrics: [] });
  if (check.kind === 'invalid') throw new Error(check.problems.map(({ path, what }) => `${path} ${what}`).join('; '));
  return check.plan;
}

const parts = Array.from({ length: 4 }, (_, i) => {
  const bytes = seededBytes(platform, 5, `part ${i}`)(40 * 12);
  return labelledExamples({
    name: `site-${i}`,
    inputSize: 12,
    inputs: Float32Array.from(bytes, (byte) => byte / 255),
    labels: Uint32Array.from({ length: 40 }, (_, row) => ((bytes[12 * row] ?? 0) >> 6) & 3),
    classNames: ['a', 'b', 'c', 'd'],
  });
});

const cases = SCHEDULES.flatMap((schedule, i) =>
  SHARINGS.flatMap(([sharing, fraction, change], j) =>
    // Every schedule and every sharing once or more; all pairs where there is time.
    (isFull || (i + j) % 4 === 0) && !(schedule === 'asynchronous' && sharing === 'a guided support')
      ? [[`${schedule}, ${sharing}`, { schedule, uploadFraction: fraction }, change] as const]
      : [],
  ),
);

it.each([
  ...cases,
  ['mask', { protection: 'mask', uploadFraction: 0.2 }, {}] as const,
  ...(isFull ? ([['threshold', { protection: 'threshold', uploadFraction: 0.2 }, {}]] as const) : []),
])('sums the same whole numbers as in clear: %s', async (_, options, sharing) => {
  const plan = planOf(options, sharing);
  const { sums, alike } = await againstClear({ platform, plan, parts, seed: 3, now: () => 0 });
  expect(sums).toHaveLength(2);
  expect(alike).toBe(2);
});

it('tells another seed’s sums apart', async () => {
  const plan = planOf({ rounds: 1 }, {});
  const run = (seed: number) => againstClear({ platform, plan, parts, seed, now: () => 0 });
  const [one, other] = [await run(1), await run(2)];
  expect(Buffer.compare(one.sums[0]?.words ?? new Uint8Array(1), other.sums[0]?.words ?? new Uint8Array(0))).not.toBe(
    0,
  );
});
