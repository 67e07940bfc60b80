import { zlibSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { crc32 } from '../archive/inflate.ts';
import { MalformedData, ParameterError } from '../errors.ts';
import { encodeUtf8 } from '../text/utf8.ts';
import { decodePng, type Image, imagesFromIdx, jpegExtent, readPictures, resized, withChannels } from './index.ts';

const big = (value: number): number[] => [24, 16, 8, 0].map((shift) => (value >>> shift) & 255);

function chunk(type: string, data: ArrayLike<number>): number[] {
  const body = [...encodeUtf8(type), ...Array.from(data)];
  return [...big(data.length), ...body, ...big(crc32(Uint8Array.from(body)))];
}

interface Sketch {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colour: number;
  readonly samples: readonly number[];
  readonly palette?: readonly number[];
  readonly opacities?: readonly number[];
  readonly interlaced?: boolean;
  readonly claimed?: { readonly width: number; readonly height: number };
}

const channelsOf = (colour: number): number => ({ 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 })[colour] ?? 1;
const seven = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** An encoder for the tests: every filter in turn, plain or interlaced. */
function png(sketch: Sketch): Uint8Array {
  const { width, height, depth, colour, samples } = sketch;
  const channels = channelsOf(colour);
  const pixelBytes = Math.max(1, (depth * channels) >> 3);
  const raw: number[] = [];
  let filter = 0;
  for (const [x0, y0, dx, dy] of sketch.interlaced ? seven : ([[0, 0, 1, 1]] as const)) {
    let above: number[] = [];
    for (let y = y0; y < height; y += dy) {
      const bits: string[] = [];
      for (let x = x0; x < width; x += dx) {
        for (let channel = 0; channel < channels; channel += 1) {
          bits.push((samples[(y * width + x) * channels + channel] ?? 0).toString(2).padStart(depth, '0'));
        }
      }
      if (bits.length === 0) continue;
      const line = (bits.join('').match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2));
      raw.push(filter);
      for (const [at, byte] of line.entries()) {
        const a = line[at - pixelBytes] ?? 0;
        const b = above[at] ?? 0;
        const c = above[at - pixelBytes] ?? 0;
        const p = a + b - c;
        const nearest = [a, b, c].reduce((best, one) => (Math.abs(p - one) < Math.abs(p - best) ? one : best));
        raw.push((byte - [0, a, b, (a + b) >> 1, nearest][filter]! + 256) & 255);
      }
      above = line;
      filter = (filter + 1) % 5;
    }
  }
  const { width: w, height: h } = sketch.claimed ?? sketch;
  return Uint8Array.from([
    0x89,
    0x50,
    0x4e,
    0x47,
    0x0d,
    0x0a,
    0x1a,
    0x0a,
    ...chunk('IHDR', [...big(w), ...big(h), depth, colour, 0, 0, sketch.interlaced ? 1 : 0]),
    ...(sketch.palette ? chunk('PLTE', sketch.palette) : []),
    ...(sketch.opacities ? chunk('tRNS', sketch.opacities) : []),
    ...chunk('IDAT', zlibSync(Uint8Array.from(raw))),
    ...chunk('IEND', []),
  ]);
}

const noise = (count: number, below: number): number[] => {
  let state = 99;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 9) % below;
  });
};

