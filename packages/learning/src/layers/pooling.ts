// Pooling of rows × columns × channels. Windows stay inside the image; a remainder at the end is not read.

import type { Engine } from '../engine/engine.ts';
import type { Layer, Tensor } from './layer.ts';

export interface PoolingGeometry {
  readonly columns: number;
  readonly channels: number;
  readonly outRows: number;
  readonly outColumns: number;
  readonly windowRows: number;
  readonly windowColumns: number;
  readonly step: number;
}

function tensorOf({ memory }: Engine, geometry: PoolingGeometry, maxBatch: number): Tensor {
  const size = geometry.outRows * geometry.outColumns * geometry.channels;
  return {
    value: memory.reserveFloats(maxBatch * size),
    gradient: memory.reserveFloats(maxBatch * size),
    size,
  };
}

export function maxPoolLayer(engine: Engine, input: Tensor, geometry: PoolingGeometry, maxBatch: number): Layer {
  const { columns, channels, outRows, outColumns, windowRows: window, step } = geometry;
  const { memory, pooling } = engine;
  const output = tensorOf(engine, geometry, maxBatch);
  return {
    output,
    forward({ count }) {
      for (let i = 0; i < count; i++) {
        const [x, y] = [input.value + 4 * i * input.size, output.value + 4 * i * output.size];
        pooling.maxPool(y, x, columns, channels, outRows, outColumns, window, step);
      }
    },
    backward({ count }) {
      if (input.gradient === 0) return;
      memory.f32(input.gradient, count * input.size).fill(0);
      for (let i = 0; i < count; i++) {
        const [from, to] = [4 * i * input.size, 4 * i * output.size];
        pooling.maxPoolGradient(
          input.gradient + from,
          output.gradient + to,
          input.value + from,
          output.value + to,
          columns,
          channels,
          outRows,
          outColumns,
          window,
          step,
        );
      }
    },
  };
}

export function averagePoolLayer(engine: Engine, input: Tensor, geometry: PoolingGeometry, maxBatch: number): Layer {
  const { columns, channels, outRows, outColumns, windowRows, windowColumns, step } = geometry;
  const { memory, pooling } = engine;
  const output = tensorOf(engine, geometry, maxBatch);
  return {
    output,
    forward({ count }) {
      for (let i = 0; i < count; i++) {
        const [x, y] = [input.value + 4 * i * input.size, output.value + 4 * i * output.size];
        pooling.averagePool(y, x, columns, channels, outRows, outColumns, windowRows, windowColumns, step);
      }
    },
    backward({ count }) {
      if (input.gradient === 0) return;
      memory.f32(input.gradient, count * input.size).fill(0);
      for (let i = 0; i < count; i++) {
        const [dx, dy] = [input.gradient + 4 * i * input.size, output.gradient + 4 * i * output.size];
        pooling.averagePoolGradient(dx, dy, columns, channels, outRows, outColumns, windowRows, windowColumns, step);
      }
    },
  };
}
