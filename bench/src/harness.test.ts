// The contract of npm run bench, on benches made up here.
import { describe, expect, it } from 'vitest';
import { runBenches } from './harness.ts';
import { type Bench, type BenchOptions, type BenchReport, composeReport, type Outcome, type Target } from './report.ts';

const machine = { runtime: 'Node v0', cpu: 'an abacus' };

const targets: Target[] = [
  { name: 'speed', target: '≥ 3.5 × faster than the peer', unit: '×', bound: { atLeast: 3.5 } },
  { name: 'size', target: '≤ 40 KB', unit: 'KB', bound: { atMost: 40 } },
  { name: 'memory', target: 'reported', unit: 'MB', bound: 'reported' },
];

function fake(outcomes: Record<string, Outcome>, name = 'fake'): Bench {
  return {
    name,
    question: 'Does it add?',
    run: async (options) =>
      composeReport({
        bench: name,
        options,
        targets,
        results: [{ name: 'adding', cpuMs: 0.25 }],
        outcomes: new Map(Object.entries(outcomes)),
      }),
  };
}

const good = { speed: { measured: 3.5 }, size: { measured: 40 }, memory: { measured: 123 } };

async function run(benches: Bench[], ...words: string[]) {
  const stdout: string[] = [];
  const stderr: string[] = [];
  const outputs = { out: (line: string) => stdout.push(line), err: (line: string) => stderr.push(line) };
  const code = await runBenches(benches, words, machine, outputs);
  return { code, stdout, stderr: stderr.join('\n') };
}

async function report(outcomes: Record<string, Outcome>, ...words: string[]): Promise<BenchReport> {
  const { code, stdout } = await run([fake(outcomes)], 'fake', '--json', ...words);
  expect(code).toBe(0);
  expect(stdout).toHaveLength(1);
  return JSON.parse(stdout[0] ?? '');
}

describe('a report', () => {
  it('is one JSON object on one line, with every row of the table and its bound verbatim', async () => {
    const { bench, runtime, cpu, smoke, results, targets: rows } = await report(good);
    expect({ bench, runtime, cpu, smoke }).toEqual({ bench: 'fake', ...machine, smoke: false });
    expect(results).toEqual([{ name: 'adding', cpuMs: 0.25 }]);
    expect(rows.map(({ name, target, measured, unit, holds }) => ({ name, target, measured, unit, holds }))).toEqual([
      { name: 'speed', target: '≥ 3.5 × faster than the peer', measured: 3.5, unit: '×', holds: true },
      { name: 'size', target: '≤ 40 KB', measured: 40, unit: 'KB', holds: true },
      { name: 'memory', target: 'reported', measured: 123, unit: 'MB', holds: true },
    ]);
  });

  it('says which bounds are missed, on either side of them', async () => {
    const { targets: rows } = await report({ ...good, speed: { measured: 3.49 }, size: { measured: 40.01 } });
    expect(rows.map((row) => row.holds)).toEqual([false, false, true]);
    expect(rows[0]?.reason).toContain('3.5');
  });

  it('keeps the row of what could not be measured, with the reason', async () => {
    const { targets: rows } = await report({ size: { measured: null, reason: 'no kernel was built' } });
    expect(rows.map(({ measured, holds }) => ({ measured, holds }))).toEqual(
      Array(3).fill({ measured: null, holds: false }),
    );
    expect(rows[1]?.reason).toBe('no kernel was built');
    for (const row of rows) expect(row.reason).not.toBe('');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    'takes %s for no measurement, even where any number would do',
    async (measured) => {
      const { targets: rows } = await report({ ...good, memory: { measured } });
      expect(rows[2]).toMatchObject({ measured: null, holds: false });
    },
  );

  it('of a smoke run is marked and holds nothing, however good the numbers', async () => {
    const { smoke, targets: rows } = await report(good, '--smoke');
    expect(smoke).toBe(true);
    expect(rows.map(({ measured, holds }) => ({ measured, holds }))).toEqual(
      Array(3).fill({ measured: null, holds: false }),
    );
  });

  it('refuses an outcome that belongs to no target, and two targets of one name', () => {
    const options: BenchOptions = { smoke: false, machine, say: () => {} };
    const parts = { bench: 'fake', options, targets, results: [] };
    expect(() => composeReport({ ...parts, outcomes: new Map([['sped', { measured: 4 }]]) })).toThrow('sped');
    expect(() => composeReport({ ...parts, targets: [...targets, targets[0]!], outcomes: new Map() })).toThrow(
      'one name',
    );
  });
});

describe('npm run bench', () => {
  it('lists the benches with their questions', async () => {
    const { code, stdout } = await run([fake(good), fake(good, 'other')]);
    expect(code).toBe(0);
    expect(stdout.slice(1)).toEqual(['  fake   Does it add?', '  other  Does it add?']);
  });

  it('runs every bench at its smallest with --smoke alone, and says that nothing is a measurement', async () => {
    const { code, stdout } = await run([fake(good), fake(good, 'other')], '--smoke');
    expect(code).toBe(0);
    expect(stdout.filter((line) => line.includes('SMOKE RUN'))).toHaveLength(2);
    expect(stdout.filter((line) => line.includes('holds'))).toEqual([]);
  });

  it('shows a person which targets hold and which do not', async () => {
    const { stdout } = await run([fake({ ...good, size: { measured: 41 } })], 'fake');
    expect(stdout.find((line) => line.includes('speed'))).toMatch(/^ {2}holds .*≥ 3\.5 ×.*3\.500 ×/);
    expect(stdout.find((line) => line.includes('size'))).toMatch(/^ {2}FAILS .*≤ 40 KB.*41 KB/);
  });

  it.each([
    [['nothing'], 'nothing'],
    [['fake', '--fast'], '--fast'],
    [['fake', 'fake'], 'one bench at a time'],
    [['--json'], '--json needs'],
  ])('refuses %j with exit code 2', async (words, named) => {
    const { code, stdout, stderr } = await run([fake(good)], ...words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: [] });
    expect(stderr).toContain(named);
  });

  it('does not take a house without benches for a passed smoke run', async () => {
    expect((await run([], '--smoke')).code).toBe(2);
  });

  it('fails when a bench throws, after running the others', async () => {
    const broken: Bench = { ...fake(good, 'broken'), run: () => Promise.reject(new Error('out of chalk')) };
    const { code, stdout, stderr } = await run([broken, fake(good)], '--smoke');
    expect(code).toBe(1);
    expect(stderr).toContain('out of chalk');
    expect(stdout[0]).toContain('fake');
  });

  it.each<[string, (report: BenchReport) => BenchReport]>([
    [
      'calls a smoke run a measurement',
      (report) => ({ ...report, targets: report.targets.map((row) => ({ ...row, holds: true })) }),
    ],
    ['does not mark a smoke run', (report) => ({ ...report, smoke: false })],
    ['goes by another name', (report) => ({ ...report, bench: 'cake' })],
    [
      'puts an infinity into its results',
      (report) => ({ ...report, results: [{ name: 'x', cpuMs: Number.POSITIVE_INFINITY }] }),
    ],
  ])('fails a bench that %s', async (_what, spoil) => {
    const honest = fake(good);
    const bench: Bench = { ...honest, run: async (options) => spoil(await honest.run(options)) };
    const { code, stdout, stderr } = await run([bench], 'fake', '--smoke', '--json');
    expect({ code, stdout }).toEqual({ code: 1, stdout: [] });
    expect(stderr).toContain('breaks its contract');
  });
});
