// A table like Adult's, made: ages, hours, schooling and a kind of work, some of it missing, and who earns more. Sites differ. And a plan for it.
import { type Cell, type Schema, type Table, tableFromRows } from '@sumus/dataset/table';
import { type CheckedPlan, checkPlan, type Plan, planTemplate, type TemplateOptions } from '@sumus/federation/plan';
import { nodePrimitives } from '@sumus/platform/node';
import { type LabelledExamples, labelledExamples } from '../examples/index.ts';
import { seededBytes } from '../seeds/seeded.ts';

export const KINDS: readonly string[] = ['private', 'state', 'own'];
export const CLASSES: readonly string[] = ['<=50K', '>50K'];

const schema: Schema = {
  columns: [
    { name: 'age', type: 'number' },
    { name: 'hours', type: 'number' },
    { name: 'work', type: 'category' },
    { name: 'income', type: 'category' },
  ],
};

export function madeTable(seed: number, rows: number): Table {
  const bytes = seededBytes(nodePrimitives(), seed, 'made table')(16 * rows);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const at = (row: number, place: number): number => view.getUint32(16 * row + 4 * place) / 2 ** 32;
  return tableFromRows(
    schema,
    Array.from({ length: rows }, (_, row): readonly Cell[] => {
      const age = 20 + 4 * seed + 40 * at(row, 0);
      const hours = 20 + 40 * at(row, 1);
      const kind = Math.floor(3 * at(row, 2));
      const score = (age - 45) / 12 + (hours - 40) / 10 + (kind === 2 ? 1 : -0.3) + 1.5 * (at(row, 3) - 0.5);
      return [
        row % 11 === 3 ? null : Math.round(age),
        hours,
        row % 13 === 5 ? null : (KINDS[kind] ?? 'own'),
        CLASSES[score > 0 ? 1 : 0] ?? '',
      ];
    }),
  );
}

/** As the command hands a table to a plan that is about one: no inputs yet. */
export function examplesOfTable(name: string, table: Table): LabelledExamples {
  const income = table.columns[3];
  if (income?.type !== 'category') throw new Error('no income');
  return labelledExamples({
    name,
    inputSize: 0,
    inputs: new Float32Array(0),
    labels: Uint32Array.from(income.codes, (code) => CLASSES.indexOf(income.dictionary[code] ?? '')),
    classNames: CLASSES,
    table,
  });
}

export function tablePlan(
  options: Partial<TemplateOptions> = {},
  change: (plan: Plan) => Plan = (plan) => plan,
): CheckedPlan {
  const base = planTemplate({
    name: 'incomes',
    purpose: 'A test on a made table.',
    architecture: { input: [5], layers: [{ kind: 'dense', units: 2 }] },
    parameterCount: 12,
    loss: 'crossEntropy',
    firstWeightsSeed: 1,
    schedule: 'synchronous',
    protection: 'mask',
    reason: 'the table is made',
    minimumContributors: 4,
    maximumContributors: 5,
    rounds: 3,
    epsilon: null,
    delta: 1e-5,
    unit: 'record',
    uploadFraction: 1,
    batchSize: 20,
    learningRate: 0.5,
    minimumUnits: 10,
    authority: null,
    endsAtMs: 1_900_000_000_000,
    recordsEach: 200,
    ...options,
  });
  const check = checkPlan(
    change({
      ...base,
      preparation: {
        kind: 'table',
        columns: [
          { name: 'age', type: 'number' },
          { name: 'hours', type: 'number' },
          { name: 'work', type: 'category' },
        ],
        target: { column: 'income', classes: CLASSES },
        steps: [
          { kind: 'impute', column: 'age', with: 'mean', bounds: [0, 120] },
          { kind: 'standard', column: 'age', bounds: [0, 120] },
          { kind: 'standard', column: 'hours', bounds: [0, 100] },
          { kind: 'impute', column: 'work', with: 'most frequent', categories: KINDS },
          { kind: 'one-hot', column: 'work', unknown: 'zeros', categories: KINDS },
        ],
        rowsAtMost: 400,
      },
    }),
  );
  if (check.kind === 'invalid') throw new Error(check.problems.map(({ path, what }) => `${path} ${what}`).join('; '));
  return check.plan;
}
