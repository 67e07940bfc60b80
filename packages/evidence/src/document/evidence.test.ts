import { nodePrimitives } from '@sumus/platform/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ExaminedLog, examineLog } from '../log/index.ts';
import { evidencePage } from '../page/index.ts';
import { type SampleRun, sampleRun, textOf } from '../sample-run.contract.ts';
import { readAttackReport } from './attack-reports.ts';
import { readBenchReport } from './bench-reports.ts';
import { type Evidence, evidenceOf } from './evidence.ts';
import { readStatements } from './statements.ts';
import type { EvidenceInput } from './subject.ts';
import { readTestReport, TESTS } from './tests.ts';

const primitives = nodePrimitives();
const software = { name: 'sumus', version: '0.1.0', commit: null, runtime: null };
const madeAtMs = 1_795_000_000_000;
let run: SampleRun;
let examined: ExaminedLog;

beforeAll(async () => {
  run = await sampleRun('mask', 8);
  examined = await examineLog(primitives, { text: run.text, ledgers: run.ledgers });
}, 60_000);

const made = (more: Partial<EvidenceInput> = {}): Evidence => evidenceOf({ examined, software, madeAtMs, ...more });
const statusOf = (evidence: Evidence, number: number): string | undefined =>
  evidence.artefacts.find((one) => one.number === number)?.status;

const statements = readStatements(
  JSON.stringify({
    format: 'sumus/statements/1',
    by: 'the board',
    controllers: ['Clinic A and Clinic B, jointly'],
    withdrawal: 'By letter.',
  }),
);
const reportWith = (status: string): ReturnType<typeof readTestReport> =>
  readTestReport(
    JSON.stringify({
      testResults: TESTS.map(({ file, name }) => ({
        name: `/house/${file}`,
        assertionResults: [{ title: name, status }],
      })),
    }),
    'ab'.repeat(32),
  );

