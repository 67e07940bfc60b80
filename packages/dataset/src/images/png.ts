// PNG (W3C Recommendation, third edition, 2025): all colour types and depths, interlaced or not; 16-bit samples keep their upper
// byte. Every chunk's checksum is verified; the pixel data must unpack to exactly what the header calls for, and no byte more.
import { crc32, inflateBounded } from '../archive/inflate.ts';
import { MalformedData } from '../errors.ts';
import { checkPixels, type Image, type ImageLimits, usualImageLimits } from './image.ts';

interface Header {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  /** 0 grey, 2 colour, 3 palette, 4 grey and opacity, 6 colour and opacity. */
  readonly colour: number;
  readonly interlaced: boolean;
}

const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

const refuse = (reason: string): never => {
  throw new MalformedData(`PNG: ${reason}`);
};

export const isPng = (bytes: Uint8Array): boolean => signature.every((byte, at) => bytes[at] === byte);

export function decodePng(bytes: Uint8Array, limits: ImageLimits = usualImageLimits): Image {
  if (!isPng(bytes)) refuse('the signature is missing');
  const chunks = chunksOf(bytes);
  const header = headerFrom(chunks[0]);
  checkPixels(header.width, header.height, limits);
  const palette = chunks.find((chunk) => chunk.type === 'PLTE')?.data;
  const transparency = chunks.find((chunk) => chunk.type === 'tRNS')?.data;
  if (header.colour === 3 && (palette === undefined || palette.length % 3 !== 0)) refuse('a palette is missing');
  const packed = joined(chunks.filter((chunk) => chunk.type === 'IDAT').map((chunk) => chunk.data));
  const passes = passesOf(header);
  const bits = header.depth * samplesPerPixel(header);
  const rowBytes = (width: number): number => Math.ceil((width * bits) / 8);
  const size = passes.reduce((sum, pass) => sum + pass.height * (1 + rowBytes(pass.width)), 0);
  const raw = inflateBounded(packed, 'zlib', size);
  if (raw.length !== size) refuse(`the pixels take ${size} bytes, ${raw.length} are there`);
  const samples = new Uint8Array(header.width * header.height * samplesPerPixel(header));
  let at = 0;
  for (const pass of passes) {
    const stride = rowBytes(pass.width);
    unfilterInPlace(raw, at, stride, pass.height, Math.max(1, bits >> 3));
    for (let row = 0; row < pass.height; row += 1) spread(raw, at + row * (stride + 1) + 1, header, pass, row, samples);
    at += pass.height * (stride + 1);
  }
  return header.colour === 3 ? painted(header, samples, palette ?? samples, transparency) : finished(header, samples);
}

interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
}

function chunksOf(bytes: Uint8Array): Chunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: Chunk[] = [];
  let at = 8;
  while (at + 12 <= bytes.length) {
    const size = view.getUint32(at);
    if (at + 12 + size > bytes.length) refuse('a chunk is cut off');
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (crc32(bytes.subarray(at + 4, at + 8 + size)) !== view.getUint32(at + 8 + size))
      refuse(`chunk ${JSON.stringify(type)} does not match its checksum`);
    chunks.push({ type, data: bytes.subarray(at + 8, at + 8 + size) });
    at += 12 + size;
    if (type === 'IEND') return chunks;
  }
  return refuse('it has no end');
}

function headerFrom(chunk: Chunk | undefined): Header {
  if (chunk === undefined || chunk.type !== 'IHDR' || chunk.data.length !== 13) return refuse('the header is missing');
  const view = new DataView(chunk.data.buffer, chunk.data.byteOffset, 13);
  const [depth, colour, compression, filter, interlace] = chunk.data.subarray(8);
  const depths: Readonly<Record<number, readonly number[]>> = {
    0: [1, 2, 4, 8, 16],
    2: [8, 16],
    3: [1, 2, 4, 8],
    4: [8, 16],
    6: [8, 16],
  };
  if (depths[colour]?.includes(depth) !== true) refuse(`colour type ${colour} with ${depth} bits`);
  if (compression !== 0 || filter !== 0 || interlace > 1) refuse('an unknown compression, filter or interlace method');
  return { width: view.getUint32(0), height: view.getUint32(4), depth, colour, interlaced: interlace === 1 };
}

