// What the options of sumus attack have in common: numbers, lists, the pictures that are attacked, and noise.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { MalformedData, ParameterError } from '@sumus/dataset/errors';
import { decodePng, resized, withChannels } from '@sumus/dataset/images';
import type { LabelledExamples } from '@sumus/simulation/examples';
import { UsageError } from '../command.ts';
import { packagedDigits } from '../demo/digits.ts';
import { asUsage, trainingImages } from './examples-source.ts';
import { wholeOf } from './simulate-options.ts';

export const DIGIT = { rows: 28, columns: 28, channels: 1 } as const;
export const CLASSES = 10;
const PIXELS = DIGIT.rows * DIGIT.columns;

export interface NoiseOptions {
  readonly noise?: string;
  readonly clip: string;
}

export interface Pictures {
  readonly inputs: Float32Array<ArrayBuffer>;
  readonly labels: Uint32Array<ArrayBuffer>;
}

/** Undefined where no noise was asked for. */
export function noiseOf({
  noise,
  clip,
}: NoiseOptions): { readonly clippingNorm: number; readonly noiseMultiplier: number } | undefined {
  if (noise === undefined) return undefined;
  const [noiseMultiplier, clippingNorm] = [Number(noise), Number(clip)];
  if (!(noiseMultiplier >= 0 && Number.isFinite(noiseMultiplier))) {
    throw new UsageError(`--noise is a number from 0, not ${noise}`);
  }
  if (!(clippingNorm > 0 && Number.isFinite(clippingNorm))) throw new UsageError(`--clip is above 0, not ${clip}`);
  return { clippingNorm, noiseMultiplier };
}

/** Names between commas, each known; `all` for all of them. */
export function listOf<T extends string>(flag: string, text: string, known: readonly T[]): readonly T[] {
  if (text === 'all') return known;
  return text.split(',').map((name) => {
    const found = known.find((one) => one === name.trim());
    if (found === undefined) throw new UsageError(`${flag} takes ${known.join(', ')}, not ${name}`);
    return found;
  });
}

export const wholesOf = (flag: string, text: string): readonly number[] =>
  text.split(',').map((one) => wholeOf(flag, one, 1));

/** In an order that follows from the seed, so that batches are of all classes; labels above nine are refused. */
export async function picturesFrom(folder: string | undefined, seed: number): Promise<Pictures> {
  const all = folder === undefined ? packagedDigits() : await imagesFrom(folder);
  if (all.classes > CLASSES)
    throw new UsageError(`${folder} has ${all.classes} classes; attacks take up to ${CLASSES}`);
  const order = shuffled(all.count, seed);
  const inputs = new Float32Array(all.count * PIXELS);
  order.forEach((from, to) => {
    inputs.set(all.inputs.subarray(from * PIXELS, (from + 1) * PIXELS), to * PIXELS);
  });
  return { inputs, labels: order.map((from) => all.labels[from] ?? 0) };
}

async function imagesFrom(data: string): Promise<LabelledExamples> {
  if (!existsSync(data) || !statSync(data).isDirectory()) throw new UsageError(`there is no folder ${data}`);
  return asUsage({ data }, async () => trainingImages(data, { shape: [28, 28, 1], classes: CLASSES }));
}

/** Pictures of the user, grey and as large as a digit; they have no class, so they get one in turn. */
export function ownPictures(paths: readonly string[]): Pictures {
  const inputs = new Float32Array(paths.length * PIXELS);
  paths.forEach((path, place) => {
    inputs.set(greyDigit(path), place * PIXELS);
  });
  return { inputs, labels: Uint32Array.from(paths, (_, place) => place % CLASSES) };
}

function greyDigit(path: string): Float32Array {
  try {
    const image = withChannels(decodePng(readFileSync(path)), 1);
    const { samples } = resized(image, { width: DIGIT.columns, height: DIGIT.rows });
    return Float32Array.from(samples, (sample) => sample / 255);
  } catch (cause) {
    const isOfFile = cause instanceof MalformedData || cause instanceof ParameterError;
    const isMissing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    if (isOfFile || isMissing) throw new UsageError(`${path}: ${cause.message}`, { cause });
    throw cause;
  }
}

/** Fisher and Yates by xorshift32 (Marsaglia 2003): an order, no secret. */
function shuffled(count: number, seed: number): Uint32Array<ArrayBuffer> {
  const order = Uint32Array.from({ length: count }, (_, row) => row);
  let state = (Math.imul(seed + 1, 0x9e3779b9) | 1) >>> 0;
  for (let i = count - 1; i > 0; i -= 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const other = (state >>> 0) % (i + 1);
    const held = order[i] ?? 0;
    order[i] = order[other] ?? 0;
    order[other] = held;
  }
  return order;
}