describe('evidence of a run', () => {
  it('has the twenty-one artefacts in their order, each with places where it is asked for', () => {
    const { artefacts, log, run: name } = made();
    expect(artefacts.map(({ number }) => number)).toEqual(Array.from({ length: 21 }, (_, i) => i + 1));
    expect(new Set(artefacts.map(({ title }) => title)).size).toBe(21);
    for (const { askedForBy } of artefacts) {
      for (const places of Object.values(askedForBy)) expect(places.length).toBeGreaterThan(0);
    }
    expect(log).toMatchObject({ isIntact: true, findings: [], head: examined.digest.head });
    expect(name).toBe('run-1');
  });

  it('is a value that JSON carries, and the same from the same', () => {
    expect(JSON.parse(JSON.stringify(made()))).toEqual(made());
  });

  it('shows nothing without a fact, and says how it could be', () => {
    for (const { number, facts, tables, status, notShown } of made().artefacts) {
      if (facts.length + tables.length === 0) expect([number, status]).toEqual([number, 'not shown']);
      if (status !== 'shown' && status !== 'stated') expect(notShown.length, `artefact ${number}`).toBeGreaterThan(0);
    }
    expect(statusOf(made(), 10)).toBe('not shown');
    expect(statusOf(made(), 9)).toBe('not shown');
    expect(statusOf(made(), 6)).toBe('shown in part');
  });

  it('has a source for every fact, of what was handed in', () => {
    const sources = new Set(
      made().artefacts.flatMap(({ facts, tables }) => [...facts, ...tables].map(({ source }) => source.from)),
    );
    expect(sources).toEqual(new Set(['plan', 'log', 'ledger', 'computed']));
    const more = made({ statements, tests: reportWith('passed') });
    const withMore = new Set(more.artefacts.flatMap(({ facts }) => facts.map(({ source }) => source.from)));
    expect(withMore).toContain('statement');
    expect(withMore).toContain('test');
  });

  it('shows what was stated as somebody’s words', () => {
    const evidence = made({ statements });
    const [flows] = evidence.artefacts;
    expect(flows?.facts.find(({ source }) => source.from === 'statement')).toMatchObject({
      text: 'Clinic A and Clinic B, jointly',
      source: { where: 'the board: controllers' },
    });
    const all = readStatements(
      JSON.stringify({ format: 'sumus/statements/1', by: 'x', processors: 'None.', transfers: 'None.' }),
    );
    expect(statusOf(made({ statements: all }), 18)).toBe('stated');
  });

  it('is contradicted by a test that failed and by a bench that missed, not hidden', () => {
    expect(statusOf(made({ tests: reportWith('passed') }), 5)).toBe('shown');
    const failed = made({ tests: reportWith('failed') });
    expect(statusOf(failed, 5)).toBe('contradicted');
    expect(evidencePage(failed)).toContain('FAILED');
    const report = {
      bench: 'attacks',
      smoke: false,
      runtime: 'Node',
      cpu: 'a processor',
      targets: [{ name: 'inversions', target: '0', measured: 3, unit: 'pictures', holds: false, reason: 'misses' }],
    };
    const bench = readBenchReport(JSON.stringify(report), 'cd'.repeat(32));
    expect(statusOf(made({ benches: [bench] }), 11)).toBe('contradicted');
    const smoke = readBenchReport(JSON.stringify({ ...report, smoke: true }), 'cd'.repeat(32));
    expect(statusOf(made({ benches: [smoke] }), 11)).toBe('not shown');
  });

  it('shows nothing by a bench that is named like a part of every object', () => {
    const report = readBenchReport('{"bench":"constructor","smoke":false,"targets":[]}', 'cd'.repeat(32));
    expect(statusOf(made({ benches: [report] }), 11)).toBe('not shown');
  });

  it('shows what attacks found, as found on networks of their own', () => {
    const rates = [{ falsePositiveRate: 0.001, truePositiveRate: 0.25 }];
    const found = { rates, members: 200, others: 200, noise: null, epsilon: null, delta: null };
    const inverted = {
      noise: null,
      attacks: [
        { attack: 'quotients', seen: 'sealed', batch: 8, participants: 1, pictures: 8, exactShare: 0, meanSsim: 0.03 },
      ],
    };
    const insider = { target: 3, nearestClass: 3, correlations: [], protection: 'masks', noise: null };
    const attacks = [found, inverted, insider].map((one) => readAttackReport(JSON.stringify(one), 'ab'.repeat(32)));
    const evidence = made({ attacks });
    expect([10, 11, 12].map((number) => statusOf(evidence, number))).toEqual(Array(3).fill('shown in part'));
    expect(evidence.artefacts[9]?.facts[0]).toMatchObject({
      text: expect.stringContaining('25 % of members are found where at most 0.1 % of others are accused'),
      source: { where: expect.stringContaining('not on the model of this run') },
    });
    for (const text of ['{}', '[]', '{', '{"rates":[{}],"members":1,"others":1}', '{"attacks":3}'])
      expect(() => readAttackReport(text, 'ab'.repeat(32)), text).toThrow(/report of an attack/);
  });

  it('of a log that was tampered with is in doubt wherever it rests on it, and says so first', async () => {
    const lines = run.lines.with(3, run.lines[4]!);
    const bad = await examineLog(primitives, { text: textOf(lines) });
    const evidence = made({ examined: bad });
    expect(evidence.log.isIntact).toBe(false);
    expect(['in doubt', 'contradicted']).toContain(statusOf(evidence, 6));
    expect(evidence.artefacts.every(({ status }) => !['shown', 'shown in part'].includes(status))).toBe(true);
    const page = evidencePage(evidence);
    expect(page.indexOf('Something is wrong')).toBeGreaterThan(0);
    expect(page.indexOf('Something is wrong')).toBeLessThan(page.indexOf('Data flow'));
    expect(evidencePage(made())).not.toContain('Something is wrong');
  });

  it('says ε by ledger, over all runs, and never below what the plan’s accountant says', () => {
    const privacy = made().artefacts[6]!;
    const [table] = privacy.tables;
    expect(table?.rows).toHaveLength(run.ledgers.length);
    for (const row of table!.rows) expect(Number(row[6])).toBeGreaterThan(0);
    expect(privacy.facts.some(({ text }) => /At most ε = [\d.]+ at δ = 0.00001/.test(text))).toBe(true);
    expect(privacy.facts.every(({ holds }) => holds)).toBe(true);
  });

  it('never says that anybody or anything is compliant, nor that anything is certified', () => {
    const evidence = made({ statements, tests: reportWith('passed') });
    for (const text of [JSON.stringify(evidence), evidencePage(evidence)]) {
      expect(text).not.toMatch(/complian|conformi|certified/i);
    }
  });
});

