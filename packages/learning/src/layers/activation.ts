// Elementwise layers. Where the derivative follows from the output and the layer before does not need its own output again, the
// activation works in place: no second buffer, no second pass through the caches.

import type { Engine } from '../engine/engine.ts';
import type { Activation, LeakyRelu, Polynomial } from '../model/layer-spec.ts';
import type { Layer, Tensor } from './layer.ts';

export type ElementwiseSpec = Activation | LeakyRelu | Polynomial;

/** Kinds whose derivative is a function of the output. */
const fromOutput: ReadonlySet<string> = new Set(['relu', 'tanh', 'sigmoid']);

export interface Placement {
  /** The input may be overwritten. */
  readonly inPlace: boolean;
  /** A relu that the layer before has already applied. */
  readonly applied: boolean;
}

interface Elementwise {
  forward(y: number, x: number, n: number): void;
  backward(dx: number, dy: number, x: number, y: number, n: number): void;
}

export function activationLayer(
  engine: Engine,
  input: Tensor,
  spec: ElementwiseSpec,
  { inPlace, applied }: Placement,
  maxBatch: number,
): Layer {
  const { memory } = engine;
  const reuses = inPlace && fromOutput.has(spec.kind);
  const output: Tensor = reuses
    ? input
    : {
        value: memory.reserveFloats(maxBatch * input.size),
        gradient: memory.reserveFloats(maxBatch * input.size),
        size: input.size,
      };
  const { forward, backward } = elementwise(engine, spec);
  /** Kernels work on whole vectors; buffers are rounded up to them. */
  const elements = (count: number): number => Math.ceil((count * input.size) / 4) * 4;
  return {
    output,
    forward({ count }) {
      if (!(applied && reuses)) forward(output.value, input.value, elements(count));
    },
    backward({ count }) {
      if (input.gradient === 0) return;
      backward(input.gradient, output.gradient, input.value, output.value, elements(count));
    },
  };
}

function elementwise({ activations, memory }: Engine, spec: ElementwiseSpec): Elementwise {
  switch (spec.kind) {
    case 'relu':
    case 'tanh':
    case 'sigmoid': {
      const forward = activations[spec.kind];
      const gradient = activations[`${spec.kind}Gradient`];
      return { forward, backward: (dx, dy, _, y, n) => gradient(dx, dy, y, n) };
    }
    case 'softplus':
    case 'gelu': {
      const forward = activations[spec.kind];
      const gradient = activations[`${spec.kind}Gradient`];
      return { forward, backward: (dx, dy, x, _, n) => gradient(dx, dy, x, n) };
    }
    case 'leakyRelu': {
      const { slope = 0.01 } = spec;
      return {
        forward: (y, x, n) => activations.leakyRelu(y, x, n, slope),
        backward: (dx, dy, x, _, n) => activations.leakyReluGradient(dx, dy, x, n, slope),
      };
    }
    case 'square':
    case 'polynomial': {
      const coefficients = 'coefficients' in spec ? spec.coefficients : [0, 0, 1];
      const { length } = coefficients;
      const at = memory.reserveFloats(length);
      memory.f32(at, length).set(coefficients);
      return {
        forward: (y, x, n) => activations.polynomial(y, x, n, at, length),
        backward: (dx, dy, x, _, n) => activations.polynomialGradient(dx, dy, x, n, at, length),
      };
    }
    default:
      return spec satisfies never;
  }
}
