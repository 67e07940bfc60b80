import { describe, expect, it } from 'vitest';
import { clipFactor } from '../approximation/clip-factor.ts';
import { measure } from '../circuit/index.ts';
import { clearExecutor, inputsFrom } from '../execute/index.ts';
import { descend } from './descent.ts';
import { madeRows, seededNumbers } from './made-rows.contract.ts';
import { packedBlocks } from './packed-inputs.ts';
import { type Packing, packing, packWeights, unpackWeights } from './packing.ts';
import { type RecipeLiteral, recipe } from './recipe.ts';
import { type CheckedRows, checkRows, selectRows } from './rows.ts';
import { type TrainingCircuitRequest, trainingCircuit } from './training-circuit.ts';
import { iterationDepth, placeRefreshes } from './training-depth.ts';

const HELR: RecipeLiteral = {
  model: { kind: 'logistic', activation: { degree: 5 } },
  iterations: 4,
  learningRate: { kind: 'harmonic', first: 4 },
  optimiser: 'nesterov',
};

interface Shape {
  readonly slots: number;
  readonly doubled: boolean;
  readonly width?: number;
}

async function trained(
  rows: CheckedRows,
  literal: RecipeLiteral,
  shape: Shape,
  more: Partial<TrainingCircuitRequest> = {},
) {
  const made = recipe(literal);
  const layout: Packing = packing({
    ...shape,
    rowCount: made.batchSize ?? rows.count,
    columns: rows.columns,
    hasTargetColumn: literal.model.kind === 'linear',
  });
  const request = {
    recipe: made,
    packing: layout,
    rowCount: rows.count,
    featureBound: Math.max(rows.featureBound, rows.labelSet === 'binary' ? 0 : rows.labelSet),
    ...more,
  };
  const circuit = trainingCircuit(request);
  const inputs = Object.fromEntries([...packedBlocks(rows, made, layout)].map(({ name, values }) => [name, values]));
  const outputs = await clearExecutor(circuit).run(inputsFrom<Float64Array>(inputs));
  const blocks = Array.from({ length: layout.columnBlocks }, (_, k) => outputs.get(`weights.${k}`) ?? []);
  return { weights: unpackWeights(blocks, layout), circuit, layout, request };
}

function distance(a: Float64Array, b: Float64Array): number {
  return Math.max(...a.map((value, j) => Math.abs(value - (b[j] ?? Number.NaN))));
}

const rows = madeRows({ count: 60, columns: 5, seed: 21 });

