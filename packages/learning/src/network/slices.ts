// The flat vector: all parameters one after another, in the architecture's order, with the name and shape of each stretch. Weights and
// gradients have the same layout; it is what is clipped, selected, quantised, encrypted and stored.

import type { Architecture } from '../model/architecture.ts';
import { parametersOf } from '../model/architecture.ts';
import { type Shape, sizeOf } from '../model/shapes.ts';

export interface Slice {
  readonly name: string;
  readonly shape: Shape;
  /** In floats. */
  readonly offset: number;
  readonly length: number;
}

export function slicesOf(model: Architecture): readonly Slice[] {
  let offset = 0;
  return parametersOf(model).map(({ name, shape }) => {
    const slice = Object.freeze({ name, shape, offset, length: sizeOf(shape) });
    offset += slice.length;
    return slice;
  });
}
