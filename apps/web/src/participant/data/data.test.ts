// What is made of a person's files: examples in the plan's shape, or the one reason why not.
import { readCsvBytes } from '@sumus/dataset/csv';
import { describe, expect, it } from 'vitest';
import type { Digits } from '../../digits/digits.ts';
import { digitsAt } from '../../digits/digits.ts';
import { type Conditions, reasonToWait } from '../conditions.ts';
import { bytesOfSource, sourceFromBytes } from '../training/data-source.ts';
import { type Demand, pictureShapeOf } from './demand.ts';
import { examplesFromDigits } from './digit-examples.ts';
import { summaryOf, type Taken, type Unfit } from './examples.ts';
import { examplesFromTable, lookAt, suggestMapping } from './table-examples.ts';

const demand: Demand = {
  shape: [3],
  inputSize: 3,
  classes: 2,
  tellsClasses: true,
  table: undefined,
  minimumUnits: 2,
  countedIn: 'rows',
};

const csv = 'patient_id,age,sex,outcome\n1,30,f,ill\n1,50,m,well\n2,40,f,\n3,70,m,ill\n';
const read = async (text: string) => (await readCsvBytes(new TextEncoder().encode(text))).table;

const examplesOf = (taken: Taken) => {
  if (taken.kind === 'unfit') throw new Error(JSON.stringify(taken.why));
  return taken;
};
const whyNot = (taken: Taken): Unfit['kind'] | undefined => (taken.kind === 'unfit' ? taken.why.kind : undefined);

describe('a table', () => {
  it('becomes numbers, classes and people by the mapping that is suggested', async () => {
    const table = await read(csv);
    const mapping = suggestMapping(table, demand);
    expect(mapping).toEqual({
      answer: 'outcome',
      person: 'patient_id',
      looked: ['age', 'sex'],
      scaling: 'standardise',
    });
    const { examples, leftOut } = examplesOf(examplesFromTable(table, 'patients.csv', mapping, demand));
    expect(leftOut).toBe(1);
    expect(examples.classNames).toEqual(['ill', 'well']);
    expect([...examples.labels]).toEqual([0, 1, 0]);
    expect([...examples.unitOfRow!]).toEqual([0, 0, 1]);
    // Age of 30, 50 and 70 by hand: mean 50, deviation 20; then f and m.
    const ages = [0, 1, 2].map((row) => examples.inputs[row * 3]!);
    expect(ages[1]).toBeCloseTo(0, 6);
    expect(ages[2]).toBeCloseTo(-ages[0]!, 6);
    expect([...examples.inputs.slice(1, 3)]).toEqual([1, 0]);
    expect(summaryOf(examples)).toMatchObject({ count: 3, people: 2, perClass: [2, 1] });
    expect(lookAt(table).columns.at(-1)).toMatchObject({ name: 'outcome', missing: 1, different: 2 });
  });

  it('is refused by the demand that it does not meet', async () => {
    const table = await read(csv);
    const mapping = suggestMapping(table, demand);
    const refused = (change: Partial<Demand>, other = mapping): Unfit['kind'] | undefined =>
      whyNot(examplesFromTable(table, 'patients.csv', other, { ...demand, ...change }));
    expect(refused({})).toBeUndefined();
    expect(refused({ inputSize: 4 })).toBe('wrong width');
    expect(refused({ minimumUnits: 4 })).toBe('too few');
    expect(refused({ minimumUnits: 3, countedIn: 'people' })).toBe('too few');
    expect(refused({ minimumUnits: 2, countedIn: 'people' })).toBeUndefined();
    expect(refused({ countedIn: 'people' }, { ...mapping, person: null })).toBe('no people named');
    expect(refused({ classes: 1 })).toBe('too many classes');
    expect(refused({ tellsClasses: false })).toBe('no classes');
    expect(refused({}, { ...mapping, answer: 'none' })).toBe('column missing');
  });

  it('calls whole numbers the classes that they are: who has no zeros must not call its ones zeros', async () => {
    const table = await read('label,a,b,c\n1,10,20,30\n2,40,50,255\n1,0,0,0\n');
    const mapping = suggestMapping(table, { ...demand, classes: 3 });
    expect(mapping.scaling).toBe('divide by 255');
    const { examples } = examplesOf(examplesFromTable(table, 'x.csv', mapping, { ...demand, classes: 3 }));
    expect([...examples.labels]).toEqual([1, 2, 1]);
    expect(examples.inputs[5]).toBe(1);
  });

  it('goes to a plan about tables whole, in the plan’s classes and types', async () => {
    const table = await read(csv);
    const planned: Demand = {
      ...demand,
      table: {
        kind: 'table',
        columns: [{ name: 'age', type: 'number' }],
        target: { column: 'outcome', classes: ['well', 'ill'] },
        steps: [],
        rowsAtMost: 10,
      },
    };
    const mapping = suggestMapping(table, planned);
    const { examples } = examplesOf(examplesFromTable(table, 'x.csv', mapping, planned));
    expect(examples.table?.rowCount).toBe(3);
    expect([...examples.labels]).toEqual([1, 0, 1]);
    const other = { ...planned, table: { ...planned.table!, columns: [{ name: 'sex', type: 'number' as const }] } };
    expect(whyNot(examplesFromTable(table, 'x.csv', suggestMapping(table, other), other))).toBe(
      'column of another type',
    );
  });
});

