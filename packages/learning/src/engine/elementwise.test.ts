import { describe, expect, it } from 'vitest';
import { agree, inBothEngines, seededFloats } from './agreement.contract.ts';

/** Values over many magnitudes, both signs, zero among them. */
const spread = (n: number, largest: number): Float32Array<ArrayBuffer> =>
  seededFloats(n, 31).map((v, i) => (i === 0 ? 0 : v * largest * 10 ** -(i % 5)));

describe('exp and log', () => {
  it('are right to four units in the last place over the whole range', async () => {
    const n = 4096;
    const x = Float32Array.from({ length: n }, (_, i) => -86 + (173 * i) / n);
    const [wasm] = await inBothEngines({ x, y: new Float32Array(n), z: new Float32Array(n) }, ({ activations }, at) => {
      activations.exponential(at('y'), at('x'), n);
      activations.logarithm(at('z'), at('y'), n);
    });
    for (let i = 0; i < n; i++) {
      expect(Math.abs(wasm['y'][i] / Math.exp(x[i]) - 1)).toBeLessThan(5e-7);
      expect(Math.abs(wasm['z'][i] - Math.log(wasm['y'][i]))).toBeLessThan(4e-7 * Math.max(1, Math.abs(x[i])));
    }
  });

  it('let NaN through and saturate beyond the range', async () => {
    const x = Float32Array.of(Number.NaN, 1000, -1000, Number.NEGATIVE_INFINITY);
    const [wasm] = await inBothEngines({ x, y: new Float32Array(4) }, ({ activations }, at) => {
      activations.exponential(at('y'), at('x'), 4);
    });
    expect(wasm['y'][0]).toBeNaN();
    expect(wasm['y'][1]).toBeGreaterThan(1e38);
    expect(wasm['y'][2]).toBeLessThan(2e-38);
    expect(wasm['y'][3]).toBeLessThan(2e-38);
  });
});

describe('the activations agree with the formulas in doubles', () => {
  const n = 512;
  const names = ['relu', 'tanh', 'sigmoid', 'softplus', 'gelu'] as const;
  it.each(names)('%s and its gradient', async (name) => {
    await agree(
      { x: spread(n, 20), y: new Float32Array(n).fill(9), dy: seededFloats(n, 2), dx: new Float32Array(n).fill(9) },
      ['y', 'dx'],
      1e-6,
      ({ activations }, at) => {
        activations[name](at('y'), at('x'), n);
        const from = name === 'gelu' || name === 'softplus' ? at('x') : at('y');
        activations[`${name}Gradient`](at('dx'), at('dy'), from, n);
      },
    );
  });

  it('small values of tanh and softplus keep their relative precision', async () => {
    const x = Float32Array.from({ length: 64 }, (_, i) => (i % 2 === 0 ? 1 : -1) * 1.7 ** -(i / 2) * 0.9);
    const deep = Float32Array.from({ length: 64 }, (_, i) => -i);
    const [wasm] = await inBothEngines(
      { x, y: new Float32Array(64), deep, z: new Float32Array(64) },
      ({ activations }, at) => {
        activations.tanh(at('y'), at('x'), 64);
        activations.softplus(at('z'), at('deep'), 64);
      },
    );
    for (let i = 0; i < 64; i++) {
      expect(Math.abs(wasm['y'][i] / Math.tanh(x[i]) - 1)).toBeLessThan(1e-6);
      expect(Math.abs(wasm['z'][i] / Math.log1p(Math.exp(deep[i])) - 1)).toBeLessThan(1e-6);
    }
  });

  it('leaky relu and polynomials', async () => {
    const buffers = {
      x: seededFloats(n, 3).map((v) => 3 * v),
      c: Float32Array.of(0.5, -1, 0.25, 0.125),
      y: new Float32Array(n).fill(9),
      dy: seededFloats(n, 4),
      dx: new Float32Array(n).fill(9),
    };
    await agree(buffers, ['y', 'dx'], 1e-6, ({ activations }, at) => {
      activations.leakyRelu(at('y'), at('x'), n, 0.1);
      activations.leakyReluGradient(at('dx'), at('dy'), at('x'), n, 0.1);
    });
    for (const count of [1, 2, 3, 4]) {
      await agree(buffers, ['y', 'dx'], 2e-6, ({ activations }, at) => {
        activations.polynomial(at('y'), at('x'), n, at('c'), count);
        activations.polynomialGradient(at('dx'), at('dy'), at('x'), n, at('c'), count);
      });
    }
  });
});

