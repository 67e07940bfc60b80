// What a participant trains on is what lies there, as the run's recipe has it: the same numbers for everybody, and refusals before a run is joined.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeIdx } from '@sumus/dataset/idx';
import { checkPlan } from '@sumus/federation/plan';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readPreparation } from '../commands/preparation-file.ts';
import { inputOf } from '../commands/simulate-options.ts';
import { runCommandLine } from '../program.ts';
import { readOwnData } from './own-data.ts';

let folder = '';
const at = (name: string): string => join(folder, name);
const quietly = async (...words: string[]): Promise<number> => {
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation(() => true),
  );
  const status = await runCommandLine(words);
  for (const spy of spies) spy.mockRestore();
  return status;
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sumus own data '));
  const rows = Array.from(
    { length: 60 },
    (_, i) => `${i % 17},${['low', 'high', 'mid'][i % 3]},${i % 2 ? 'yes' : 'no'}`,
  );
  writeFileSync(at('table.csv'), `age,risk,answer\n${rows.join('\n')}\n`);
  const made = ['--data', at('table.csv'), '--target', 'answer', '--model', 'logistic', '--out', at('plan.json')];
  expect(await quietly('plan', 'new', '--yes', '--minimum', '3', '--minimum-units', '10', ...made)).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true }));

const model = (): ReturnType<typeof inputOf> => {
  const check = checkPlan(JSON.parse(readFileSync(at('plan.json'), 'utf8')));
  if (check.kind === 'invalid') throw new Error('no plan');
  return inputOf(check.plan);
};

describe('a table of one’s own', () => {
  it('has the plan that was written for it, and the recipe beside it', async () => {
    const { inputs, labels, inputSize, count } = await readOwnData(
      { data: at('table.csv'), preparation: at('plan.preparation.json') },
      model(),
    );
    // One number, three categories.
    expect([count, inputSize, inputs.length, new Set(labels).size]).toEqual([60, 4, 240, 2]);
    expect(readPreparation(at('plan.preparation.json')).classNames).toEqual(['no', 'yes']);
  });

  it('in parts is all of it, once', async () => {
    const options = { data: at('table.csv'), preparation: at('plan.preparation.json') };
    const parts = await Promise.all(['1/3', '2/3', '3/3'].map((part) => readOwnData({ ...options, part }, model())));
    const whole = await readOwnData(options, model());
    const sorted = (rows: readonly Float32Array[]): string[] =>
      rows
        .flatMap((row) => Array.from({ length: row.length / 4 }, (_, i) => row.slice(4 * i, 4 * i + 4).join(' ')))
        .sort();
    expect(sorted(parts.map(({ inputs }) => inputs))).toEqual(sorted([whole.inputs]));
  });

  it('without a recipe, of another target, or of parts that are none is refused', async () => {
    const data = at('table.csv');
    const preparation = at('plan.preparation.json');
    await expect(readOwnData({ data }, model())).rejects.toThrow(/--preparation/);
    await expect(readOwnData({ data, preparation, target: 'risk' }, model())).rejects.toThrow(/predicts answer/);
    await expect(readOwnData({ data, preparation, part: '4/3' }, model())).rejects.toThrow(/--part/);
    await expect(readOwnData({ data: at('nowhere'), preparation }, model())).rejects.toThrow(/there is no/);
  });

  it('that is wider than the model is refused', async () => {
    const options = { data: at('table.csv'), preparation: at('plan.preparation.json') };
    await expect(readOwnData(options, { shape: [3], classes: 2 })).rejects.toThrow(/becomes 4 numbers/);
  });
});

describe('images of one’s own', () => {
  it('are the training part of a folder; nobody asks for another', async () => {
    const images = mkdtempSync(join(folder, 'images'));
    writeFileSync(
      join(images, 'train-images-idx3-ubyte'),
      writeIdx([2, 2, 2], Uint8Array.from([0, 255, 0, 0, 1, 2, 3, 4])),
    );
    writeFileSync(join(images, 'train-labels-idx1-ubyte'), writeIdx([2], Uint8Array.from([0, 1])));
    const { inputs, labels } = await readOwnData({ data: images }, { shape: [4], classes: 10 });
    expect([inputs.length, inputs[1], [...labels]]).toEqual([8, 1, [0, 1]]);
  });
});