describe('the digits of the page', () => {
  const digits: Digits = {
    count: 20,
    labels: Uint32Array.from({ length: 20 }, (_, i) => i % 10),
    inputs: Float32Array.from({ length: 20 * 784 }, (_, i) => Math.floor(i / 784) / 20),
  };

  it('are taken from any place, round the end', () => {
    const part = digitsAt(digits, 18, 4);
    expect([...part.labels]).toEqual([8, 9, 0, 1]);
    expect([0, 1, 2, 3].map((place) => part.inputs[place * 784 + 5])).toEqual([0.9, 0.95, 0, 0.05].map(Math.fround));
  });

  it('stand in the middle of larger pictures, and fit no smaller ones', () => {
    const wide: Demand = { ...demand, shape: [32, 32, 1], inputSize: 1024, classes: 10 };
    const { examples } = examplesOf(examplesFromDigits(digits, 'digits', wide));
    expect(examples.inputs).toHaveLength(20 * 1024);
    const last = examples.inputs.subarray(19 * 1024);
    expect([last[0], last[2 * 32 + 1], last[2 * 32 + 2], last[29 * 32 + 29], last[30 * 32 + 2]]).toEqual(
      [0, 0, 0.95, 0.95, 0].map(Math.fround),
    );
    const small = { ...demand, shape: [8, 8, 1], inputSize: 64, classes: 10 };
    expect(whyNot(examplesFromDigits(digits, 'digits', small))).toBe('wrong width');
    expect(whyNot(examplesFromDigits(digits, 'digits', demand))).toBe('no pictures taken');
  });

  it('are pictures where the plan takes a square, and nothing else', () => {
    expect(pictureShapeOf({ ...demand, shape: [784], inputSize: 784 })).toEqual({ height: 28, width: 28, channels: 1 });
    expect(pictureShapeOf({ ...demand, shape: [9], inputSize: 9 })).toBeUndefined();
    expect(pictureShapeOf({ ...demand, shape: [32, 32, 3], inputSize: 3072 })?.channels).toBe(3);
  });
});

describe('what is kept of data', () => {
  it('comes back as it was, and not from bytes that were cut', async () => {
    const mapping = suggestMapping(await read(csv), demand);
    const bytes = new TextEncoder().encode(csv);
    const kept = bytesOfSource({ kind: 'table', name: 'patients.csv', mapping, bytes })!;
    expect(sourceFromBytes(kept)).toEqual({ kind: 'table', name: 'patients.csv', mapping, bytes });
    expect(() => sourceFromBytes(kept.subarray(0, 20))).toThrow(/damaged/);
    const digits = { kind: 'digits', address: 'digits.png', count: 100, from: 7 } as const;
    expect(sourceFromBytes(bytesOfSource(digits)!)).toEqual(digits);
  });
});

describe('the device', () => {
  it('is a reason to wait where its battery is low and not charging, or it saves data', () => {
    const fine: Conditions = { batteryLevel: 0.1, isCharging: true, savesData: false };
    expect(reasonToWait(fine)).toBeUndefined();
    expect(reasonToWait({ ...fine, isCharging: false })).toBe('battery');
    expect(reasonToWait({ ...fine, isCharging: false, batteryLevel: 0.5 })).toBeUndefined();
    expect(reasonToWait({ ...fine, batteryLevel: undefined, isCharging: false })).toBeUndefined();
    expect(reasonToWait({ ...fine, savesData: true })).toBe('data');
  });
});
