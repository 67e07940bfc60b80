import { describe, expect, it } from 'vitest';
import { agree, inBothEngines, seededFloats } from './agreement.contract.ts';

const shapes = [
  { rows: 6, columns: 8, channels: 4, window: 2, step: 2 },
  { rows: 7, columns: 5, channels: 6, window: 3, step: 1 },
  { rows: 4, columns: 4, channels: 1, window: 2, step: 1 },
];

for (const { rows, columns, channels, window, step } of shapes) {
  const outRows = Math.floor((rows - window) / step) + 1;
  const outColumns = Math.floor((columns - window) / step) + 1;
  const outLength = outRows * outColumns * channels;
  // Coarse values, so that windows have ties: the first of the largest takes the gradient.
  const image = seededFloats(rows * columns * channels, 1).map((v) => Math.round(2 * v));

  describe(`pooling ${rows}×${columns}×${channels} by ${window}, step ${step}`, () => {
    it('takes the largest and returns the gradient to the first of them', async () => {
      await agree(
        {
          x: image,
          y: seededFloats(outLength, 2),
          dy: seededFloats(outLength, 3),
          dx: new Float32Array(image.length),
        },
        ['y', 'dx'],
        1e-6,
        ({ pooling }, at) => {
          pooling.maxPool(at('y'), at('x'), columns, channels, outRows, outColumns, window, step);
          pooling.maxPoolGradient(
            at('dx'),
            at('dy'),
            at('x'),
            at('y'),
            columns,
            channels,
            outRows,
            outColumns,
            window,
            step,
          );
        },
      );
    });

    it('takes the mean and spreads the gradient', async () => {
      await agree(
        {
          x: image,
          y: seededFloats(outLength, 4),
          dy: seededFloats(outLength, 5),
          dx: new Float32Array(image.length),
        },
        ['y', 'dx'],
        1e-6,
        ({ pooling }, at) => {
          pooling.averagePool(at('y'), at('x'), columns, channels, outRows, outColumns, window, window, step);
          pooling.averagePoolGradient(at('dx'), at('dy'), columns, channels, outRows, outColumns, window, window, step);
        },
      );
    });
  });
}

describe('a window that repeats its largest value', () => {
  it('gives the gradient once', async () => {
    const [wasm] = await inBothEngines(
      {
        x: new Float32Array(16).fill(3),
        y: new Float32Array(4),
        dy: Float32Array.of(1, 2, 4, 8),
        dx: new Float32Array(16),
      },
      ({ pooling }, at) => {
        pooling.maxPool(at('y'), at('x'), 2, 4, 1, 1, 2, 1);
        pooling.maxPoolGradient(at('dx'), at('dy'), at('x'), at('y'), 2, 4, 1, 1, 2, 1);
      },
    );
    expect(Array.from(wasm['dx'])).toEqual([1, 2, 4, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  });
});
