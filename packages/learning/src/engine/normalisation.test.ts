import { describe, expect, it } from 'vitest';
import { agree, inBothEngines, seededFloats } from './agreement.contract.ts';

for (const [rows, width, stride] of [
  [1, 7, 7],
  [9, 2, 6],
  [4, 4, 4],
]) {
  describe(`normalising ${rows} rows of ${width}, ${stride} apart`, () => {
    const n = (rows - 1) * stride + width;
    it('standardises, and brings the gradient back', async () => {
      const scales: number[] = [];
      await agree(
        {
          x: seededFloats(n, 1).map((v) => 3 * v + 5),
          hat: new Float32Array(n),
          dy: seededFloats(n, 2),
          gain: seededFloats(width, 3),
          dx: new Float32Array(n),
        },
        ['hat', 'dx'],
        2e-6,
        ({ normalisation }, at) => {
          const scale = normalisation.standardise(at('hat'), at('x'), rows, width, stride, 1e-5);
          normalisation.standardiseGradient(at('dx'), at('dy'), at('gain'), at('hat'), rows, width, stride, scale);
          scales.push(scale);
        },
      );
      expect(scales[0]).toBeCloseTo(scales[1], 5);
    });
  });
}

describe('gain, bias and their gradients', () => {
  it('are columnwise', async () => {
    await agree(
      {
        hat: seededFloats(35, 4),
        gain: seededFloats(5, 5),
        bias: seededFloats(5, 6),
        y: new Float32Array(35),
        sums: seededFloats(5, 7),
      },
      ['y', 'sums'],
      1e-6,
      ({ normalisation }, at) => {
        normalisation.affine(at('y'), at('hat'), at('gain'), at('bias'), 7, 5);
        normalisation.addProductRows(at('sums'), at('hat'), at('y'), 7, 5);
      },
    );
  });
});

describe('rows by token', () => {
  const tokens = Float32Array.of(2, 0, 2, 3, 2);
  it('are gathered, scattered and measured, equal tokens together', async () => {
    const squares: number[] = [];
    const [wasm] = await inBothEngines(
      { tokens, rows: seededFloats(15, 8), sum: new Float32Array(12) },
      (engine, at) => {
        squares.push(engine.tokens.scatteredSquares(at('rows'), at('tokens'), 5, 3));
        engine.tokens.scatterRows(at('sum'), at('rows'), at('tokens'), 5, 3, 1);
      },
    );
    expect(squares[0]).toBeCloseTo(squares[1], 6);
    expect(squares[0]).toBeCloseTo(
      wasm['sum'].reduce((total, v) => total + v * v, 0),
      5,
    );
    await agree(
      { tokens, table: seededFloats(12, 9), out: new Float32Array(15), sum: seededFloats(12, 10) },
      ['out', 'sum'],
      1e-6,
      (engine, at) => {
        engine.tokens.gatherRows(at('out'), at('table'), at('tokens'), 5, 3);
        engine.tokens.scatterRows(at('sum'), at('out'), at('tokens'), 5, 3, -0.5);
      },
    );
  });
});

describe('dropout', () => {
  const n = 40_000;
  const dropped = async (rate: number, seed: number): Promise<Float32Array> => {
    const buffers = { x: new Float32Array(n).fill(1), y: new Float32Array(n).fill(9) };
    const [wasm, reference] = await inBothEngines(buffers, ({ tokens: { dropout } }, at) => {
      dropout(at('y'), at('x'), n, seed, Math.floor(rate * 2 ** 32), 1 / (1 - rate));
    });
    expect(wasm['y']).toEqual(reference['y']);
    return wasm['y'];
  };

  it('drops a share of the rate, scales the rest, and forgets nothing', async () => {
    for (const rate of [0.1, 0.5, 0.9]) {
      const y = await dropped(rate, 5);
      const zeros = y.reduce((count, v) => count + (v === 0 ? 1 : 0), 0) / n;
      const error = 5 * Math.sqrt((rate * (1 - rate)) / n);
      expect(Math.abs(zeros - rate)).toBeLessThan(error);
      expect(Math.abs(zeros - 0.9 * rate)).toBeGreaterThan(error);
      expect(new Set(y)).toEqual(new Set([0, Math.fround(1 / (1 - rate))]));
    }
  });

  it('drops other elements for another seed: half of those dropped at rate one half', async () => {
    for (const seed of [6, 7, 2 ** 31]) {
      const [a, b] = [await dropped(0.5, 5), await dropped(0.5, seed)];
      const both = a.reduce((count, v, i) => count + (v === 0 && b[i] === 0 ? 1 : 0), 0) / n;
      expect(Math.abs(both - 0.25)).toBeLessThan(5 * Math.sqrt(0.1875 / n));
    }
  });
});