const samplesPerPixel = ({ colour }: Header): 1 | 2 | 3 | 4 =>
  colour === 2 ? 3 : colour === 4 ? 2 : colour === 6 ? 4 : 1;

/** Part of an interlaced image: every stepX-th pixel of every stepY-th row, from (x, y). */
interface Pass {
  readonly x: number;
  readonly y: number;
  readonly stepX: number;
  readonly stepY: number;
  readonly width: number;
  readonly height: number;
}

/** Adam7 (section 8.1). */
const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

function passesOf({ width, height, interlaced }: Header): Pass[] {
  if (!interlaced) return [{ x: 0, y: 0, stepX: 1, stepY: 1, width, height }];
  return adam7
    .map(([x, y, stepX, stepY]) => ({
      x,
      y,
      stepX,
      stepY,
      width: Math.max(0, Math.ceil((width - x) / stepX)),
      height: Math.max(0, Math.ceil((height - y) / stepY)),
    }))
    .filter((pass) => pass.width > 0 && pass.height > 0);
}

/** Undoes the filters of section 9, row by row: each row starts with its filter's number. Mutates `raw`. */
function unfilterInPlace(raw: Uint8Array, start: number, stride: number, height: number, pixelBytes: number): void {
  for (let row = 0; row < height; row += 1) {
    const at = start + row * (stride + 1) + 1;
    const above = at - stride - 1;
    const filter = raw[at - 1];
    if (filter > 4) refuse(`filter ${filter} is unknown`);
    if (filter === 0) continue;
    for (let byte = 0; byte < stride; byte += 1) {
      const left = byte < pixelBytes ? 0 : raw[at + byte - pixelBytes];
      const up = row === 0 ? 0 : raw[above + byte];
      const corner = row === 0 || byte < pixelBytes ? 0 : raw[above + byte - pixelBytes];
      const predicted =
        filter === 1 ? left : filter === 2 ? up : filter === 3 ? (left + up) >> 1 : paeth(left, up, corner);
      raw[at + byte] = (raw[at + byte] + predicted) & 255;
    }
  }
}

function paeth(left: number, up: number, corner: number): number {
  const estimate = left + up - corner;
  const [toLeft, toUp, toCorner] = [Math.abs(estimate - left), Math.abs(estimate - up), Math.abs(estimate - corner)];
  return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
}

/** One row of a pass into its places among the samples; palette indices and small depths stay as they are. Mutates `samples`. */
function spread(raw: Uint8Array, at: number, header: Header, pass: Pass, row: number, samples: Uint8Array): void {
  const channels = samplesPerPixel(header);
  const { depth } = header;
  for (let column = 0; column < pass.width; column += 1) {
    const to = ((pass.y + row * pass.stepY) * header.width + pass.x + column * pass.stepX) * channels;
    for (let channel = 0; channel < channels; channel += 1) {
      const sample = column * channels + channel;
      if (depth === 8) samples[to + channel] = raw[at + sample];
      else if (depth === 16) samples[to + channel] = raw[at + 2 * sample];
      else {
        const bit = sample * depth;
        samples[to + channel] = (raw[at + (bit >> 3)] >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
      }
    }
  }
}

function finished(header: Header, samples: Uint8Array): Image {
  const { width, height, depth } = header;
  // Small depths are stretched to 0 … 255.
  if (depth < 8) for (let at = 0; at < samples.length; at += 1) samples[at] = (samples[at] * 255) / ((1 << depth) - 1);
  return { width, height, channels: samplesPerPixel(header), samples };
}

function painted(header: Header, indices: Uint8Array, palette: Uint8Array, opacities: Uint8Array | undefined): Image {
  const channels = opacities === undefined ? 3 : 4;
  const samples = new Uint8Array(indices.length * channels);
  for (const [at, index] of indices.entries()) {
    if (index * 3 >= palette.length) refuse(`colour ${index} is not in the palette`);
    samples.set(palette.subarray(index * 3, index * 3 + 3), at * channels);
    if (opacities !== undefined) samples[at * 4 + 3] = opacities[index] ?? 255;
  }
  return { width: header.width, height: header.height, channels, samples };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
