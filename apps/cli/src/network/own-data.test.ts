// What a participant trains on is what lies there, as the run's recipe has it: the same numbers for everybody, and refusals before a run is joined.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeIdx } from '@sumus/dataset/idx';
import { textOf } from '@sumus/dataset/table';
import { checkPlan } from '@sumus/federation/plan';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { outwards } from '../commands/plan-table.ts';
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

describe('a plan for a table of one’s own', () => {
  it('says its columns and classes, ranges rounded outwards, and no mean of its rows', () => {
    const plan = JSON.parse(readFileSync(at('plan.json'), 'utf8'));
    expect(plan.preparation.columns).toEqual([
      { name: 'age', type: 'number' },
      { name: 'risk', type: 'category' },
    ]);
    expect(plan.preparation.target).toEqual({ column: 'answer', classes: ['no', 'yes'] });
    expect(plan.preparation.steps).toContainEqual({ kind: 'standard', column: 'age', bounds: [0, 16] });
    // One number, three categories.
    expect(plan.model.architecture.input).toEqual([4]);
  });

  it.each([
    [0, 1, 0],
    [123, 1, 130],
    [123, -1, 120],
    [-123, 1, -120],
    [-123, -1, -130],
    [0.0467, 1, 0.047],
    [16, 1, 16],
    [1e6, 1, 1e6],
  ] as const)('%d in direction %d is said as %d', (value, direction, said) => {
    expect(outwards(value, direction)).toBe(said);
  });
});

describe('a table of one’s own', () => {
  it('is handed on as it is, with its classes: what becomes of it is known when columns are summed', async () => {
    const { table, labels, count } = await readOwnData({ data: at('table.csv') }, model());
    expect([count, labels.length, new Set(labels).size]).toEqual([60, 60, 2]);
    expect(table?.columns.map(({ name }) => name)).toEqual(['age', 'risk', 'answer']);
  });

  it('in parts is all of it, once', async () => {
    const parts = await Promise.all(
      ['1/3', '2/3', '3/3'].map((part) => readOwnData({ data: at('table.csv'), part }, model())),
    );
    const rows = parts.flatMap(({ table }) => {
      if (table === undefined) throw new Error('no table');
      return Array.from({ length: table.rowCount }, (_, row) => table.columns.map((one) => textOf(one, row)).join());
    });
    const all = readFileSync(at('table.csv'), 'utf8').trim().split('\n').slice(1);
    expect(rows.sort()).toEqual(all.sort());
  });

  it('of another target, of parts that are none, or for a plan about no table is refused', async () => {
    const data = at('table.csv');
    await expect(readOwnData({ data, target: 'risk' }, model())).rejects.toThrow(/predicts answer/);
    await expect(readOwnData({ data, part: '4/3' }, model())).rejects.toThrow(/--part/);
    await expect(readOwnData({ data: at('nowhere') }, model())).rejects.toThrow(/there is no/);
    await expect(readOwnData({ data }, { shape: [3], classes: 2 })).rejects.toThrow(/about none/);
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
