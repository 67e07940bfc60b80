// What is summed besides plain updates (weights, control variates, few coordinates of a support) and what is made of sums (server optimisers)
// comes to the same models, to the bit, with and without protection, and everybody computes them. Three members: exactly at the floor.

import { describe, expect, it } from 'vitest';
import type { Exchange, Plan } from '../plan/plan.ts';
import { runWorld } from './run-world.contract.ts';

const isFull = (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env['SUMUS_FULL'];

type Rounds = Exclude<Exchange, { readonly schedule: 'one-round' }>;

function exchanging(
  plan: Plan,
  change: Partial<Pick<Rounds, 'combine' | 'server'>>,
  localWork: Partial<Rounds['localWork']> = {},
): Plan {
  const { exchange } = plan;
  if (exchange.schedule !== 'synchronous') throw new Error('a plan of another schedule');
  return { ...plan, exchange: { ...exchange, ...change, localWork: { ...exchange.localWork, ...localWork } } };
}

const sharing = (plan: Plan, change: Partial<Plan['sharing']>): Plan => ({
  ...plan,
  sharing: { ...plan.sharing, ...change },
});
const weighted = { combine: { kind: 'weighted-mean', maximumWeight: 100 } } as const;
const variates = { correction: { kind: 'control-variates' } } as const;
const all = { kind: 'all' } as const;

const exchanges: readonly (readonly [string, (plan: Plan) => Plan])[] = [
  [
    'control variates and weights, the largest of half the coordinates, error feedback',
    (plan) =>
      sharing(exchanging(plan, weighted, variates), {
        errorFeedback: true,
        upload: { fraction: 0.25, selection: { kind: 'largest' } },
        support: { kind: 'random', fraction: 0.5 },
      }),
  ],
  ['weights by examples', (plan) => exchanging(plan, weighted)],
  ['a pull to the shared weights', (plan) => exchanging(plan, {}, { correction: { kind: 'proximal', mu: 0.1 } })],
  ['control variates', (plan) => exchanging(plan, {}, variates)],
  [
    'an adaptive server',
    (plan) => exchanging(plan, { server: { kind: 'adam', learningRate: 0.1, beta1: 0.9, beta2: 0.99, tau: 0.001 } }),
  ],
  [
    'one coordinate',
    (plan) =>
      sharing(plan, { upload: { fraction: 0.04, selection: all }, support: { kind: 'random', fraction: 0.04 } }),
  ],
  [
    'a guided support, half of it downloaded',
    (plan) =>
      sharing(plan, {
        upload: { fraction: 0.4, selection: all },
        support: { kind: 'guided', fraction: 0.4, explore: 0.2 },
        download: { fraction: 0.5, decay: 0.9 },
      }),
  ],
];

const protections: readonly (readonly [string, (plan: Plan) => Plan])[] = [
  ['mask', (plan) => plan],
  [
    'one-shot',
    (plan) => ({
      ...plan,
      protection: { kind: 'one-shot', committee: { members: 3, corrupt: 0, choice: 'fixed', mayBeBlocked: false } },
    }),
  ],
  [
    'threshold',
    (plan) => ({
      ...plan,
      contributors: { ...plan.contributors, population: 'silos' },
      protection: {
        kind: 'threshold',
        members: 3,
        threshold: 2,
        corruptMembers: 0,
        trust: 'participants follow the protocol',
      },
    }),
  ],
];

async function modelsOf(
  protection: 'mask' | 'none',
  change: (plan: Plan) => Plan,
): Promise<readonly (string | null)[]> {
  const plan = { rounds: 2, maximumContributors: 3, protection } as const;
  const world = await runWorld({ members: 3, plan, change, policy: () => ({ corruptFraction: 0 }) });
  await world.play();
  expect(world.coordinator.state.phase).toMatchObject({ why: 'all rounds done' });
  for (const { models } of world.members) expect(models.at(-1)?.published).toEqual(world.coordinator.published);
  return world.coordinator.state.releases.map(({ modelHash }) => modelHash);
}

describe.each(isFull === undefined ? exchanges.slice(0, 1) : exchanges)('%s', (_, change) => {
  it('come to the same models under every protection', async () => {
    const clear = await modelsOf('none', change);
    expect(clear).toHaveLength(2);
    for (const [name, protect] of protections) {
      const isMask = name === 'mask';
      expect(await modelsOf(isMask ? 'mask' : 'none', (plan) => protect(change(plan))), name).toEqual(clear);
    }
  });
});
