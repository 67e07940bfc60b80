// sumus attack: what it prints, how it ends, and the pictures it leaves; in this process, because twenty others would take long.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { structuralSimilarity } from '@sumus/attacks/pictures';
import { decodePng } from '@sumus/dataset/images';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { sheetPng } from './commands/attack-sheet.ts';
import { packagedDigits } from './demo/digits.ts';
import { runCommandLine } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'sumus attack '));
afterAll(() => rmSync(folder, { recursive: true }));

/** Nine hundred of the digits that come with sumus, as a folder of the MNIST family: reading all of them takes longer than an attack. */
const data = join(folder, 'digits');
beforeAll(() => {
  const all = packagedDigits();
  const places = Array.from({ length: 900 }, (_, i) => i * 11);
  const pixels = places.flatMap((place) => [...all.inputs.subarray(784 * place, 784 * (place + 1))]);
  const header = (...extents: readonly number[]): Buffer =>
    Buffer.concat([
      Buffer.of(0, 0, 8, extents.length),
      ...extents.map((extent) => Buffer.of(0, 0, extent >> 8, extent & 255)),
    ]);
  mkdirSync(data);
  const images = [header(900, 28, 28), Buffer.from(pixels.map((pixel) => Math.round(255 * pixel)))];
  const labels = [header(900), Buffer.from(places.map((place) => all.labels[place] ?? 0))];
  writeFileSync(join(data, 'train-images-idx3-ubyte'), Buffer.concat(images));
  writeFileSync(join(data, 'train-labels-idx1-ubyte'), Buffer.concat(labels));
});

async function sumus(...words: string[]) {
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += String(text);
      return true;
    }),
  );
  try {
    return { status: await runCommandLine(['attack', ...words]), ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** The picture at a place of a sheet, as it was before it was drawn larger. */
function pictureOf(path: string, line: number, column: number): Float32Array {
  const { width, samples } = decodePng(readFileSync(path));
  const [top, left] = [6 + line * 90, 6 + column * 90];
  return Float32Array.from({ length: 784 }, (_, i) => {
    const [row, at] = [Math.floor(i / 28), i % 28];
    return samples[(top + 3 * row + 1) * width + left + 3 * at + 1]! / 255;
  });
}

const likeness = (path: string): number =>
  structuralSimilarity(pictureOf(path, 0, 0), pictureOf(path, 1, 0), { rows: 28, columns: 28, channels: 1 });

describe('sumus attack invert', () => {
  it('reads a digit out of an update and not out of the same update sealed, and leaves both to look at', async () => {
    const words = ['invert', '--data', data, '--seen', 'update,sealed', '--out', folder, '--json'];
    const { status, stdout, stderr } = await sumus(...words);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const [clear, sealed] = JSON.parse(stdout).attacks;
    expect(clear).toMatchObject({ attack: 'quotients', seen: 'update', exactShare: 1 });
    expect(sealed).toMatchObject({ seen: 'sealed', exactShare: 0 });
    expect(clear.each[0].ssim).toBeGreaterThan(0.999);
    expect(likeness(clear.file)).toBeGreaterThan(0.99);
    expect(likeness(sealed.file)).toBeLessThan(0.3);
  });

  it('attacks a picture of the user first, by search as well', async () => {
    const cross = Float32Array.from({ length: 784 }, (_, i) =>
      Math.abs((i % 28) - Math.floor(i / 28)) < 3 || Math.abs((i % 28) + Math.floor(i / 28) - 27) < 3 ? 1 : 0,
    );
    const own = join(folder, 'own.png');
    writeFileSync(own, sheetPng([[cross]], { rows: 28, columns: 28 }));
    const { status, stdout } = await sumus(
      'invert',
      own,
      '--data',
      data,
      '--attack',
      'cosine',
      '--steps',
      '120',
      '--out',
      folder,
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(/cosine +update of 1 +1 /);
    const sheet = join(folder, 'cosine-update-1.png');
    expect(likeness(sheet)).toBeGreaterThan(0.6);
  });

  it.each([
    [['--attack', 'guess'], 'guess'],
    [['--seen', 'everything'], 'everything'],
    [['--batch', '0'], '--batch'],
    [['--batch', '451'], '451 pictures are wanted, and 450 are there'],
    [['--data', 'nowhere'], 'nowhere'],
    [['--data', tmpdir()], 'no training images'],
    [['--noise', '-1'], '--noise'],
    [['--noise', '1', '--clip', '0'], '--clip'],
    [['nowhere.png'], 'nowhere.png'],
    [[import.meta.filename], 'PNG'],
  ])('refuses %j with exit code 2, naming it', async (words, named) => {
    const { status, stdout, stderr } = await sumus('invert', '--data', data, ...words);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(named);
  });
});

describe('sumus attack membership', () => {
  it('finds members of models without noise, and says beside it what ε promises where there is noise', async () => {
    const few = ['membership', '--data', data, '--examples', '200', '--models', '8', '--steps', '100', '--json'];
    const plain = JSON.parse((await sumus(...few)).stdout);
    expect(plain.rates.map((one: { falsePositiveRate: number }) => one.falsePositiveRate)).toEqual([0.001, 0.01, 0.1]);
    expect(plain.areaUnderRates).toBeGreaterThan(0.75);
    expect(plain.epsilon).toBeNull();
    const noisy = JSON.parse((await sumus(...few, '--steps', '30', '--noise', '4')).stdout);
    expect(noisy.areaUnderRates).toBeLessThan(0.6);
    expect(noisy.epsilon).toBeGreaterThan(0.2);
    expect(noisy.epsilon).toBeLessThan(3);
    expect(noisy.delta).toBe(1e-5);
  });

  it.each([
    [['--models', '3'], '--models'],
    [['--batch', '200'], '--batch 200'],
    [['--noise', '1', '--delta', '2'], '--delta'],
  ])('refuses %j with exit code 2, naming it', async (words, named) => {
    const { status, stderr } = await sumus('membership', '--data', data, ...words);
    expect(status).toBe(2);
    expect(stderr).toContain(named);
  });
});

describe('sumus attack insider', () => {
  it('says what the insider has and leaves it to look at, the same with masks and without', async () => {
    const words = ['insider', '--data', data, '--rounds', '3', '--out', folder, '--json'];
    const run = async (protection: string) => JSON.parse((await sumus(...words, '--protection', protection)).stdout);
    const [masked, open] = [await run('masks'), await run('none')];
    expect(masked.correlations).toHaveLength(10);
    expect({ ...open, protection: 'masks' }).toEqual(masked);
    expect(decodePng(readFileSync(masked.file))).toMatchObject({ width: 6 + 8 * 90, height: 6 + 2 * 90, channels: 1 });
  });

  it.each([
    [['--target', '12'], '--target'],
    [['--decoy', '3'], '--decoy'],
    [['--examples', '5000'], 'too few'],
    [['--participants', '2'], '--participants'],
  ])('refuses %j with exit code 2, naming it', async (words, named) => {
    const { status, stderr } = await sumus('insider', '--data', data, ...words);
    expect(status).toBe(2);
    expect(stderr).toContain(named);
  });
});
