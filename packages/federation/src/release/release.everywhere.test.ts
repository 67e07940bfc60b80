// The same release in Node and in a browser: where sums are opened to participants alone, each of them computes the model, and all have to
// come to the same bits. Known hashes hold both to one value.
import { loadWebPrimitives } from '@sumus/platform/web';
import { openContext, wholeContext } from '@sumus/secure-sum/context';
import { rotationOf } from '@sumus/secure-sum/encoding';
import { wasmEngine } from '@sumus/secure-sum/engine';
import { expect, it } from 'vitest';
import { hexOf } from '../canonical/utf8.ts';
import { type CheckedPlan, contributionsInSum, type Plan, wordEncodingOf } from '../plan/index.ts';
import { checkedPlan, oneRoundPlan, samplePlan } from '../plan/sample-plans.contract.ts';
import { type Published, publishedHash, release, startPublished, supportOfRelease } from './index.ts';

const filled = (value: number): Uint8Array => new Uint8Array(32).fill(value);

/** Three releases of sums that look like nothing; the hash of what is published then. */
async function after(plan: CheckedPlan, first: Float32Array | undefined, sizes: readonly number[]): Promise<string> {
  const primitives = await loadWebPrimitives();
  const engine = await wasmEngine();
  const encoding = wordEncodingOf(plan);
  const { fewest } = contributionsInSum(plan);
  let published: Published = startPublished(plan, first);
  for (const [round, size] of sizes.entries()) {
    const point = { projectId: 'tests', taskId: 'everywhere', round, flush: 0, modelHash: filled(1) };
    const open = openContext(primitives, { ...point, configHash: filled(2), policyHash: filled(3) });
    const context = wholeContext(primitives, open, { rosterRoot: filled(4), beacon: filled(5) });
    const support = supportOfRelease(primitives, plan, { published, earlier: context });
    const sums = Array.from(
      { length: plan.robustness.kind === 'cohorts' ? plan.robustness.cohorts : 1 },
      (_, cohort) => {
        const words = new Int32Array(encoding.words);
        for (let i = 0; i < encoding.windows.length; i++) {
          words[i] = ((Math.imul(i + 1, 0x9e3779b1) + 7919 * (round + 3 * cohort)) >> 16) % size;
        }
        return { words, contributors: fewest, rotation: rotationOf(primitives, context, encoding.windows) };
      },
    );
    const result = release(engine, plan, { published, support, sums, memberCount: plan.contributors.maximum });
    if (result.kind === 'rejected') throw new Error(`${result.code}: ${result.reason}`);
    published = result.published;
  }
  return hexOf(publishedHash(primitives, published));
}

const weights = Float32Array.from({ length: 7850 }, (_, i) => ((i * 37) % 101) / 64 - 0.75);
const bent = (change: object, options: Parameters<typeof samplePlan>[0] = {}): CheckedPlan => {
  const plan = samplePlan(options);
  return checkedPlan({ ...plan, ...change });
};
const base = samplePlan();
if (base.exchange.schedule === 'one-round') throw new Error('rounds');
const adam: Plan['exchange'] = {
  ...base.exchange,
  server: { kind: 'adam', learningRate: 0.1, beta1: 0.9, beta2: 0.99, tau: 1e-3 },
  localWork: { ...base.exchange.localWork, correction: { kind: 'control-variates' } },
};

it.each([
  ['the mean, applied', bent({}), '55e7fdd70006ebd76af8f2fa30de41c30ec230007884157c39f6f8ba1f338dc4'],
  [
    'Adam, SCAFFOLD, a guided support and partial downloads',
    bent({
      exchange: adam,
      sharing: {
        ...base.sharing,
        upload: { fraction: 0.25, selection: { kind: 'all' } },
        support: { kind: 'guided', fraction: 0.25, explore: 0.2 },
        download: { fraction: 0.5, decay: 0.9 },
      },
    }),
    '9f7faa60616b79acf32d78ed1208b5d5dd709dc4d745134cd3b03ae7c23fca25',
  ],
  [
    'a geometric median of cohorts',
    bent(
      { robustness: { kind: 'cohorts', cohorts: 5, rule: 'geometric-median', trim: 0 } },
      { minimumContributors: 15 },
    ),
    'f724213a8eded896962080350089ed67f101ad2c3041ebc7c9b8aeffded0b682',
  ],
] as const)('publishes the known bytes: %s', async (_, plan, known) => {
  expect(await after(plan, weights, [900, 700, 500])).toBe(known);
});

it('publishes the known classifier of one round', async () => {
  const plan = checkedPlan({
    ...oneRoundPlan(),
    privacy: { kind: 'none', reason: 'numbers that nobody has to protect' },
  });
  expect(await after(plan, undefined, [400])).toBe('7e1bb3a69637e0987c2707223f9a24e00c0b8cb43427f4184a53ec4e7ec67286');
});
