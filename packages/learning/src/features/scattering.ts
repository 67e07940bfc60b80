// Fixed features of small images: a two-layer wavelet scattering (kernels/scattering.ts), 28×28 → 81×7×7, normalised in 27 groups of
// three maps as Tramèr and Boneh 2021 do. Nothing is learned, so nothing is spent: a linear model on these features beats a small
// network trained under privacy. Images are rows of 784 numbers. Refuses rows that are not whole, none at all, NaN and infinity.

import type { Engine } from '../engine/engine.ts';
import { SCATTERING_LAYOUT } from '../engine/scattering-kernels.ts';
import { ParameterError } from '../errors.ts';
import { scatteringTables } from './scattering-tables.ts';

/** Numbers of one image. */
export const IMAGE_LENGTH: number = 28 * 28;
/** Numbers of one image's features: 81 maps of 7×7, map by map. */
export const FEATURE_LENGTH: number = 81 * 49;
/** Runs of three maps: each is brought to mean 0 and variance 1. */
export const GROUP_COUNT = 27;
/** Added to the variance: a group of an empty image stays zero. */
export const GROUP_EPSILON = 1e-5;

export interface Scattering {
  /** Images one after the other; returns their features one after the other. */
  transform(images: Float32Array): Float32Array<ArrayBuffer>;
}

/**
 * Reserves about 360 KB of the engine's memory for as long as the engine lives: make one and keep it.
 * Without normalisation, 4·‖transform(x) - transform(y)‖ ≤ ‖x - y‖.
 */
export function scattering(
  engine: Engine,
  { isNormalised = true }: { readonly isNormalised?: boolean } = {},
): Scattering {
  const { memory, scattering: kernels } = engine;
  const { values } = scatteringTables();
  const tables = memory.reserveFloats(values.length);
  const image = memory.reserveFloats(IMAGE_LENGTH);
  const out = memory.reserveFloats(FEATURE_LENGTH);
  const scratch = memory.reserve(SCATTERING_LAYOUT.scratchBytes);
  memory.f32(tables, values.length).set(values);

  return {
    transform(images) {
      const count = images.length / IMAGE_LENGTH;
      if (count === 0) throw new ParameterError('there is no image to transform');
      if (!Number.isInteger(count)) {
        throw new ParameterError(`${images.length} numbers are no whole images of ${IMAGE_LENGTH}`);
      }
      const wrong = images.findIndex((value) => !Number.isFinite(value));
      if (wrong >= 0)
        throw new ParameterError(
          `pixel ${wrong % IMAGE_LENGTH} of image ${Math.floor(wrong / IMAGE_LENGTH)} is ${images[wrong]}`,
        );
      const features = new Float32Array(count * FEATURE_LENGTH);
      for (let i = 0; i < count; i++) {
        memory.f32(image, IMAGE_LENGTH).set(images.subarray(i * IMAGE_LENGTH, (i + 1) * IMAGE_LENGTH));
        kernels.scatter(out, image, tables, scratch);
        if (isNormalised) kernels.normaliseGroups(out, GROUP_COUNT, FEATURE_LENGTH / GROUP_COUNT, GROUP_EPSILON);
        features.set(memory.f32(out, FEATURE_LENGTH), i * FEATURE_LENGTH);
      }
      return features;
    },
  };
}
