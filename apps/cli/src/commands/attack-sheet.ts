// Pictures side by side as one PNG (W3C Recommendation, third edition, 2025): eight-bit grey, no filter, deflated by Node.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';

/** Rows and columns of one picture; values in [0, 1]. */
export interface PictureSize {
  readonly rows: number;
  readonly columns: number;
}

/** A pixel becomes so many, so that digits can be looked at. */
const SCALE = 3;
const GAP = 6;
const PAPER = 128;

/** `lines` of pictures; a missing one leaves its place empty. */
export function sheetPng(
  lines: readonly (readonly (Float32Array | undefined)[])[],
  { rows, columns }: PictureSize,
): Uint8Array {
  const wide = Math.max(1, ...lines.map((line) => line.length));
  const width = GAP + wide * (SCALE * columns + GAP);
  const height = GAP + lines.length * (SCALE * rows + GAP);
  const samples = new Uint8Array(width * height).fill(PAPER);
  lines.forEach((line, y) => {
    line.forEach((picture, x) => {
      if (picture === undefined) return;
      const top = GAP + y * (SCALE * rows + GAP);
      const left = GAP + x * (SCALE * columns + GAP);
      for (let row = 0; row < SCALE * rows; row += 1) {
        for (let column = 0; column < SCALE * columns; column += 1) {
          const value = picture[Math.floor(row / SCALE) * columns + Math.floor(column / SCALE)] ?? 0;
          samples[(top + row) * width + left + column] = Math.round(255 * Math.min(Math.max(value, 0), 1));
        }
      }
    });
  });
  return greyPng(samples, { width, height });
}

export function writeSheet(folder: string, name: string, png: Uint8Array): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, png);
  return path;
}

function greyPng(
  samples: Uint8Array,
  { width, height }: { readonly width: number; readonly height: number },
): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits, grey, and the one method there is of each kind.
  header.set([8, 0, 0, 0, 0], 8);
  // Every row begins with its filter: none.
  const raw = Buffer.alloc(height * (width + 1));
  for (let row = 0; row < height; row += 1)
    raw.set(samples.subarray(row * width, (row + 1) * width), row * (width + 1) + 1);
  const signature = Buffer.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(raw)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const whole = Buffer.alloc(named.length + 8);
  whole.writeUInt32BE(data.length, 0);
  whole.set(named, 4);
  whole.writeUInt32BE(crc32(named), named.length + 4);
  return whole;
}