describe('the training circuit, executed in the clear, is the descent', () => {
  const shapes: readonly (readonly [string, Shape])[] = [
    ['doubled, one block', { slots: 1024, doubled: true }],
    ['masked, one block', { slots: 512, doubled: false }],
    ['doubled, blocks of rows and columns', { slots: 128, doubled: true, width: 4 }],
    ['masked, blocks of rows and columns', { slots: 64, doubled: false, width: 2 }],
    ['masked, blocks as wide as costs least', { slots: 64, doubled: false }],
  ];
  for (const [name, shape] of shapes) {
    for (const scaling of ['before', 'after'] as const) {
      it(`${name}, γ/n ${scaling} the sum`, async () => {
        const { weights } = await trained(rows, HELR, shape, { scaling });
        expect(distance(weights, descend(rows, recipe(HELR)).weights)).toBeLessThan(1e-10);
      });
    }
  }

  for (const degree of [3, 5, 7, 9]) {
    it(`degree ${degree}`, async () => {
      const literal: RecipeLiteral = { ...HELR, model: { kind: 'logistic', activation: { degree } } };
      const { weights } = await trained(rows, literal, { slots: 1024, doubled: true });
      expect(distance(weights, descend(rows, recipe(literal)).weights)).toBeLessThan(1e-10);
    });
  }

  it('plain gradient descent with ridge and barrier', async () => {
    const literal: RecipeLiteral = {
      ...HELR,
      optimiser: 'gradient-descent',
      ridge: 0.05,
      barrier: { strength: 0.3, radius: 2 },
    };
    for (const shape of [
      { slots: 1024, doubled: true },
      { slots: 64, doubled: false, width: 2 },
    ] as const) {
      const { weights } = await trained(rows, literal, shape);
      expect(distance(weights, descend(rows, recipe(literal)).weights)).toBeLessThan(1e-10);
    }
  });

  it('mini-batches in turn, with refreshes', async () => {
    const literal: RecipeLiteral = { ...HELR, iterations: 6, batchSize: 14 };
    const { weights, circuit } = await trained(rows, literal, { slots: 64, doubled: false }, { refreshBefore: [2, 4] });
    expect(distance(weights, descend(rows, recipe(literal)).weights)).toBeLessThan(1e-10);
    expect(measure(circuit).refreshes).toBeGreaterThan(0);
  });

  it('adds encrypted shares of noise to the result, column by column', async () => {
    const made = recipe(HELR);
    const layout = packing({ slots: 64, rowCount: 60, columns: 5, hasTargetColumn: false, doubled: false, width: 4 });
    const request = { recipe: made, packing: layout, rowCount: 60, featureBound: 1, noiseShares: 2, noiseMagnitude: 4 };
    const inputs: Record<string, Float64Array> = {};
    for (const { name, values } of packedBlocks(rows, made, layout)) inputs[name] = values;
    const shares = [Float64Array.of(0.5, -1, 2, 0, 0.25), Float64Array.of(1, 1, 1, 1, 1)];
    shares.forEach((share, i) => {
      for (let k = 0; k < layout.columnBlocks; k += 1) inputs[`noise.${i}.${k}`] = packWeights(share, layout, k);
    });
    const outputs = await clearExecutor(trainingCircuit(request)).run(inputsFrom<Float64Array>(inputs));
    const blocks = Array.from({ length: layout.columnBlocks }, (_, k) => outputs.get(`weights.${k}`) ?? []);
    const expected = descend(rows, made).weights.map((w, j) => w + (shares[0]?.[j] ?? 0) + 1);
    expect(distance(unpackWeights(blocks, layout), expected)).toBeLessThan(1e-10);
  });

  it('leaves the rows of a fold out', async () => {
    const kept = selectRows(
      rows,
      Array.from({ length: 60 }, (_, i) => i).filter((i) => i % 5 !== 2),
    );
    for (const scaling of ['before', 'after'] as const) {
      for (const shape of [
        { slots: 1024, doubled: true },
        { slots: 64, doubled: false, width: 2 },
      ] as const) {
        const { weights } = await trained(rows, HELR, shape, { scaling, leaveOut: { index: 2, count: 5 } });
        expect(distance(weights, descend(kept, recipe(HELR)).weights)).toBeLessThan(1e-10);
      }
    }
    await expect(
      trained(rows, HELR, { slots: 1024, doubled: true }, { leaveOut: { index: 5, count: 5 } }),
    ).rejects.toThrow(/fold 5 of 5/);
  });

  it('linear regression, whose target is a column, with ridge', async () => {
    const next = seededNumbers(22);
    const features = Float64Array.from({ length: 150 }, () => next() - 0.5);
    const labels = Float64Array.from({ length: 50 }, () => 2 * next() - 1);
    const linear = checkRows({ features, columns: 3, labels, normBound: 1, labelSet: 1 });
    const literal: RecipeLiteral = {
      ...HELR,
      model: { kind: 'linear' },
      learningRate: { kind: 'constant', rate: 0.8 },
      ridge: 0.1,
    };
    for (const shape of [
      { slots: 512, doubled: true },
      { slots: 32, doubled: false, width: 2 },
      { slots: 256, doubled: false },
    ] as const) {
      const { weights } = await trained(linear, literal, shape);
      expect(distance(weights, descend(linear, recipe(literal)).weights)).toBeLessThan(1e-10);
    }
  });
});

