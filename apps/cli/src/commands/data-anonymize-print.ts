// What an anonymisation came to: as one JSON object for a program, as a few lines for a person.
import type { MethodReport, Released } from '@sumus/dataset/anonymise';
import type { PrivacyModel } from '@sumus/dataset/policy';
import { percent } from '@sumus/dataset/report';
import type { Utility } from './data-anonymize-utility.ts';
import { printVisible } from './data-terminal.ts';

export interface WrittenFiles {
  readonly out: string | undefined;
  readonly report: string | undefined;
  readonly policy: string | undefined;
}

/** Flat where people look first; `risk`, `quality` and `method` in full. */
export function summaryOf(
  result: Released,
  digests: Readonly<Record<string, string>>,
  files: WrittenFiles,
  neutralisedCells: number,
  models: readonly PrivacyModel[],
): Record<string, unknown> {
  const compared = new Set(
    models.flatMap((model) =>
      model.kind === 't-closeness' || model.kind === 'delta-disclosure' ? [model.attribute] : [],
    ),
  );
  const { method, rows, riskAfter, riskBefore, quality } = result;
  return {
    kind: 'released',
    models: result.models,
    satisfied: true,
    ...(method.kind === 'full-domain' && { levels: method.levels, measure: method.measure, score: method.score }),
    ...(method.kind === 'mondrian' && { penalty: method.penalty }),
    ...(method.kind === 'microaggregation' && { lostVariance: method.lostVariance }),
    rows: rows.read,
    droppedRows: rows.dropped,
    suppressed: rows.suppressed,
    masked: rows.masked,
    releasedRows: rows.released,
    classes: riskAfter.classes,
    averageClass: riskAfter.averageClass,
    smallestClass: riskAfter.smallestClass,
    largestClass: riskAfter.largestClass,
    risk: { before: riskBefore, after: riskAfter },
    quality,
    method,
    removedColumns: result.removedColumns,
    // The sensitive values before suppression, which closeness is measured against: sumus data risk --receipt reads them. Of
    // columns that nothing is compared with they are not told: among them are values that only suppressed rows have.
    reference: Object.fromEntries(
      Object.entries(result.reference)
        .filter(([name]) => compared.has(name))
        .map(([name, frequencies]) => [name, Object.fromEntries(frequencies)]),
    ),
    noise: { columns: result.noise, perRow: result.noisePerRow },
    neutralisedCells,
    files,
    sha256: digests,
  };
}

export function printSummary(
  result: Released,
  files: WrittenFiles,
  neutralisedCells: number,
  utility: Utility | undefined,
): void {
  const { rows, riskBefore, riskAfter, quality, removedColumns, noise, noisePerRow } = result;
  printVisible([
    ['satisfied', result.models.join(', ') || 'groups of the size asked for'],
    [
      'rows',
      `${rows.read} read, ${rows.dropped} dropped, ${rows.suppressed} suppressed${rows.masked > 0 ? ' (masked)' : ''}, ${rows.released} released`,
    ],
    ...linesOf(result.method),
    ['classes', `${riskAfter.classes}, of ${riskAfter.smallestClass} to ${riskAfter.largestClass} rows`],
    [
      'risk',
      `highest ${percent(riskBefore.prosecutor.highest)} → ${percent(riskAfter.prosecutor.highest)}, average ${percent(riskBefore.prosecutor.average)} → ${percent(riskAfter.prosecutor.average)}, unique ${percent(riskBefore.uniqueShare)} → ${percent(riskAfter.uniqueShare)}`,
    ],
    ['kept', `granularity ${percent(quality.granularity)}, entropy ${percent(quality.nonUniformEntropy)}`],
    ...quality.columns.map(({ name, granularity }): [string, string] => [`  ${name}`, bar(granularity)]),
    ...(utility === undefined
      ? []
      : [
          [
            'useful',
            `a model of ${utility.target} is right on ${percent(utility.anonymised)} of clear rows; from the clear table on ${percent(utility.clear)}, by guessing on ${percent(utility.baseline)}`,
          ],
        ]),
    ...(removedColumns.length > 0 ? [['removed', removedColumns.join(', ')]] : []),
    ...noise.map(({ column, kind, cost, effect }): [string, string] => [
      `noise, ${column}`,
      `${kind}, ε = ${cost.epsilon.toPrecision(4)}${cost.delta > 0 ? ` at δ = ${cost.delta}` : ''} a cell; ${effect}`,
    ]),
    ...(noise.length > 0
      ? [
          [
            'noise, a row',
            `ε = ${noisePerRow.epsilon.toPrecision(4)}${noisePerRow.delta > 0 ? ` at δ = ${noisePerRow.delta}` : ''}`,
          ],
        ]
      : []),
    ...(neutralisedCells > 0 ? [['formulas', `${neutralisedCells} cells made harmless with an apostrophe`]] : []),
    ...Object.entries(files).flatMap(([what, path]) => (path === undefined ? [] : [[what, path]])),
  ]);
  if (files.out === undefined) process.stdout.write('Nothing was written: say --out FILE.\n');
  process.stdout.write(
    'k-anonymity and its relatives reduce risk; they are not differential privacy (docs/anonymisation.md).\n',
  );
}

function linesOf(method: MethodReport): string[][] {
  switch (method.kind) {
    case 'full-domain': {
      const levels = Object.entries(method.levels).map(
        ([name, level]) => `${name} ${level}/${method.highestLevels[name]}`,
      );
      const built = Object.entries(method.hierarchies).flatMap(([name, origin]) =>
        origin === 'file' ? [] : [`${name} (${origin})`],
      );
      return [
        ['levels', levels.join(', ')],
        ...(built.length === 0 ? [] : [['built', `hierarchies without a file: ${built.join(', ')}`]]),
        [
          'best of',
          `${method.nodes} generalisations, ${method.measure} = ${Number(method.score.toPrecision(8))}; ${method.examined} had to be looked at`,
        ],
      ];
    }
    case 'mondrian':
      return [['method', `Mondrian, ${method.mode}; penalty ${percent(method.penalty)}`]];
    case 'microaggregation':
      return [['method', `groups of ${method.k} or more; ${percent(method.lostVariance)} of the variance lost`]];
    default:
      return method satisfies never;
  }
}

function bar(part: number): string {
  const full = Math.round(part * 20);
  return `${'█'.repeat(full)}${'░'.repeat(20 - full)} ${percent(part)}`;
}
