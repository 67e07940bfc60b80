import { describe, expect, it } from 'vitest';
import { agree, inBothEngines, seededFloats } from './agreement.contract.ts';

// As for products: sums of at most 5·5·32 terms.
const TOLERANCE = 3e-5;

interface Geometry {
  readonly rows: number;
  readonly columns: number;
  readonly channels: number;
  readonly kernel: number;
  readonly step: number;
  readonly filters: number;
}

const geometries: readonly Geometry[] = [
  { rows: 28, columns: 28, channels: 1, kernel: 5, step: 1, filters: 32 },
  { rows: 7, columns: 6, channels: 32, kernel: 5, step: 1, filters: 16 },
  { rows: 5, columns: 7, channels: 3, kernel: 3, step: 2, filters: 10 },
  { rows: 3, columns: 3, channels: 5, kernel: 1, step: 1, filters: 3 },
  { rows: 1, columns: 1, channels: 4, kernel: 2, step: 3, filters: 9 },
];

const roundUp = (n: number): number => Math.ceil(n / 8) * 8;

for (const { rows, columns, channels, kernel, step, filters } of geometries) {
  describe(`a convolution of ${rows}×${columns} patches of ${kernel}×${kernel}×${channels}, step ${step}, ${filters} filters`, () => {
    const imageRows = (rows - 1) * step + kernel;
    const imageRow = ((columns - 1) * step + kernel) * channels;
    const rowStep = imageRow * step;
    const pixelStep = channels * step;
    const segment = kernel * channels;
    const patch = kernel * segment;

    for (const floor of [Number.NEGATIVE_INFINITY, 0]) {
      it(`is the plain sum${floor === 0 ? ', cut at zero' : ''}`, async () => {
        await agree(
          {
            image: seededFloats(imageRows * imageRow, 1),
            filters: seededFloats(patch * filters, 2),
            bias: seededFloats(filters, 3),
            packed: new Float32Array((patch + 1) * roundUp(filters)),
            out: seededFloats(rows * columns * filters, 4),
            edge: new Float32Array(32),
          },
          ['out'],
          TOLERANCE,
          ({ convolution }, at) => {
            convolution.packFilters(at('packed'), at('filters'), filters, patch, filters, at('bias'));
            convolution.convolve(
              at('out'),
              filters,
              at('image'),
              imageRow,
              rowStep,
              pixelStep,
              rows,
              columns,
              kernel,
              segment,
              at('packed'),
              filters,
              floor,
              at('edge'),
            );
          },
        );
      });
    }

    for (const accumulate of [0, 1]) {
      it(`has the filter gradient of the plain sum${accumulate === 1 ? ', added to what is there' : ''}`, async () => {
        await agree(
          {
            image: seededFloats(imageRows * imageRow + 3, 5),
            gradient: seededFloats(rows * columns * filters, 6),
            panels: new Float32Array(rows * columns * roundUp(filters)),
            out: seededFloats(patch * filters, 7),
            edge: new Float32Array(32),
          },
          ['out'],
          TOLERANCE,
          ({ convolution }, at) => {
            convolution.filterGradient(
              at('out'),
              filters,
              at('image'),
              imageRow,
              rowStep,
              pixelStep,
              rows,
              columns,
              kernel,
              segment,
              at('gradient'),
              filters,
              filters,
              accumulate,
              at('panels'),
              at('edge'),
            );
          },
        );
      });
    }

    it('packs flipped filters as the plain order says', async () => {
      const side = 2 + kernel;
      await agree(
        {
          image: seededFloats(side * side * filters, 8),
          filters: seededFloats(patch * filters, 9),
          packed: new Float32Array((kernel * kernel * filters + 1) * roundUp(channels)),
          out: seededFloats(9 * channels, 10),
          edge: new Float32Array(32),
        },
        ['out'],
        TOLERANCE,
        ({ convolution }, at) => {
          convolution.packFlippedFilters(at('packed'), at('filters'), filters, kernel * kernel, channels, filters);
          convolution.convolve(
            at('out'),
            channels,
            at('image'),
            side * filters,
            side * filters,
            filters,
            3,
            3,
            kernel,
            kernel * filters,
            at('packed'),
            channels,
            Number.NEGATIVE_INFINITY,
            at('edge'),
          );
        },
      );
    });
  });
}

describe('placing an image', () => {
  it('copies pixels to other strides and leaves the rest alone', async () => {
    for (const [inPixel, outPixel, channels] of [
      [3, 3, 3],
      [6, 2, 2],
      [2, 5, 2],
    ]) {
      const outRow = outPixel * 9;
      const [wasm, reference] = await inBothEngines(
        { image: seededFloats(4 * 5 * inPixel, 11), out: seededFloats(4 * outRow, 12) },
        ({ convolution }, at) => {
          convolution.placeImage(at('out'), outRow, outPixel, at('image'), inPixel, 4, 5, channels);
        },
      );
      expect(wasm['out']).toEqual(reference['out']);
    }
  });
});