describe('vectors', () => {
  for (const n of [1, 3, 4, 7, 64, 1030]) {
    it(`of ${n} floats are added, scaled and squared`, async () => {
      const buffers = { x: seededFloats(n, 5), a: seededFloats(n, 6), b: seededFloats(n, 7), c: seededFloats(n, 8) };
      await agree(buffers, ['a', 'b', 'c'], 1e-6, ({ vectors }, at) => {
        vectors.addScaled(at('a'), at('x'), 0.3, n);
        vectors.scale(at('b'), at('x'), -1.7, n);
        vectors.sum(at('c'), at('x'), at('b'), n);
      });
      const squares: number[] = [];
      await inBothEngines(buffers, ({ vectors }, at) => {
        squares.push(vectors.sumOfSquares(at('x'), n));
      });
      expect(Math.abs(squares[0] - squares[1])).toBeLessThan(1e-12 * n);
    });
  }

  for (const [rows, columns] of [
    [1, 1],
    [5, 7],
    [3, 1025],
    [64, 10],
  ]) {
    it(`as ${rows} rows of ${columns} are repeated, summed, scaled and weighted`, async () => {
      await agree(
        {
          x: seededFloats(rows * columns, 9),
          factors: seededFloats(rows, 10),
          row: seededFloats(columns, 11),
          repeated: new Float32Array(rows * columns).fill(9),
          sums: seededFloats(columns, 12),
          scaled: new Float32Array(rows * columns).fill(9),
          weighted: seededFloats(columns, 13),
          squares: new Float32Array(2 * rows).fill(9),
        },
        ['repeated', 'sums', 'scaled', 'weighted'],
        1e-5,
        ({ vectors }, at) => {
          vectors.repeatRow(at('repeated'), at('row'), rows, columns);
          vectors.addRows(at('sums'), at('x'), rows, columns, columns);
          vectors.scaleRows(at('scaled'), at('x'), at('factors'), rows, columns);
          vectors.addWeightedRows(at('weighted'), at('x'), at('factors'), rows, columns, columns);
          vectors.rowSumsOfSquares(at('squares'), at('x'), rows, columns);
        },
      );
    });
  }

  it('are finite, unless one element anywhere is not', async () => {
    for (const n of [1, 7, 8, 9, 16, 33]) {
      for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        for (let place = -1; place < n; place++) {
          const x = new Float32Array(n).fill(3e38);
          if (place >= 0) x[place] = bad;
          await inBothEngines({ x }, ({ vectors }, at) => {
            expect(vectors.allFinite(at('x'), n)).toBe(place < 0 ? 1 : 0);
          });
        }
      }
    }
  });
});

describe('losses', () => {
  for (const [rows, columns] of [
    [1, 2],
    [5, 10],
    [3, 13],
  ]) {
    it(`of ${rows} rows of ${columns} agree with the formulas in doubles`, async () => {
      const labels = Uint32Array.from({ length: rows }, (_, r) => (r * 7) % columns);
      const buffers = {
        z: seededFloats(rows * columns, 14).map((v) => 5 * v),
        t: seededFloats(rows * columns, 15).map((v) => (v + 1) / 2),
        labels: new Float32Array(labels.buffer),
        losses: new Float32Array(rows).fill(99),
        gradient: new Float32Array(rows * columns).fill(99),
      };
      const outputs = ['losses', 'gradient'];
      for (const name of ['binaryCrossEntropy', 'squaredError'] as const) {
        await agree(buffers, outputs, 2e-6, ({ losses }, at) => {
          losses[name](at('losses'), at('gradient'), at('z'), at('t'), rows, columns);
        });
      }
      await agree(buffers, outputs, 2e-6, ({ losses }, at) => {
        losses.crossEntropy(at('losses'), at('gradient'), at('z'), at('labels'), rows, columns);
      });
      await agree(buffers, outputs, 2e-6, ({ losses }, at) => {
        losses.huber(at('losses'), at('gradient'), at('z'), at('t'), rows, columns, 1.5);
      });
    });
  }
});

describe('optimisers', () => {
  for (const n of [1, 4, 11]) {
    it(`move ${n} weights as the formulas say`, async () => {
      const buffers = {
        w: seededFloats(n, 16),
        g: seededFloats(n, 17),
        v: seededFloats(n, 18),
        s: seededFloats(n, 19).map(Math.abs),
      };
      for (const [momentum, nesterov] of [
        [0, 0],
        [0.9, 0],
        [0.9, 1],
      ]) {
        await agree(buffers, ['w'], 1e-6, ({ optimisers }, at) => {
          optimisers.sgd(at('w'), at('g'), at('v'), n, 0.1, momentum, nesterov, 0.01);
        });
      }
      await agree(buffers, ['w', 'v', 's'], 1e-6, ({ optimisers }, at) => {
        optimisers.adamW(at('w'), at('g'), at('v'), at('s'), n, 0.1, 0.9, 0.999, 1e-8, 0.01, 1.25, 1.5);
      });
    });
  }
});
