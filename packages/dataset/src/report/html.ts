// One page that a data protection officer can read, question and sign: what was done, what risk was there before and is left now,
// what it cost, and what none of this promises. Plain HTML with inline pictures; it loads nothing and runs nothing.
import type { Released } from '../anonymise/anonymise.ts';
import type { Policy } from '../policy/policy.ts';
import type { Risk } from '../risk/risk.ts';
import { type Bar, barChart, columnChart, escaped, percent } from './svg.ts';

export interface ReportInput {
  readonly result: Released;
  readonly policy: Policy;
  /** What the table is called, and when this was made: handed in, a library has no clock. */
  readonly source: string;
  readonly date: string;
  /** Who made the report: name and version of the program. */
  readonly producer: string;
  /** SHA-256 of the input, of the policy and of the output, in hexadecimal, where the caller has them. */
  readonly digests?: { readonly input?: string; readonly policy?: string; readonly output?: string };
  /** How well a model learns from the clear and from the anonymised table, tested on clear rows, where it was measured. */
  readonly utility?: {
    readonly target: string;
    readonly clear: number;
    readonly anonymised: number;
    readonly baseline: number;
  };
}

const before = '#c26d3f';
const after = '#2f6f8f';

export function htmlReport(input: ReportInput): string {
  const { result, source, date, producer } = input;
  const title = `Anonymisation report: ${source}`;
  const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<h1>${escaped(title)}</h1>
<p class="made">${escaped(date)} · ${escaped(producer)}</p>
${verdict(result)}
<section><h2>What was done</h2>${done(input)}</section>
<section class="two">
<div><h2>Risk of finding somebody again</h2>${riskPicture(result)}${riskTable(result)}</div>
<div><h2>How many rows look alike</h2>${classPicture(result)}
<p class="note">Share of the rows whose class has that many rows. Orange: before. Blue: after.</p></div>
</section>
<section class="two">
<div><h2>What each column kept</h2>${columnPicture(result)}
<p class="note">1 − the share of a column's possible values that a released cell stands for; suppressed cells stand for all.</p></div>
<div><h2>What the whole table kept</h2>${qualityTable(result)}${utility(input)}</div>
</section>
${noise(result)}
<section><h2>What this does not promise</h2>${caveats(result)}</section>
<section><h2>Approval</h2>${approval(input)}</section>
</body>
</html>
`;
  // A number and its sign stay on one line.
  return page.replaceAll(' %', '\u00a0%');
}

function verdict({ models, rows, riskAfter }: Released): string {
  const list = models.length === 0 ? 'no model' : models.map(escaped).join(', ');
  return `<p class="verdict">The released table of ${count(rows.released)} rows satisfies <b>${list}</b>, checked on the output by a
second, independent computation. Nobody known to be in it can be singled out with a probability above
<b>${percent(riskAfter.prosecutor.highest)}</b> by the columns called quasi-identifying.</p>`;
}

function done({ result, policy }: ReportInput): string {
  const { rows, method, removedColumns } = result;
  const roles = Object.entries(policy.columns).map(([name, own]) => [name, own.role] as const);
  const level = (name: string): string => {
    if (method.kind !== 'full-domain') return own('generalised class by class');
    const highest = method.highestLevels[name];
    const at = method.levels[name];
    if (at === undefined) return '';
    return own(at === 0 ? 'as it was' : at === highest ? 'nothing left' : `level ${at} of ${highest}`);
  };
  const own = (text: string): string => ` (${text})`;
  const named = (role: string): string => {
    const list = roles.filter(([, one]) => one === role).map(([name]) => name);
    if (list.length === 0) return 'none';
    return list.map((name) => escaped(name) + (role === 'quasi-identifying' ? level(name) : '')).join(', ');
  };
  const how = {
    'full-domain': 'every column generalised to one level, best by exhaustive search of all combinations',
    mondrian: 'Mondrian: classes cut out one by one',
    microaggregation: 'microaggregation: means of groups of similar rows',
  }[method.kind];
  const facts: [string, string][] = [
    [
      'Rows',
      `${count(rows.read)} read, ${count(rows.dropped)} with missing cells dropped, ${count(rows.suppressed)} suppressed${rows.masked > 0 ? ' (released with * in every quasi-identifying column)' : ''}, ${count(rows.released)} released`,
    ],
    [
      'Method',
      method.kind === 'full-domain'
        ? `${how} (${count(method.nodes)}; measure: ${escaped(method.measure)} = ${Number(method.score.toPrecision(6))}; at most ${percent(method.suppressionLimit)} suppressed)`
        : how,
    ],
    ['Quasi-identifying', named('quasi-identifying')],
    ['Sensitive', named('sensitive')],
    ['Identifying', named('identifying')],
    ['Insensitive', named('insensitive')],
    ['Columns removed', removedColumns.length === 0 ? 'none' : removedColumns.map(escaped).join(', ')],
  ];
  return table(facts.map(([name, text]) => [`<th>${name}</th>`, `<td>${text}</td>`]));
}

function riskPicture({ riskBefore, riskAfter }: Released): string {
  const lines = (name: string, of: (risk: Risk) => number): Bar[] => [
    { label: `${name}, before`, value: of(riskBefore), text: percent(of(riskBefore)), colour: before },
    { label: 'after', value: of(riskAfter), text: percent(of(riskAfter)), colour: after },
  ];
  return barChart('Risk before and after', [
    ...lines('highest', (risk) => risk.prosecutor.highest),
    ...lines('average', (risk) => risk.prosecutor.average),
    ...lines('rows at high risk', (risk) => risk.prosecutor.shareAboveThreshold),
    ...lines('unique rows', (risk) => risk.uniqueShare),
  ]);
}

function riskTable({ riskBefore, riskAfter }: Released): string {
  const line = (name: string, of: (risk: Risk) => string): string[] => [
    `<th>${name}</th>`,
    `<td>${of(riskBefore)}</td>`,
    `<td>${of(riskAfter)}</td>`,
  ];
  const attacker = (one: { highest: number; average: number; shareAboveThreshold: number }): string =>
    `${percent(one.highest)} · ${percent(one.average)} · ${percent(one.shareAboveThreshold)}`;
  const against = riskAfter.population
    ? 'the population given'
    : 'the table itself, for want of a population: the safe side';
  return `${table([
    ['<th></th>', '<th>before</th>', '<th>after</th>'],
    line('prosecutor', (risk) => attacker(risk.prosecutor)),
    line('journalist', (risk) => attacker(risk.journalist)),
    line('marketer (average)', (risk) => percent(risk.marketer.average)),
    line('classes', (risk) => count(risk.classes)),
    line(
      'smallest · mean · largest class',
      (risk) => `${risk.smallestClass} · ${risk.averageClass.toFixed(1)} · ${count(risk.largestClass)}`,
    ),
  ])}<p class="note">Highest · average · share of rows above ${percent(riskAfter.threshold)}. Journalist and marketer measured
against ${against}.</p>`;
}

const bins = [1, 2, 5, 10, 20, 50, 100, 1000] as const;

function classPicture({ classSizesBefore, release }: Released): string {
  const shares = (sizes: Uint32Array): number[] => {
    const rows = bins.map(() => 0);
    let total = 0;
    for (const size of sizes) {
      if (size === 0) continue;
      rows[bins.findLastIndex((least) => size >= least)] += size;
      total += size;
    }
    return rows.map((own) => (total === 0 ? 0 : own / total));
  };
  const [old, fresh] = [shares(classSizesBefore), shares(release.classSizes)];
  const groups = bins.map((least, at) => {
    const next = bins[at + 1];
    const label = next === undefined ? `${least}+` : next === least + 1 ? `${least}` : `${least}–${next - 1}`;
    return [
      { label, value: old[at], colour: before },
      { label, value: fresh[at], colour: after },
    ];
  });
  return columnChart('Rows by the size of their class', groups);
}

function columnPicture({ quality }: Released): string {
  const bars = quality.columns.map(({ name, granularity }) => ({
    label: name,
    value: granularity,
    text: percent(granularity),
    colour: after,
  }));
  return barChart('What each column kept', bars);
}

function qualityTable({ quality }: Released): string {
  const lines: [string, number][] = [
    ['granularity', quality.granularity],
    ['precision', quality.precision],
    ['non-uniform entropy', quality.nonUniformEntropy],
    ['discernibility', quality.discernibility],
    ['average class size', quality.averageClassSize],
    ['ambiguity', quality.ambiguity],
  ];
  const rows = lines.map(([name, value]) => [`<th>${name}</th>`, `<td>${percent(value)}</td>`]);
  return `${table(rows)}<p class="note">100 %: as the original; 0 %: nothing left. A reader who spreads each class evenly over what it
may stand for is ${quality.divergenceBits.toFixed(2)} bits a row away from the original (Kullback–Leibler).</p>`;
}

function utility({ utility: measured }: ReportInput): string {
  if (measured === undefined) return '';
  return `<p>A model that learns <b>${escaped(measured.target)}</b> from the released rows is right on ${percent(measured.anonymised)} of
clear rows it never saw; from the clear rows it is right on ${percent(measured.clear)}; always giving the commonest answer is right on
${percent(measured.baseline)}.</p>`;
}

function noise({ noise: columns, noisePerRow }: Released): string {
  if (columns.length === 0) return '';
  const rows = columns.map(({ column, kind, cost, effect }) => [
    `<th>${escaped(column)}</th>`,
    `<td>${kind}</td>`,
    `<td>${cost.epsilon.toPrecision(4)}</td>`,
    `<td>${cost.delta === 0 ? '0' : cost.delta.toExponential(1)}</td>`,
    `<td>${escaped(effect)}</td>`,
  ]);
  return `<section><h2>Noise on the data</h2>${table([
    ['<th>column</th>', '<th>noise</th>', '<th>ε of a cell</th>', '<th>δ of a cell</th>', '<th>effect</th>'],
    ...rows,
    [
      '<th>one row</th>',
      '<td></td>',
      `<td><b>${noisePerRow.epsilon.toPrecision(4)}</b></td>`,
      `<td>${noisePerRow.delta === 0 ? '0' : noisePerRow.delta.toExponential(1)}</td>`,
      '<td>cells of one row are about one person: their costs add up</td>',
    ],
  ])}<p class="note">Local differential privacy: for these cells only, whatever an attacker knows. Which cells are missing is not
hidden.</p></section>`;
}

function caveats({ models, noise: columns }: Released): string {
  const diverse = models.some((name) => /diversity|closeness|disclosure/.test(name));
  const points = [
    'Whoever knows more than the columns called quasi-identifying may single people out after all. Which columns others know is a judgement; it is the one that matters most.',
    diverse
      ? 'The sensitive values of a class differ as far as the models say, and no further: a reader still learns what is likely in a class.'
      : 'If all rows of a class have the same sensitive value, everybody in it is known to have it: k-anonymity alone does not prevent that (homogeneity). ℓ-diversity and t-closeness address it.',
    'Two releases of overlapping data can give away together what neither does alone: these models do not compose. Do not publish this table again next to another version of it.',
    'Whoever knows the method knows that nothing was generalised more than necessary, and can conclude from that (minimality).',
    'Pseudonyms, if any, are not anonymous: the holder of the key finds people again.',
    columns.length === 0
      ? 'None of this is differential privacy. Where an attacker may know anything, or many statistics are published over time, use that instead.'
      : 'Only the columns with noise are under differential privacy, each with the ε stated.',
  ];
  return `<ul>${points.map((text) => `<li>${text}</li>`).join('')}</ul>`;
}

function approval({ digests, producer }: ReportInput): string {
  const lines = Object.entries(digests ?? {}).flatMap(([what, digest]) =>
    digest === undefined ? [] : [`<tr><th>SHA-256 of the ${what}</th><td class="digest">${escaped(digest)}</td></tr>`],
  );
  return `<table>${lines.join('')}<tr><th>Produced by</th><td>${escaped(producer)}</td></tr></table>
<table class="sign"><tr><td>The quasi-identifying columns were chosen by</td><td></td><td>date</td><td></td></tr>
<tr><td>Approved by (data protection officer)</td><td></td><td>date</td><td></td></tr>
<tr><td>For this purpose and these recipients</td><td colspan="3"></td></tr></table>`;
}

function table(rows: readonly (readonly string[])[]): string {
  return `<table>${rows.map((cells) => `<tr>${cells.join('')}</tr>`).join('')}</table>`;
}

const count = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, '\u202f');

const style = `
body{font:14px/1.45 system-ui,sans-serif;color:#1c2733;max-width:1080px;margin:24px auto;padding:0 20px}
h1{font-size:22px;margin:0}h2{font-size:15px;margin:18px 0 6px;border-bottom:1px solid #d5dce3}
.made,.note{color:#5a6875;font-size:12px;margin:4px 0}
.verdict{background:#eaf3f0;border-left:4px solid #2f8f6b;padding:10px 14px}
.two{display:grid;grid-template-columns:1fr 1fr;gap:28px}svg{max-width:100%;height:auto}
table{border-collapse:collapse;width:100%}th{text-align:left;font-weight:600;padding:2px 10px 2px 0;vertical-align:top;white-space:nowrap}
td{padding:2px 10px 2px 0}.digest{font:11px ui-monospace,monospace;word-break:break-all}
.sign td{border-bottom:1px solid #8895a3;padding:16px 8px 2px 0}ul{padding-left:18px;margin:4px 0}
@media(max-width:820px){.two{grid-template-columns:1fr}}@media print{body{margin:0}.two{grid-template-columns:1fr 1fr}}
`;