describe('with rows clipped', () => {
  const clipped: RecipeLiteral = {
    ...HELR,
    model: { kind: 'logistic', activation: { degree: 7 } },
    learningRate: { kind: 'harmonic', first: 2 },
  };
  const clip = clipFactor({ norm: 0.8, largestSquare: 6, degree: 15 });

  it('is near the descent that clips exactly, and further from the one that does not', async () => {
    for (const shape of [
      { slots: 512, doubled: false },
      { slots: 64, doubled: false, width: 2 },
    ] as const) {
      const { weights } = await trained(rows, clipped, shape, { clip });
      const exact = descend(rows, recipe(clipped), { clippingNorm: 0.8 }).weights;
      const without = descend(rows, recipe(clipped)).weights;
      expect(distance(weights, exact)).toBeLessThan(distance(without, exact) / 3);
    }
  });

  it('takes twelve levels an iteration at degree 15 where five do without', async () => {
    const { circuit, request } = await trained(rows, clipped, { slots: 512, doubled: false }, { clip });
    expect(iterationDepth(request)).toBe(12);
    const one = await trained(rows, { ...clipped, iterations: 1 }, { slots: 512, doubled: false }, { clip });
    expect(measure(circuit).depth).toBe(measure(one.circuit).depth + 3 * 12 + 1);
    const { clip: _, ...without } = request;
    expect(iterationDepth(without)).toBe(5);
  });

  it('is refused doubled, where slots between rows would leave every interval', async () => {
    await expect(trained(rows, clipped, { slots: 1024, doubled: true }, { clip })).rejects.toThrow(/masked/);
  });
});

describe('its depth', () => {
  it('degree 7 without clipping takes four levels an iteration doubled and five masked: far below nine', () => {
    const made = recipe({ ...HELR, model: { kind: 'logistic', activation: { degree: 7 } } });
    const at = (doubled: boolean): number =>
      iterationDepth({
        recipe: made,
        packing: packing({ slots: 1024, rowCount: 60, columns: 5, hasTargetColumn: false, doubled }),
      });
    expect([at(true), at(false)]).toEqual([4, 5]);
  });

  it('is what the circuit measures', async () => {
    for (const degree of [3, 5, 7, 9]) {
      for (const doubled of [true, false]) {
        for (const scaling of ['before', 'after'] as const) {
          const literal: RecipeLiteral = { ...HELR, model: { kind: 'logistic', activation: { degree } } };
          const { circuit, request } = await trained(rows, literal, { slots: 1024, doubled }, { scaling });
          // The first iteration takes one level, each of the others its own, and the result is an iterate that is one more below.
          const tail = scaling === 'after' ? 0 : 1;
          expect(measure(circuit).depth).toBe(1 + 3 * iterationDepth(request) + tail);
        }
      }
    }
  });

  it('with refreshes stays within the levels they were placed for', async () => {
    const literal: RecipeLiteral = { ...HELR, iterations: 7 };
    const layout = packing({ slots: 1024, rowCount: 60, columns: 5, hasTargetColumn: false, doubled: true });
    const refreshBefore = placeRefreshes({ recipe: recipe(literal), packing: layout }, 10);
    expect(refreshBefore).toEqual([3, 5]);
    const { circuit } = await trained(rows, literal, { slots: 1024, doubled: true }, { refreshBefore });
    expect(measure(circuit).depth).toBeLessThanOrEqual(10);
    expect(() => placeRefreshes({ recipe: recipe(literal), packing: layout }, 4)).toThrow(/takes 5 levels/);
  });
});

describe('it refuses', () => {
  it('projection, exact sigmoids and packings for other batches', () => {
    const layout = packing({ slots: 1024, rowCount: 60, columns: 5, hasTargetColumn: false, doubled: true });
    const request = { packing: layout, rowCount: 60, featureBound: 3 };
    expect(() => trainingCircuit({ ...request, recipe: recipe({ ...HELR, projectionRadius: 1 }) })).toThrow(
      /projection/,
    );
    expect(() =>
      trainingCircuit({ ...request, recipe: recipe({ ...HELR, model: { kind: 'logistic-exact' } }) }),
    ).toThrow(/degree/);
    expect(() => trainingCircuit({ ...request, rowCount: 600, recipe: recipe(HELR) })).toThrow(/up to/);
    expect(() => [...packedBlocks({ ...rows } as CheckedRows, recipe(HELR), layout)]).toThrow(/checked/);
  });
});
