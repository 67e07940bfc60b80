// The public signs of a round's rotation, and the rotation itself in an engine's memory. The signs follow from the context, so
// everybody who takes part rotates alike, and nobody knew them when the vectors' length and the roster were fixed.

import { type AnyContext, derive } from '../context/index.ts';
import type { Engine } from '../engine/index.ts';
import { ParameterError } from '../errors.ts';
import type { PublicPrimitives } from '../primitives.ts';
import type { Windows } from './windows.ts';

declare const rotationBrand: unique symbol;

/** Public. Made once a round; serves any number of encodings and decodings under its context. */
export interface Rotation {
  readonly [rotationBrand]: true;
  readonly windows: Windows;
  /** One bit a value of the first window, lowest bit of a byte first: set where the value changes its sign. */
  readonly firstSigns: Uint8Array;
  /** The same for the second window; empty when there is none. */
  readonly secondSigns: Uint8Array;
}

export function rotationOf(
  primitives: Pick<PublicPrimitives, 'hkdfSha256' | 'chacha20'>,
  context: AnyContext,
  windows: Windows,
): Rotation {
  const windowBytes = windows.layers === 0 ? 0 : 2 ** (windows.layers - 3);
  const key = derive(primitives, context.hash, { context, label: 'encoding/rotation', lengthBytes: 32 });
  const signs = new Uint8Array(windows.secondAt === 0 ? windowBytes : 2 * windowBytes);
  if (signs.length > 0) primitives.chacha20(key, new Uint8Array(12), 0, signs);
  const rotation = {
    windows,
    firstSigns: signs.subarray(0, windowBytes),
    secondSigns: signs.subarray(windowBytes),
  };
  return Object.freeze(rotation) as Rotation;
}

/** Copies the signs into the engine's memory, zeros where nothing is rotated. */
export function placeSigns({ memory }: Engine, { windows, firstSigns, secondSigns }: Rotation): PlacedSigns {
  const firstBytes = Math.max(firstSigns.length, Math.ceil(windows.length / 8));
  const first = memory.allocate(firstBytes);
  memory.u8(first, firstBytes).fill(0);
  memory.u8(first, firstSigns.length).set(firstSigns);
  const second = memory.allocate(secondSigns.length);
  memory.u8(second, secondSigns.length).set(secondSigns);
  return { first, second };
}

interface PlacedSigns {
  readonly first: number;
  readonly second: number;
}

/** Rotates d floats in place and multiplies them by `first` · `second`: two factors, because one float may not hold their product. */
export function rotateInPlace(
  { hadamard }: Engine,
  at: number,
  windows: Windows,
  signs: PlacedSigns,
  factors: { readonly first: number; readonly second: number },
): void {
  const { length, layers, secondAt } = windows;
  if (layers === 0) {
    hadamard.flipAndScale(at, at, length, signs.first, 0, factors.first, factors.second);
    return;
  }
  const size = 2 ** layers;
  const normal = 1 / Math.sqrt(size);
  hadamard.flipAndScale(at, at, size, signs.first, 0, factors.first, normal * factors.second);
  hadamard.hadamard(at, layers);
  if (secondAt === 0) return;
  const second = at + 4 * secondAt;
  const overlap = size - secondAt;
  const beyond = at + 4 * size;
  hadamard.flipAndScale(second, second, overlap, signs.second, 0, 1, normal);
  hadamard.flipAndScale(beyond, beyond, secondAt, signs.second, overlap, factors.first, normal * factors.second);
  hadamard.hadamard(second, layers);
}

/** Undoes rotateInPlace with factors whose product is 1, then multiplies by `factor`. */
export function rotateBackInPlace(
  { hadamard }: Engine,
  at: number,
  windows: Windows,
  signs: PlacedSigns,
  factor: number,
): void {
  const { length, layers, secondAt } = windows;
  if (layers === 0) {
    hadamard.flipAndScale(at, at, length, signs.first, 0, 1, factor);
    return;
  }
  const size = 2 ** layers;
  const normal = 1 / Math.sqrt(size);
  if (secondAt !== 0) {
    const second = at + 4 * secondAt;
    const overlap = size - secondAt;
    const beyond = at + 4 * size;
    hadamard.hadamard(second, layers);
    hadamard.flipAndScale(second, second, overlap, signs.second, 0, 1, normal);
    hadamard.flipAndScale(beyond, beyond, secondAt, signs.second, overlap, 1, normal * factor);
  }
  hadamard.hadamard(at, layers);
  hadamard.flipAndScale(at, at, size, signs.first, 0, 1, normal * factor);
}

export function requireRotation(rotation: Rotation, windows: Windows): void {
  const { length, layers, secondAt } = rotation.windows;
  if (length !== windows.length || layers !== windows.layers || secondAt !== windows.secondAt) {
    throw new ParameterError(`the rotation is one of ${length} values, the encoding has ${windows.length}`);
  }
}