describe('a PNG', () => {
  it.each([
    [0, 1],
    [0, 2],
    [0, 4],
    [0, 8],
    [0, 16],
    [2, 8],
    [2, 16],
    [4, 8],
    [4, 16],
    [6, 8],
    [6, 16],
  ])('of colour type %i with %i bits gives its samples, plain and interlaced', (colour, depth) => {
    for (const interlaced of [false, true]) {
      for (const [width, height] of [
        [13, 11],
        [1, 1],
        [3, 9],
      ] as const) {
        const samples = noise(width * height * channelsOf(colour), 2 ** depth);
        const image = decodePng(png({ width, height, depth, colour, samples, interlaced }));
        const expected = samples.map((one) => (depth === 16 ? one >> 8 : Math.floor((one * 255) / (2 ** depth - 1))));
        expect([image.width, image.height, image.channels]).toEqual([width, height, channelsOf(colour)]);
        expect([...image.samples]).toEqual(expected);
      }
    }
  });

  it.each([1, 2, 4, 8])('with a palette of %i bits gives colours, and opacities where it has some', (depth) => {
    const samples = noise(35, Math.min(4, 2 ** depth));
    const palette = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120];
    const plain = decodePng(png({ width: 7, height: 5, depth, colour: 3, samples, palette }));
    expect([...plain.samples]).toEqual(samples.flatMap((one) => palette.slice(one * 3, one * 3 + 3)));
    const clear = decodePng(png({ width: 7, height: 5, depth, colour: 3, samples, palette, opacities: [0, 9] }));
    expect([...clear.samples]).toEqual(
      samples.flatMap((one) => [...palette.slice(one * 3, one * 3 + 3), [0, 9][one] ?? 255]),
    );
  });

  const sound = { width: 4, height: 4, depth: 8, colour: 0, samples: noise(16, 256) } as const;
  it('of an absurd size is refused before anything is unpacked', () => {
    expect(() => decodePng(png({ ...sound, claimed: { width: 0x7fffffff, height: 0x7fffffff } }))).toThrow(
      /at most 67108864/,
    );
    expect(() => decodePng(png({ ...sound, claimed: { width: 0, height: 4 } }))).toThrow(MalformedData);
  });

  it('that holds more or fewer pixels than its header says is refused', () => {
    expect(() => decodePng(png({ ...sound, claimed: { width: 4, height: 3 } }))).toThrow(/more than the 15 bytes/);
    expect(() => decodePng(png({ ...sound, claimed: { width: 5, height: 5 } }))).toThrow(/take 30 bytes, 20 are there/);
  });

  it('with any byte changed or cut off is decoded or refused with MalformedData', () => {
    const bytes = png({ ...sound, palette: [1, 2, 3] });
    let refused = 0;
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = bytes.slice();
      changed[at]! ^= 0x41;
      for (const spoilt of [changed, bytes.subarray(0, at)]) {
        try {
          decodePng(spoilt);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedData);
          refused += 1;
        }
      }
    }
    // Checksums cover everything but the signature, which is compared.
    expect(refused).toBe(2 * bytes.length);
  });
});

const grey = (width: number, height: number, value: number): Uint8Array =>
  png({ width, height, depth: 8, colour: 0, samples: Array.from({ length: width * height }, () => value) });