describe.each(['one-shot', 'threshold', 'none'] as const)('evidence of a run under %s', (protection) => {
  it('has a bill of materials and flows of its own', async () => {
    const other = await sampleRun(protection, null);
    const log = await examineLog(primitives, { text: other.text, ledgers: other.ledgers });
    expect(log.findings).toEqual([]);
    const evidence = made({ examined: log });
    const text = JSON.stringify(evidence.artefacts[2]);
    if (protection === 'none') {
      expect(statusOf(evidence, 5)).toBe('contradicted');
      expect(text).toContain('updates are in clear');
    } else expect(text).toMatch(protection === 'one-shot' ? /log2 q = \d+.*at most \d+ for N = \d+/ : /shares open/);
    expect(statusOf(evidence, 7)).toBe('shown in part');
    expect(evidencePage(evidence)).toContain('No differential privacy is promised');
  }, 60_000);
});

describe('statements', () => {
  it('are refused where a member is misspelt, empty or of nobody', () => {
    const read = (value: unknown) => () => readStatements(JSON.stringify(value));
    const good = { format: 'sumus/statements/1', by: 'x' };
    expect(read({ ...good, controler: 'x' })).toThrow(/"controler" is none of/);
    expect(read({ ...good, controllers: [] })).toThrow(/a sentence/);
    expect(read({ ...good, controllers: ['a', 3] })).toThrow(/a sentence/);
    expect(read({ ...good, by: '' })).toThrow(/who states it/);
    expect(read({ ...good, format: 2 })).toThrow(/format/);
    expect(read([])).toThrow(/one JSON object/);
    expect(() => readStatements('{')).toThrow(/JSON/);
  });
});

describe('the page', () => {
  it('has no script, no link to elsewhere, and escapes what it did not write', () => {
    const by = '<script>alert(1)</script>"\u202e';
    const page = evidencePage(
      made({ statements: { by, said: new Map([['controllers', ['a & <b onclick="x">\u0007']]]) } }),
    );
    expect(page).not.toMatch(/<script|onclick="x"|https?:\/\//);
    for (const sign of ['\u202e', '\u0007']) expect(page).not.toContain(sign);
    expect(page).toContain('a &amp; &lt;b onclick=&quot;x&quot;&gt;·');
    expect(page).toContain("default-src 'none'");
  });

  it('draws what flows, an arrow for each flow, beside its table', () => {
    const evidence = made();
    const flows = evidence.artefacts[0]?.tables.find(({ isFlow }) => isFlow);
    const page = evidencePage(evidence);
    const [drawing = ''] = /<svg.*<\/svg>/.exec(page) ?? [];
    expect(drawing.match(/marker-end/g)).toHaveLength(flows!.rows.length);
    for (const actor of ['participant', 'coordinator']) expect(drawing).toContain(`font-weight="600">${actor}<`);
    expect(drawing).not.toMatch(/NaN|undefined|style=/);
  });

  it('names for every law and standard each place with its artefacts', () => {
    const page = evidencePage(made());
    for (const name of ['GDPR', 'ISO/IEC 27701:2019', 'NIST Privacy Framework 1.0', 'HIPAA, 45 CFR'])
      expect(page).toContain(`<h3>${name}</h3>`);
    for (const article of ['Art. 25(1)', 'Art. 30(1)', 'Art. 32(1)(a)', 'Art. 35(7)(a)'])
      expect(page).toContain(`<td>${article}</td>`);
  });
});
