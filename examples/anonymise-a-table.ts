// A hospital wants to hand a table of 5,000 patients to researchers. The names go, but age, postcode and sex together still single
// people out. This program shows how many, generalises no more than needed until everybody is one of five or more and every group has
// three illnesses or more, checks the result, and plays the neighbour who tries to find somebody in it.
//
// The patients are made up here, from a seed. The program ends with status 1 if the attack works.
//
// Prints: The neighbour finds nobody.

import { anonymise, type Released } from '@sumus/dataset/anonymise';
import { policyFromJson } from '@sumus/dataset/policy';
import { htmlReport } from '@sumus/dataset/report';
import { violationsOf } from '@sumus/dataset/risk';
import { columnNames, rowsOf, type Table, tableFromRows } from '@sumus/dataset/table';

const patients = madeUpPatients(5000);

// Which columns play which role is the judgement that everything rests on: what could a neighbour know?
const policy = policyFromJson({
  version: 1,
  columns: {
    name: { role: 'identifying' },
    age: { role: 'quasi-identifying', hierarchy: { kind: 'numbers', width: 5 }, tails: { upper: 90 } },
    postcode: { role: 'quasi-identifying', hierarchy: { kind: 'masking' } },
    sex: { role: 'quasi-identifying' },
    illness: { role: 'sensitive' },
  },
  models: [
    { kind: 'k-anonymity', k: 5 },
    { kind: 'distinct-l-diversity', attribute: 'illness', l: 3 },
  ],
  method: { kind: 'full-domain', measure: 'loss', suppressionLimit: 0.05 },
});

title('1  Without names, but as it is');
const result = released(anonymise({ table: patients, policy }));
say(`   ${percent(result.riskBefore.uniqueShare)} of the patients are alone with their age, postcode and sex.`);
say(
  `   A neighbour who knows these three finds the right row with probability ${percent(result.riskBefore.prosecutor.average)} on average.`,
);

title('2  Generalised, no more than needed');
const { method, rows, riskAfter, quality } = result;
if (method.kind === 'full-domain') {
  for (const [name, level] of Object.entries(method.levels))
    say(`   ${name.padEnd(9)} level ${level} of ${method.highestLevels[name]}`);
  say(`   the best of ${method.nodes} ways; ${method.examined} had to be looked at`);
}
say(`   ${rows.suppressed} of ${rows.read} rows were left out; ${percent(quality.granularity)} of the detail is kept`);
say(
  `   the highest risk is now ${percent(riskAfter.prosecutor.highest)}, the average ${percent(riskAfter.prosecutor.average)}`,
);
for (const row of rowsOf(result.table).slice(0, 3)) say(`   ${row.join(', ')}`);

title('3  Checked by somebody else');
const texts = rowsOf(result.table).map((cells) => cells.map(String));
const quasiIdentifiers = ['age', 'postcode', 'sex'];
const check = { columns: columnNames(result.table), quasiIdentifiers, models: policy.models };
say(`   classes of the output that break a model: ${violationsOf({ ...check, rows: texts }).length}`);
const [first = [], ...rest] = texts;
const tampered = [['17', ...first.slice(1)], ...rest];
say(`   after one age was changed by hand: ${violationsOf({ ...check, rows: tampered }).length}, so the check can see`);

title('4  The neighbour tries');
// What the released table says, class by class: the three texts, and the illnesses behind them.
const classes = new Map<string, string[]>();
for (const [age = '', postcode = '', sex = '', illness = ''] of texts) {
  const key = JSON.stringify([age, postcode, sex]);
  classes.set(key, [...(classes.get(key) ?? []), illness]);
}
const readable = [...classes].map(([key, illnesses]) => ({ texts: JSON.parse(key), illnesses }));
let found = 0;
for (const [, age, postcode, sex] of rowsOf(patients)) {
  const fits = readable.filter(
    ({ texts: [a, p, s] }) =>
      contains(a, Math.min(Number(age), 90)) && matches(p, String(postcode)) && (s === '*' || s === sex),
  );
  const crowd = fits.flatMap(({ illnesses }) => illnesses);
  // Somebody is found in a crowd below five, or found out about where all have one of two illnesses.
  if (crowd.length > 0 && (crowd.length < 5 || new Set(crowd).size < 3)) found += 1;
}
say(`   knowing age, postcode and sex of all ${patients.rowCount} patients: ${found} found or found out about`);

title('5  For whoever has to sign');
const page = htmlReport({
  result,
  policy,
  source: 'patients',
  date: '2026-11-20',
  producer: 'examples/anonymise-a-table.ts',
});
say(`   one page of HTML, ${Math.round(page.length / 1024)} KB, with ${page.split('<svg ').length - 1} pictures`);

say('');
say(found === 0 ? 'The neighbour finds nobody.' : `THE NEIGHBOUR FINDS ${found} PATIENTS.`);
say(
  'A neighbour who knows more than these three columns might: k-anonymity is a promise about the columns that were named, and',
);
say('none about two tables published one after the other. Where that is not enough, differential privacy is.');
process.exitCode = found === 0 ? 0 : 1;

function madeUpPatients(count: number): Table {
  let state = 20_261_120;
  const below = (bound: number): number => {
    // A linear congruence (Numerical Recipes): good enough to make up patients, and for nothing else.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
  const illnesses = ['asthma', 'diabetes', 'migraine', 'gout', 'anaemia', 'eczema'];
  const schema = {
    columns: [
      { name: 'name', type: 'category' },
      { name: 'age', type: 'integer' },
      { name: 'postcode', type: 'category' },
      { name: 'sex', type: 'category' },
      { name: 'illness', type: 'category' },
    ],
  } as const;
  return tableFromRows(
    schema,
    Array.from({ length: count }, (_, i) => [
      `Patient ${i + 1}`,
      18 + Math.floor((below(78) + below(78)) / 2),
      String(8000 + below(6) * 100 + below(25)),
      below(2) === 0 ? 'f' : 'm',
      illnesses[Math.min(below(6), below(6))] ?? '',
    ]),
  );
}

function released(answer: ReturnType<typeof anonymise>): Released {
  if (answer.kind === 'impossible') throw new Error(answer.reason);
  return answer;
}

/** Whether an age lies in `40 to 44`, is the very number, or anything is possible. */
function contains(text: string, age: number): boolean {
  const [from = '', to = from] = text.split(' to ');
  return text === '*' || (Number(from) <= age && age <= Number(to));
}

function matches(mask: string, postcode: string): boolean {
  return mask === '*' || [...mask].every((sign, at) => sign === '*' || sign === postcode[at]);
}

function percent(part: number): string {
  return `${(100 * part).toFixed(1)} %`;
}

function title(text: string): void {
  say('');
  say(text);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
