// Pictures made into examples: each is brought to the plan's size, and the folder that holds it is its answer. Numbers are in [0, 1], rows,
// then columns, then channels, as convolutions take them. JPEG is decoded by what is handed in; PNG by the dataset room.
//
// Files that are no pictures are left out, each by name.

import { type ImageDecoder, type ImageSet, type PictureFile, readPictures } from '@sumus/dataset/images';
import { type Demand, pictureShapeOf } from './demand.ts';
import { type Taken, takenAs } from './examples.ts';

export interface PictureTools {
  readonly decodeJpeg: ImageDecoder;
  readonly onProgress: (files: number) => void;
}

/** Pictures of the plan's size, as bytes: what is kept for the next time this page opens. */
export type Pictures = Pick<ImageSet, 'count' | 'height' | 'width' | 'channels' | 'samples' | 'labels'>;

const BYTES_AT_MOST = 2 ** 28;
const STRANGERS_AT_MOST = 1000;

export interface PicturesRead {
  readonly pictures: Pictures;
  readonly rejected: readonly { readonly path: string; readonly reason: string }[];
}

/** Undefined where the plan takes no pictures. */
export async function picturesFor(
  files: Iterable<PictureFile> | AsyncIterable<PictureFile>,
  demand: Demand,
  { decodeJpeg, onProgress }: PictureTools,
): Promise<PicturesRead | undefined> {
  const shape = pictureShapeOf(demand);
  if (shape === undefined) return undefined;
  const { height, width, channels } = shape;
  const { images, rejected } = await readPictures(files, {
    channels,
    size: { width, height },
    decodeJpeg,
    maxBytes: BYTES_AT_MOST,
    tolerance: STRANGERS_AT_MOST,
    onProgress,
  });
  return { pictures: images, rejected };
}

export function examplesFromPictures(pictures: Pictures, name: string, demand: Demand, leftOut: number): Taken {
  const { count, height, width, channels, samples } = pictures;
  const { labels, classNames } = classesOf(pictures.labels.codes, pictures.labels.dictionary, demand.classes);
  const inputs = Float32Array.from(samples, (sample) => sample / 255);
  const inputSize = height * width * channels;
  // Nobody says whose pictures they are: where a plan counts people, it says so and takes none.
  return takenAs({ name, count, inputSize, inputs, labels, classNames }, demand, leftOut);
}

/** Folders called 0, 1, 2 … are the classes of that number, whichever of them are there. */
function classesOf(
  codes: ArrayLike<number>,
  folders: readonly string[],
  classes: number,
): { readonly labels: Uint32Array<ArrayBuffer>; readonly classNames: readonly string[] } {
  const areNumbered = folders.every((folder) => /^\d+$/.test(folder) && Number(folder) < classes);
  if (!areNumbered) return { labels: Uint32Array.from(codes), classNames: folders };
  const classNames = Array.from({ length: classes }, (_, code) => String(code));
  return { labels: Uint32Array.from(codes, (code) => Number(folders[code])), classNames };
}
