// An image in memory: 8-bit samples, row by row, channels interleaved. And what decoders owe: no more pixels than allowed.
import { MalformedData } from '../errors.ts';

export interface Image {
  readonly width: number;
  readonly height: number;
  /** 1 grey, 2 grey and opacity, 3 colour, 4 colour and opacity. */
  readonly channels: 1 | 2 | 3 | 4;
  /** height × width × channels samples in [0, 255]. */
  readonly samples: Uint8Array;
}

export interface ImageLimits {
  /** Width times height. */
  readonly pixels: number;
}

/** 8192 × 8192. */
export const usualImageLimits: ImageLimits = { pixels: 2 ** 26 };

/** Turns a file's bytes into an image, or throws MalformedData. A platform's own decoder fits in here as well. */
export type ImageDecoder = (bytes: Uint8Array, limits: ImageLimits) => Image | Promise<Image>;

export function checkPixels(width: number, height: number, limits: ImageLimits): void {
  if (!(width >= 1 && height >= 1)) throw new MalformedData(`an image of ${width} × ${height} pixels`);
  if (width * height > limits.pixels) {
    throw new MalformedData(`an image of ${width} × ${height} pixels; at most ${limits.pixels} are decoded`);
  }
}

/** Width and height from the header of a JPEG, without decoding: what a handed-in decoder must not be asked to unpack unseen. */
export function jpegExtent(bytes: Uint8Array): { readonly width: number; readonly height: number } {
  const refuse = (reason: string): never => {
    throw new MalformedData(`JPEG: ${reason}`);
  };
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) refuse('it does not start like one');
  let at = 2;
  while (at + 9 < bytes.length) {
    if (bytes[at] !== 0xff) refuse('a marker is missing');
    const marker = bytes[at + 1];
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const size = (bytes[at + 2] << 8) | bytes[at + 3];
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return { height: (bytes[at + 5] << 8) | bytes[at + 6], width: (bytes[at + 7] << 8) | bytes[at + 8] };
    if (size < 2) refuse('a segment without a size');
    at += 2 + size;
  }
  return refuse('it has no frame');
}

/** The same picture with another number of channels: colour to grey by Rec. 601 luma, opacity dropped or made full. */
export function withChannels(image: Image, channels: Image['channels']): Image {
  if (image.channels === channels) return image;
  const count = image.width * image.height;
  const samples = new Uint8Array(count * channels);
  const colourful = image.channels >= 3;
  const opaque = image.channels === 1 || image.channels === 3;
  for (let pixel = 0; pixel < count; pixel += 1) {
    const from = pixel * image.channels;
    const [red, green, blue] = [0, 1, 2].map((one) => image.samples[colourful ? from + one : from]);
    const opacity = opaque ? 255 : image.samples[from + image.channels - 1];
    const to = pixel * channels;
    if (channels <= 2) samples[to] = colourful ? Math.round(0.299 * red + 0.587 * green + 0.114 * blue) : red;
    else samples.set([red, green, blue], to);
    if (channels === 2 || channels === 4) samples[to + channels - 1] = opacity;
  }
  return { width: image.width, height: image.height, channels, samples };
}
