import { describe, expect, it } from 'vitest';
import { agree, distance, inBothEngines, seededFloats } from './agreement.contract.ts';

interface Geometry {
  readonly rows: number;
  readonly columns: number;
  readonly kernel: number;
  readonly channels: number;
  readonly filters: number;
}

// Whole tiles, tiles that stick out, one tile, edges of a panel of eight.
const geometries: readonly Geometry[] = [
  { rows: 14, columns: 14, kernel: 5, channels: 32, filters: 64 },
  { rows: 5, columns: 7, kernel: 5, channels: 4, filters: 12 },
  { rows: 8, columns: 8, kernel: 3, channels: 32, filters: 32 },
  { rows: 5, columns: 6, kernel: 3, channels: 8, filters: 4 },
  { rows: 1, columns: 1, kernel: 3, channels: 4, filters: 4 },
];

const roundUp = (n: number, to: number): number => Math.ceil(n / to) * to;

for (const { rows, columns, kernel, channels, filters } of geometries) {
  const size = 7 - kernel;
  const [tileRows, tileColumns] = [Math.ceil(rows / size), Math.ceil(columns / size)];
  const tiles = tileRows * tileColumns;
  const imageRow = (tileColumns * size + kernel - 1) * channels;
  const imageLength = (tileRows * size + kernel - 1) * imageRow;
  const taps = kernel * kernel;
  const packedLength = (channels + 1) * roundUp(filters, 8);

  describe(`minimal filtering of ${rows}×${columns} outputs, ${kernel}×${kernel}×${channels}, ${filters} filters`, () => {
    const buffers = {
      image: seededFloats(imageLength, 1),
      filters: seededFloats(taps * channels * filters, 2),
      bias: seededFloats(filters, 3),
      packed: new Float32Array(36 * packedLength),
      plain: new Float32Array(36 * channels * filters),
      transformed: new Float32Array(36 * tiles * channels),
      products: new Float32Array(36 * tiles * filters),
      out: seededFloats(rows * columns * filters, 4),
      direct: seededFloats(rows * columns * filters, 5),
      scratch: new Float32Array(72 * 4),
      edge: new Float32Array(32),
    };
    // Inputs and filters in [-1, 1]; the transforms enlarge them by up to 100 and 1, and add up `taps·channels` of the results.
    const tolerance = 2e-6 * Math.sqrt(taps * channels) * 10;

    for (const [direction, floor] of [
      ['forward', Number.NEGATIVE_INFINITY],
      ['forward', 0],
      ['flipped', Number.NEGATIVE_INFINITY],
    ] as const) {
      it(`gives what the plain sum gives, ${direction}${floor === 0 ? ', cut at zero' : ''}`, async () => {
        const flipped = direction === 'flipped';
        const run: Parameters<typeof inBothEngines>[1] = ({ convolution, winograd }, at) => {
          // Flipped: the same numbers are read as filters × channels.
          const [channelStride, filterStride] = flipped ? [1, channels] : [filters, 1];
          const tap = channels * filters;
          winograd.packTransformedFilters(
            at('packed'),
            flipped ? at('filters') + 4 * (taps - 1) * tap : at('filters'),
            flipped ? -tap : tap,
            channelStride,
            filterStride,
            kernel,
            channels,
            filters,
            at('plain'),
            at('scratch'),
          );
          winograd.transformTiles(
            at('transformed'),
            at('image'),
            imageRow,
            channels,
            tileRows,
            tileColumns,
            size,
            at('scratch'),
          );
          for (let p = 0; p < 36; p++) {
            convolution.convolve(
              at('products') + 4 * p * tiles * filters,
              filters,
              at('transformed') + 4 * p * tiles * channels,
              0,
              0,
              channels,
              1,
              tiles,
              1,
              channels,
              at('packed') + 4 * p * packedLength,
              filters,
              Number.NEGATIVE_INFINITY,
              at('edge'),
            );
          }
          winograd.transformTilesBack(
            at('out'),
            filters,
            rows,
            columns,
            at('products'),
            filters,
            tileRows,
            tileColumns,
            size,
            flipped ? 0 : at('bias'),
            floor,
            at('scratch'),
          );
          if (flipped) convolution.packFlippedFilters(at('packed'), at('filters'), channels, taps, filters, channels);
          else convolution.packFilters(at('packed'), at('filters'), filters, taps * channels, filters, at('bias'));
          convolution.convolve(
            at('direct'),
            filters,
            at('image'),
            imageRow,
            imageRow,
            channels,
            rows,
            columns,
            kernel,
            kernel * channels,
            at('packed'),
            filters,
            floor,
            at('edge'),
          );
        };
        await agree(buffers, ['transformed', 'products', 'out', 'direct'], tolerance, run);
        const [wasm, reference] = await inBothEngines(buffers, run);
        for (const one of [wasm, reference]) expect(distance(one['out'], one['direct'])).toBeLessThan(tolerance);
      });
    }

    for (const accumulate of [0, 1]) {
      it(`has the filter gradient of the plain sum${accumulate === 1 ? ', added to what is there' : ''}`, async () => {
        // Two pixels more than filters between positions, as in a group of a wider output.
        const pixel = filters + 2;
        const own = {
          image: seededFloats(imageLength + 3, 6),
          gradient: seededFloats(rows * columns * pixel, 7),
          transformed: new Float32Array(36 * tiles * channels),
          gradients: new Float32Array(36 * tiles * filters),
          sums: new Float32Array(36 * (channels * filters + 16)),
          panels: new Float32Array(Math.max(tiles, rows * columns) * roundUp(filters, 8)),
          out: seededFloats(taps * channels * filters, 8),
          direct: seededFloats(taps * channels * filters, 8),
          scratch: new Float32Array(72 * 4),
          edge: new Float32Array(32),
        };
        const run: Parameters<typeof inBothEngines>[1] = ({ convolution, winograd }, at) => {
          const [image, transformed] = [at('image'), at('transformed')];
          winograd.transformTiles(transformed, image, imageRow, channels, tileRows, tileColumns, size, at('scratch'));
          winograd.transformGradients(
            at('gradients'),
            at('gradient'),
            pixel,
            rows,
            columns,
            filters,
            tileRows,
            tileColumns,
            size,
            at('scratch'),
          );
          for (let p = 0; p < 36; p++) {
            convolution.filterGradient(
              at('sums') + 4 * p * (channels * filters + 16),
              filters,
              transformed + 4 * p * tiles * channels,
              0,
              0,
              channels,
              1,
              tiles,
              1,
              channels,
              at('gradients') + 4 * p * tiles * filters,
              filters,
              filters,
              0,
              at('panels'),
              at('edge'),
            );
          }
          const tap = channels * filters;
          const scratch = at('scratch');
          winograd.transformFiltersBack(
            at('out'),
            tap,
            filters,
            at('sums'),
            kernel,
            channels,
            filters,
            accumulate,
            scratch,
          );
          convolution.filterGradient(
            at('direct'),
            filters,
            image,
            imageRow,
            imageRow,
            channels,
            rows,
            columns,
            kernel,
            kernel * channels,
            at('gradient'),
            pixel,
            filters,
            accumulate,
            at('panels'),
            at('edge'),
          );
        };
        const bound = 2e-6 * Math.sqrt(36 * tiles) * 10;
        await agree(own, ['transformed', 'gradients', 'sums', 'out', 'direct'], bound, run);
        const [wasm, reference] = await inBothEngines(own, run);
        for (const one of [wasm, reference]) expect(distance(one['out'], one['direct'])).toBeLessThan(bound);
      });
    }
  });
}
