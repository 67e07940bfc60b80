import { type Ciphertext, ckksContext, expand, secretKey } from '@sumus/lattice/ckks';
import { describe, expect, it } from 'vitest';
import {
  ckksExecutor,
  clearExecutor,
  decryptOutput,
  encryptOwnInput,
  evaluationKeys,
  inputsFrom,
} from '../execute/index.ts';
import { reproducibleLattice } from '../execute/reproducible-lattice.contract.ts';
import { plan } from '../parameters/index.ts';
import { descend, encryptRows, margins, planTraining } from '../training/index.ts';
import { madeRows } from '../training/made-rows.contract.ts';
import {
  linearExamples,
  linearScores,
  linearScoresOf,
  linearWeights,
  packLinearExamples,
  SCORES,
} from './encrypted-linear.ts';
import { numbers } from './small-models.contract.ts';

const layout = { slots: 64, columns: 5, width: 4, stride: 8, columnBlocks: 2, rowsPerBlock: 8 };
const bounds = { feature: 1, weight: 8 };

it('scores are products with rows, in every shape of block', async () => {
  for (const { stride, rowsPerBlock } of [layout, { stride: 4, rowsPerBlock: 16 }]) {
    const shape = { ...layout, stride, rowsPerBlock };
    const weights = numbers(5, 1);
    const examples = Array.from({ length: 3 }, (_, i) => numbers(5, i + 2));
    const inputs = [0, 1].flatMap((block): [string, Float64Array][] => [
      [linearWeights(block), Float64Array.from({ length: 64 }, (_, slot) => weights[block * 4 + (slot % 4)] ?? 0)],
      [linearExamples(block), packLinearExamples(shape, bounds, block, examples)],
    ]);
    const opened = await clearExecutor(linearScores(shape, bounds)).run(inputsFrom(new Map(inputs)));
    const scores = linearScoresOf(shape, bounds, opened.get(SCORES) ?? [], 3);
    examples.forEach((example, i) => {
      expect(scores[i]).toBeCloseTo(
        example.reduce((sum, x, j) => sum + x * weights[j], 0),
        12,
      );
    });
  }
});

describe('a model that nobody has opened', () => {
  it('scores new rows under the key that it was trained under', async () => {
    const rows = madeRows({ count: 60, columns: 5, seed: 3 });
    const training = planTraining({
      recipe: {
        model: { kind: 'logistic', activation: { degree: 3 } },
        iterations: 1,
        learningRate: { kind: 'constant', rate: 4 },
      },
      rowCount: rows.count,
      columns: rows.columns,
      featureBound: 1,
      encryptedWith: 'secret key',
      spareLevels: 1,
      weightBound: 8,
      largestDegree: 16384,
    });
    const { packing } = training;
    const context = ckksContext(await reproducibleLattice(9), training.plan.parameters);
    const secret = secretKey(context);
    const blocks = new Map<string, Ciphertext>();
    for (const { name, ciphertext } of encryptRows(training, context, { secretKey: secret }, rows)) {
      blocks.set(name, ciphertext);
    }
    const trained = await ckksExecutor(training.plan, context, evaluationKeys(training.plan, context, secret)).run(
      inputsFrom(blocks),
    );

    const circuit = linearScores(packing, bounds);
    const planned = plan(circuit, training.plan.parameters, { encryptedWith: 'secret key' });
    const unseen = madeRows({ count: 20, columns: 5, seed: 4 });
    const examples = Array.from({ length: unseen.count }, (_, i) => unseen.features.subarray(i * 5, (i + 1) * 5));
    const inputs = new Map(trained);
    for (let block = 0; block < packing.columnBlocks; block++) {
      const name = linearExamples(block);
      const packed = packLinearExamples(packing, bounds, block, examples);
      inputs.set(name, expand(encryptOwnInput(planned, context, secret, name, packed)));
    }
    const outputs = await ckksExecutor(planned, context, evaluationKeys(planned, context, secret)).run(
      inputsFrom(inputs),
    );
    const scores = outputs.get(SCORES);
    if (scores === undefined) throw new Error('no scores');
    const found = linearScoresOf(packing, bounds, decryptOutput(planned, secret, scores), unseen.count);
    const expected = margins(unseen, descend(rows, training.recipe).weights);
    expected.forEach((z, i) => {
      expect(found[i]).toBeCloseTo(z, 6);
    });
    expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(0.05);
  }, 60_000);
});

it('examples of another size, and more than a run takes, are refused', () => {
  expect(() => packLinearExamples(layout, bounds, 0, [[1, 2]])).toThrow(/example 0 has 2 numbers/);
  expect(() => packLinearExamples(layout, bounds, 2, [])).toThrow(/block 2/);
  expect(() =>
    packLinearExamples(
      layout,
      bounds,
      0,
      Array.from({ length: 9 }, () => [1, 2, 3, 4, 5]),
    ),
  ).toThrow(/9 examples/);
});
