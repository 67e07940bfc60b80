import { type Ciphertext, ckksContext, secretKey } from '@sumus/lattice/ckks';
import { describe, expect, it } from 'vitest';
import { ckksExecutor, evaluationKeys } from '../execute/index.ts';
import { reproducibleLattice } from '../execute/reproducible-lattice.contract.ts';
import { ownerRefresh } from '../refresh/index.ts';
import { descend } from './descent.ts';
import { madeRows, rowsThatLeave } from './made-rows.contract.ts';
import { encryptRows, openWeights } from './owner.ts';
import { RunDiverged, watchingRefresher } from './owner-refresh.ts';
import type { RecipeLiteral } from './recipe.ts';
import { type CheckedRows, checkRows } from './rows.ts';
import { planTraining, type TrainingPlanLiteral } from './training-plan.ts';

const HELR: RecipeLiteral = {
  model: { kind: 'logistic', activation: { degree: 5 } },
  iterations: 3,
  learningRate: { kind: 'harmonic', first: 6 },
  optimiser: 'nesterov',
};

const of = (
  rows: CheckedRows,
  recipe: RecipeLiteral,
  more: Partial<TrainingPlanLiteral> = {},
): TrainingPlanLiteral => ({
  recipe,
  rowCount: rows.count,
  columns: rows.columns,
  featureBound: rows.featureBound,
  encryptedWith: 'secret key',
  watchMargins: true,
  refresh: ownerRefresh,
  levelsBetweenRefreshes: 5,
  largestDegree: 16384,
  doubled: true,
  ...more,
});

async function trained(rows: CheckedRows, literal: TrainingPlanLiteral) {
  const training = planTraining(literal);
  const context = ckksContext(await reproducibleLattice(31), training.plan.parameters);
  const secret = secretKey(context);
  const keys = evaluationKeys(training.plan, context, secret);
  const blocks = new Map<string, Ciphertext>();
  for (const { name, ciphertext } of encryptRows(training, context, { secretKey: secret }, rows))
    blocks.set(name, ciphertext);
  const executor = ckksExecutor(training.plan, context, keys, {
    refresher: watchingRefresher(training, context, secret),
  });
  const outputs = await executor.run({
    encrypted: (name) => {
      const block = blocks.get(name);
      if (block === undefined) throw new Error(`no block ${name}`);
      return block;
    },
  });
  return { training, context, secret, outputs };
}

describe('a training on ciphertexts', () => {
  it('with refreshes by the owner gives the weights of the descent in the clear', async () => {
    const rows = madeRows({ count: 150, columns: 7, seed: 30 });
    const { training, secret, outputs, context } = await trained(rows, of(rows, HELR));
    expect(training.refreshBefore.length).toBeGreaterThan(0);
    expect(training.plan.parameters.secure).toBe(true);
    const opened = openWeights(training, secret, outputs);
    if (opened.kind !== 'released') throw new Error(opened.reason);
    const clear = descend(rows, training.recipe).weights;
    const worst = Math.max(...opened.weights.map((weight, j) => Math.abs(weight - (clear[j] ?? Number.NaN))));
    expect(worst).toBeLessThan(1e-6);
    expect(worst).toBeGreaterThan(0);
    // Another key opens nothing that is taken for weights.
    expect(openWeights(training, secretKey(context), outputs).kind).toBe('refused');
  }, 60_000);

  it('takes labels of the model’s kind, and rows within the plan’s B, before anything is encrypted', async () => {
    const literal = { columns: 1, normBound: 1, features: Float64Array.from([0.1, 0.2, 0.3]) };
    const targets = checkRows({ ...literal, labels: Float64Array.from([-0.3, 0.2, 0]), labelSet: 0.5 });
    const labels = checkRows({ ...literal, labels: Float64Array.from([0, 1, 0]), labelSet: 'binary' });
    const lattice = await reproducibleLattice(33);
    const firstOf = (rows: CheckedRows, model: RecipeLiteral['model'], normBound: number): unknown => {
      const training = planTraining(of(rows, { ...HELR, iterations: 1, model }, { featureBound: 1, normBound }));
      const context = ckksContext(lattice, training.plan.parameters);
      return encryptRows(training, context, { secretKey: secretKey(context) }, rows).next();
    };
    expect(() => firstOf(targets, HELR.model, 1)).toThrow(/real targets/);
    expect(() => firstOf(labels, { kind: 'linear' }, 1)).toThrow(/labels 0 and 1/);
    expect(() => firstOf(labels, HELR.model, 0.5)).toThrow(/B = 0.5/);
    expect(() => firstOf(labels, HELR.model, 1)).not.toThrow();
  });

  it('that leaves the interval is refused with the step at which it did', async () => {
    const rows = rowsThatLeave(100);
    const literal = of(rows, { ...HELR, learningRate: { kind: 'harmonic', first: 1.7 } }, { weightBound: 1000 });
    const { training, secret, outputs } = await trained(rows, literal);
    const opened = openWeights(training, secret, outputs);
    expect(opened.kind === 'refused' && opened.code).toBe('interval-left');
    expect(opened.kind === 'refused' && opened.reason).toMatch(/at step [12] some .* outside the interval ±8/);
  }, 60_000);

  it('that diverges is stopped at the refresh', async () => {
    const rows = rowsThatLeave(100);
    const literal = of(
      rows,
      { ...HELR, iterations: 4, learningRate: { kind: 'constant', rate: 60 } },
      { weightBound: 16 },
    );
    await expect(trained(rows, literal)).rejects.toThrow(RunDiverged);
  }, 60_000);

  it('refuses rows of other numbers or bounds than were planned', async () => {
    const rows = madeRows({ count: 150, columns: 7, seed: 30 });
    const training = planTraining(of(rows, HELR));
    const context = ckksContext(await reproducibleLattice(32), training.plan.parameters);
    const key = { secretKey: secretKey(context) };
    const first = (of: CheckedRows): unknown => encryptRows(training, context, key, of).next();
    expect(() => first(madeRows({ count: 149, columns: 7, seed: 30 }))).toThrow(/150 rows/);
    expect(() => first({ ...rows } as CheckedRows)).toThrow(/checked/);
    const wider = rowsThatLeave(150);
    expect(() => first(wider)).toThrow(/columns/);
  });
});
