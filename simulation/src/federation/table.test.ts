// A plan about a table, whole runs: the columns are summed before the first round, everybody applies the one recipe, and it is charged, kept in
// ledgers and receipts, and survives crashes as every round does.
import { applyRecipe, fitRecipe, type Step } from '@sumus/dataset/prepare';
import { appendRows, selectColumns } from '@sumus/dataset/table';
import { recipeOf } from '@sumus/federation/contribution';
import { verifyLedger } from '@sumus/federation/ledger';
import {
  type CheckedPlan,
  epsilonAfter,
  type Plan,
  priceOfColumns,
  sumsInPlan,
  withLeastNoise,
} from '@sumus/federation/plan';
import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import type { Fault } from '../faults/index.ts';
import { type Simulated, simulate } from './index.ts';
import { examplesOfTable, madeTable, tablePlan } from './made-table.contract.ts';

const platform = nodePrimitives();
const tables = [1, 2, 3, 4, 5].map((seed) => madeTable(seed, 180 + 10 * seed));
const test = examplesOfTable('test', madeTable(3, 500));

const run = (plan: CheckedPlan, faults: readonly Fault[] = []): Promise<Simulated> =>
  simulate({
    platform,
    plan,
    parts: tables.map((table, i) => examplesOfTable(`site-${i + 1}`, table)),
    test,
    seed: 7,
    faults,
    now: () => 0,
  });

const outcomes = ({ teller }: Simulated): readonly string[] => teller.rounds.map(({ kind }) => kind);
const released = (count: number): readonly string[] => Array.from({ length: count }, () => 'round released');
const recipeIn = (plan: CheckedPlan, { teller }: Simulated) => teller.published && recipeOf(plan, teller.published);

describe('a run about a table', () => {
  it('sums its columns first, then trains on what the one recipe makes of each table', async () => {
    const plan = tablePlan();
    const whole = await run(plan);
    expect(sumsInPlan(plan)).toBe(4);
    expect(outcomes(whole)).toEqual(released(4));
    // Before the columns are summed there is nothing to try; the first model after it is the first weights.
    expect(whole.teller.rounds.map((round) => round.kind === 'round released' && round.accuracy)).toEqual([
      expect.any(Number),
      expect.any(Number),
      expect.any(Number),
      expect.any(Number),
    ]);
    expect(whole.teller.lastTrial().accuracy).toBeGreaterThan(0.8);
    const recipe = recipeIn(plan, whole);
    if (recipe === undefined) throw new Error('no recipe');
    // As one who had all rows would have fitted it.
    const steps: readonly Step[] = [
      { kind: 'impute', column: 'age', with: 'mean' },
      { kind: 'standard', column: 'age' },
      { kind: 'standard', column: 'hours' },
    ];
    const everybody = tables.slice(1).reduce((all, one) => appendRows(all, one), tables[0] as (typeof tables)[number]);
    const numbers = selectColumns(everybody, ['age', 'hours', 'work']);
    const naive = fitRecipe(steps, numbers);
    for (const [i, step] of naive.steps.entries()) {
      const found = recipe.steps[i];
      if (step.kind !== 'standard' || found?.kind !== 'standard') continue;
      expect(Math.abs(found.mean - step.mean)).toBeLessThan(0.5);
      expect(Math.abs(found.stddev / step.stddev - 1)).toBeLessThan(0.12);
    }
    expect(applyRecipe(recipe, numbers).columns).toHaveLength(5);
    for (const { state } of whole.members) {
      const left = state?.ledger.records.flatMap(({ content }) => (content.kind === 'left' ? [content.what] : []));
      expect(left).toEqual(['statistics', 'update', 'update', 'update']);
    }
  });

  it('charges the sum of columns before it leaves, by its own price, and keeps the ε of the plan', async () => {
    const plan = checked(withLeastNoise(tablePlan({ epsilon: 8, protection: 'one-shot', batchSize: 40 })));
    const whole = await run(plan);
    expect(outcomes(whole)).toEqual(released(4));
    const price = priceOfColumns(plan);
    for (const { state } of whole.members) {
      const charges = state?.ledger.records.flatMap(({ content }) => (content.kind === 'charged' ? [content] : []));
      expect(charges).toHaveLength(4);
      expect(charges?.[0]?.mechanism).toEqual(price);
      expect(charges?.[1]?.mechanism).not.toEqual(price);
    }
    const answer = epsilonAfter(plan, 4);
    const spent = whole.teller.rounds.at(-1);
    if (answer?.kind !== 'bound' || spent?.kind !== 'round released') throw new Error('no ε');
    expect(spent.epsilon).toBe(answer.epsilon);
    expect(answer.epsilon).toBeLessThanOrEqual(8);
  });

  it.each([
    ...(isFull() ? ([['threshold', { protection: 'threshold', minimumContributors: 5 }, {}]] as const) : []),
    ['round robin, one-shot', { protection: 'one-shot', schedule: 'round-robin' }, {}],
    ['one round of a ridge', { protection: 'mask', schedule: 'one-round', features: { kind: 'inputs', count: 5 } }, {}],
    ['opened to participants', { protection: 'one-shot' }, { openedTo: 'participants' }],
  ] as const)('comes to the same recipe: %s', async (_, options, change) => {
    const plan = tablePlan({ ...options, rounds: 1 }, (base) => ({ ...base, ...(change as Partial<Plan>) }));
    const whole = await run(plan);
    expect(outcomes(whole)).toEqual(released(2));
    expect(whole.teller.lastTrial().accuracy).toBeGreaterThan(0.6);
    const step = recipeIn(plan, whole)?.steps[2];
    if (step?.kind !== 'standard') throw new Error('no recipe');
    expect(Math.abs(step.mean - 40)).toBeLessThan(1.5);
  });

  it.each([0, 1, 2, 3, 4, 5, 6].filter((at) => at % 3 === 0 || isFull()))(
    'goes on after crashes of the server and of a participant at step %i',
    async (at) => {
      const plan = tablePlan({ protection: 'one-shot', rounds: 1 });
      const faults: readonly Fault[] = [
        { kind: 'crash', who: 'server', step: 6 + 2 * at, outputs: 1, downMs: 700 },
        { kind: 'crash', who: 1, step: 3 + at, outputs: 1, downMs: 900 },
      ];
      const whole = await run(plan, faults);
      const isRight = (one: string): boolean => one === 'round released';
      expect(outcomes(whole).filter(isRight)).toHaveLength(2);
      for (const { state } of whole.members) {
        if (state === undefined) continue;
        const { owner, records } = state.ledger;
        expect((await verifyLedger(platform, owner, records)).kind).toBe('intact');
      }
      expect(whole.teller.lastTrial().accuracy).toBeGreaterThan(0.6);
    },
  );
});

function checked(plan: Plan): CheckedPlan {
  // What withLeastNoise makes of a checked plan goes together as well.
  return tablePlan({}, () => plan);
}

function isFull(): boolean {
  return (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env['SUMUS_FULL'] === '1';
}
