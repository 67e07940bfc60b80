// Images of one size with labels: what a network is trained on. From a folder of pictures (labels are the folders' names) or from
// IDX files. The pixels of all images lie in one array.
import { MalformedData, ParameterError } from '../errors.ts';
import type { IdxArray } from '../idx/index.ts';
import { type CategoricalColumn, categoricalColumn, categoriesOf } from '../table/index.ts';
import {
  checkPixels,
  type Image,
  type ImageDecoder,
  type ImageLimits,
  jpegExtent,
  usualImageLimits,
  withChannels,
} from './image.ts';
import { decodePng, isPng } from './png.ts';
import { resized } from './resize.ts';

export interface ImageSet {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: Image['channels'];
  /** count × height × width × channels samples in [0, 255]. */
  readonly samples: Uint8Array;
  readonly labels: CategoricalColumn;
}

export interface PictureFile {
  /** With forward slashes. The folder that holds the file is its label. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

export interface PictureOptions {
  readonly channels: Image['channels'];
  /** Every picture is resized to this; without it all must be of one size. */
  readonly size?: { readonly width: number; readonly height: number };
  /** JPEG is decoded by the platform or a library; PNG by this package. */
  readonly decodeJpeg?: ImageDecoder;
  readonly limits?: ImageLimits;
  /** How many bytes all decoded pictures together may take; 2 GiB by default. */
  readonly maxBytes?: number;
  /** How many files that are no pictures are endured. */
  readonly tolerance?: number;
  readonly onProgress?: (files: number) => void;
}

export interface PictureReading {
  readonly images: ImageSet;
  readonly rejected: readonly { readonly path: string; readonly reason: string }[];
}

/** Pictures in the order of their paths as they come. */
export async function readPictures(
  files: Iterable<PictureFile> | AsyncIterable<PictureFile>,
  options: PictureOptions,
): Promise<PictureReading> {
  const limits = options.limits ?? usualImageLimits;
  const pictures: Image[] = [];
  const labels: string[] = [];
  const rejected: { path: string; reason: string }[] = [];
  let bytes = 0;
  for await (const file of files) {
    try {
      const decoded = withChannels(await decode(file.bytes, options.decodeJpeg, limits), options.channels);
      const picture = options.size === undefined ? decoded : resized(decoded, options.size);
      const [first = picture] = pictures;
      if (picture.width !== first.width || picture.height !== first.height) {
        throw new MalformedData(
          `${picture.width} × ${picture.height} pixels, the first picture ${first.width} × ${first.height}; give a size`,
        );
      }
      bytes += picture.samples.length;
      if (bytes > (options.maxBytes ?? 2 ** 31))
        throw new ParameterError(`the pictures take more than ${options.maxBytes} bytes`);
      pictures.push(picture);
      labels.push(labelOf(file.path));
    } catch (error) {
      if (!(error instanceof MalformedData)) throw error;
      rejected.push({ path: file.path, reason: error.reason });
      if (rejected.length > (options.tolerance ?? 0))
        throw new MalformedData(error.reason, { file: file.path }, { cause: error });
    }
    options.onProgress?.(pictures.length + rejected.length);
  }
  return { images: setOf(pictures, labels, options), rejected };
}

function setOf(pictures: readonly Image[], labels: readonly string[], options: PictureOptions): ImageSet {
  const [first] = pictures;
  if (first === undefined) throw new MalformedData('there is no picture');
  const { width, height } = first;
  const size = width * height * options.channels;
  const samples = new Uint8Array(pictures.length * size);
  for (const [at, picture] of pictures.entries()) samples.set(picture.samples, at * size);
  // Classes in alphabetic order, so that a label's number does not depend on which picture came first.
  const classes = [...new Set(labels)].sort();
  const codes = Int32Array.from(labels, (label) => classes.indexOf(label));
  const column = categoricalColumn('label', codes, classes);
  return { count: pictures.length, width, height, channels: options.channels, samples, labels: column };
}

function decode(bytes: Uint8Array, decodeJpeg: ImageDecoder | undefined, limits: ImageLimits): Image | Promise<Image> {
  if (isPng(bytes)) return decodePng(bytes, limits);
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) throw new MalformedData('neither PNG nor JPEG');
  const { width, height } = jpegExtent(bytes);
  checkPixels(width, height, limits);
  if (decodeJpeg === undefined) throw new ParameterError('a JPEG needs decodeJpeg, which was not handed in');
  return decodeJpeg(bytes, limits);
}

function labelOf(path: string): string {
  const folder = path.split('/').at(-2);
  if (folder === undefined || folder === '')
    throw new ParameterError(`${path} lies in no folder that could be its label`);
  return folder;
}

/** MNIST and its family: images as bytes (count × height × width, or with channels), labels as bytes. */
export function imagesFromIdx(images: IdxArray, labels: IdxArray): ImageSet {
  const [count, height, width, channels = 1] = images.shape;
  if (!(images.data instanceof Uint8Array) || images.shape.length < 3 || images.shape.length > 4) {
    throw new ParameterError(`images of shape ${images.shape.join(' × ')}: expected bytes in count × height × width`);
  }
  if (channels !== 1 && channels !== 2 && channels !== 3 && channels !== 4)
    throw new ParameterError(`${channels} channels`);
  if (labels.shape.length !== 1 || labels.shape[0] !== count) {
    throw new ParameterError(`${count} images and ${labels.shape.join(' × ')} labels`);
  }
  const texts = Array.from(labels.data, String);
  const ordered = [...new Set(texts)].sort((a, b) => Number(a) - Number(b));
  const codeOf = new Map(ordered.map((text, code) => [text, code]));
  const { codes, dictionary } = categoriesOf('label', texts);
  const column = categoricalColumn(
    'label',
    Int32Array.from(codes, (code) => codeOf.get(dictionary[code]) ?? 0),
    ordered,
  );
  return { count, height, width, channels, samples: images.data, labels: column };
}