describe('a folder of pictures', () => {
  const files = [
    { path: 'set/seven/a.png', bytes: grey(2, 2, 7) },
    { path: 'set/eight/b.png', bytes: grey(2, 2, 8) },
    { path: 'set/seven/c.png', bytes: grey(2, 2, 9) },
  ];

  it('becomes images with the folders as labels, classes in alphabetic order', async () => {
    const { images } = await readPictures(files, { channels: 1 });
    expect(images).toMatchObject({ count: 3, width: 2, height: 2, channels: 1 });
    expect([...images.samples]).toEqual([7, 7, 7, 7, 8, 8, 8, 8, 9, 9, 9, 9]);
    expect([images.labels.dictionary, [...images.labels.codes]]).toEqual([
      ['eight', 'seven'],
      [1, 0, 1],
    ]);
  });

  it('of different sizes needs a size to be resized to', async () => {
    const mixed = [...files, { path: 'set/eight/d.png', bytes: grey(5, 3, 8) }];
    await expect(readPictures(mixed, { channels: 1 })).rejects.toThrow(/set\/eight\/d.png: 5 × 3 pixels.*give a size/);
    const { images } = await readPictures(mixed, { channels: 3, size: { width: 1, height: 2 } });
    expect([...images.samples]).toEqual([7, 7, 7, 7, 7, 7, 8, 8, 8, 8, 8, 8, 9, 9, 9, 9, 9, 9, 8, 8, 8, 8, 8, 8]);
  });

  it('with a file that is no picture names it, or endures it when told to', async () => {
    const mixed = [{ path: 'set/seven/x.txt', bytes: encodeUtf8('hello') }, ...files];
    await expect(readPictures(mixed, { channels: 1 })).rejects.toThrow(/set\/seven\/x.txt: neither PNG nor JPEG/);
    const { images, rejected } = await readPictures(mixed, { channels: 1, tolerance: 1 });
    expect([images.count, rejected]).toEqual([3, [{ path: 'set/seven/x.txt', reason: 'neither PNG nor JPEG' }]]);
  });

  it('hands a JPEG to the decoder only after its header was looked at', async () => {
    const jpeg = (width: number, height: number): Uint8Array =>
      Uint8Array.from([
        0xff,
        0xd8,
        0xff,
        0xe0,
        0,
        4,
        0,
        0,
        0xff,
        0xc0,
        0,
        11,
        8,
        height >> 8,
        height & 255,
        width >> 8,
        width & 255,
        1,
        0,
        0,
        0,
      ]);
    expect(jpegExtent(jpeg(640, 480))).toEqual({ width: 640, height: 480 });
    const decoded: Image = { width: 2, height: 2, channels: 3, samples: Uint8Array.from({ length: 12 }, () => 100) };
    const decodeJpeg = (): Image => decoded;
    const { images } = await readPictures([{ path: 'a/x.jpg', bytes: jpeg(2, 2) }], { channels: 1, decodeJpeg });
    expect([...images.samples]).toEqual([100, 100, 100, 100]);
    const absurd = [{ path: 'a/x.jpg', bytes: jpeg(65535, 65535) }];
    await expect(readPictures(absurd, { channels: 1, decodeJpeg })).rejects.toThrow(/65535 × 65535/);
    await expect(readPictures([{ path: 'a/x.jpg', bytes: jpeg(2, 2) }], { channels: 1 })).rejects.toThrow(
      ParameterError,
    );
    expect(() => jpegExtent(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 0, 0, 0, 0, 0, 0, 0))).toThrow(MalformedData);
  });
});

describe('resizing', () => {
  it('by whole factors takes the mean of the pixels that fall together', () => {
    const image: Image = { width: 4, height: 2, channels: 1, samples: Uint8Array.of(0, 2, 10, 10, 4, 6, 10, 30) };
    expect([...resized(image, { width: 2, height: 1 }).samples]).toEqual([3, 15]);
  });

  it('keeps one colour that colour, and the mean of a picture nearly the same, at any size', () => {
    const samples = Uint8Array.from(noise(23 * 17, 256));
    const mean = samples.reduce((sum, one) => sum + one, 0) / samples.length;
    for (const [width, height] of [
      [5, 4],
      [22, 16],
      [40, 31],
      [1, 1],
    ] as const) {
      const small = resized({ width: 23, height: 17, channels: 1, samples }, { width, height }).samples;
      expect(Math.abs(small.reduce((sum, one) => sum + one, 0) / small.length - mean)).toBeLessThan(0.6);
      const plain = resized({ width: 23, height: 17, channels: 1, samples: samples.map(() => 77) }, { width, height });
      expect(new Set(plain.samples)).toEqual(new Set([77]));
    }
  });

  it('and turning colour to grey weighs the channels as Rec. 601 does', () => {
    const image: Image = { width: 1, height: 1, channels: 3, samples: Uint8Array.of(200, 100, 50) };
    expect([...withChannels(image, 1).samples]).toEqual([Math.round(0.299 * 200 + 0.587 * 100 + 0.114 * 50)]);
    expect([...withChannels(withChannels(image, 2), 4).samples]).toEqual([124, 124, 124, 255]);
  });
});

describe('IDX images', () => {
  it('are paired with their labels, in numeric order of the classes', () => {
    const images = { shape: [3, 1, 2], data: Uint8Array.of(1, 2, 3, 4, 5, 6) };
    const set = imagesFromIdx(images, { shape: [3], data: Uint8Array.of(10, 2, 10) });
    expect([set.labels.dictionary, [...set.labels.codes]]).toEqual([
      ['2', '10'],
      [1, 0, 1],
    ]);
    expect(() => imagesFromIdx(images, { shape: [2], data: Uint8Array.of(1, 2) })).toThrow(/3 images and 2 labels/);
  });
});
