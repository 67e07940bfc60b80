// sumus simulate and sumus explore as their user meets them: two outputs, files, and an exit code. A small table, real cryptography.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { planTemplate, type TemplateOptions, withLeastNoise } from '@sumus/federation/plan';
import { readNetwork } from '@sumus/learning/files';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runCommandLine } from './program.ts';

let folder = '';
const at = (name: string): string => join(folder, name);

async function sumus(...words: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const said = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      said[name] += String(text);
      return true;
    }),
  );
  try {
    return { status: await runCommandLine(words), ...said };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

const options: TemplateOptions = {
  name: 'tiny',
  purpose: 'A test.',
  architecture: { input: [3], layers: [{ kind: 'dense', units: 2 }] },
  parameterCount: 8,
  loss: 'crossEntropy',
  firstWeightsSeed: 1,
  schedule: 'synchronous',
  protection: 'mask',
  reason: 'a test that needs no privacy',
  minimumContributors: 4,
  maximumContributors: 5,
  rounds: 2,
  epsilon: null,
  delta: 1e-6,
  unit: 'record',
  uploadFraction: 1,
  batchSize: 10,
  learningRate: 0.5,
  minimumUnits: 5,
  authority: null,
  endsAtMs: 1_900_000_000_000,
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sumus simulate '));
  writeFileSync(at('plan.json'), JSON.stringify(planTemplate(options)));
  const rows = Array.from(
    { length: 200 },
    (_, i) => `${i % 17},${(i * 7) % 23},${(i * 5) % 13},${i % 17 > 8 ? 'high' : 'low'}`,
  );
  writeFileSync(at('table.csv'), `a,b,c,answer\n${rows.join('\n')}\n`);
});

afterAll(() => rmSync(folder, { recursive: true }));

const data = (): string[] => ['--data', at('table.csv'), '--target', 'answer', '--participants', '5'];

describe('sumus simulate under every protection', () => {
  const under = (changes: Partial<TemplateOptions>): void =>
    writeFileSync(at('other.json'), JSON.stringify(planTemplate({ ...options, ...changes })));

  it.each(['one-shot', 'threshold'] as const)('%s comes to its sums', async (protection) => {
    under({ protection, minimumContributors: 5, maximumContributors: 5, rounds: 1 });
    const { status, stdout, stderr } = await sumus('simulate', at('other.json'), ...data(), '--json');
    expect([status, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ rounds: [{ outcome: 'released' }] });
  });

  it('threshold says how many members the key has', async () => {
    under({ protection: 'threshold', minimumContributors: 4, maximumContributors: 6 });
    const { status, stderr } = await sumus('simulate', at('other.json'), ...data());
    expect(status).toBe(2);
    expect(stderr).toContain("the plan's key has 6 members, and --participants is 5");
  });
});

describe('sumus simulate', () => {
  it('tells accuracy, bytes and seconds of every round, in one JSON object that says that it is a simulation', async () => {
    const files = ['--out', at('model.safetensors'), '--ledgers', at('ledgers')];
    const { status, stdout, stderr } = await sumus('simulate', at('plan.json'), ...data(), ...files, '--json');
    expect([status, stderr]).toEqual([0, '']);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      simulated: true,
      protection: 'mask',
      participants: 5,
      partition: 'iid',
      isWhole: true,
    });
    expect(report.warning).toContain('seed');
    expect(report.rounds.map(({ outcome, contributors }: Record<string, unknown>) => [outcome, contributors])).toEqual([
      ['released', 5],
      ['released', 5],
    ]);
    for (const { accuracy, bytesUp, bytesDown, seconds } of report.rounds) {
      expect(accuracy).toBeGreaterThan(0.3);
      expect(Math.min(bytesUp, bytesDown, seconds.training, seconds.protecting, seconds.server)).toBeGreaterThan(0);
    }
    expect([report.epsilon, report.ledgers, report.receipts]).toEqual([null, { all: 6, intact: 6 }, 10]);
    expect(readNetwork(readFileSync(at('model.safetensors'))).weights).toHaveLength(8);
    expect(readdirSync(at('ledgers'))).toHaveLength(6);
    expect((await sumus('ledger', 'verify', at('ledgers/server.jsonl'))).status).toBe(0);
    const tried = await sumus('model', 'evaluate', at('model.safetensors'), '--data', at('table.csv'), '--json');
    expect(JSON.parse(tried.stdout).examples).toBe(200);
  });

  it('gives the same numbers again from the same seed, and prints a line a round where nobody looks', async () => {
    const run = () => sumus('simulate', at('plan.json'), ...data(), '--seed', '3', '--rounds', '1');
    const [first, again] = [await run(), await run()];
    const numbers = (text: string) => /accuracy +[\d.]+ %, loss [\d.]+/.exec(text)?.[0];
    expect(numbers(first.stdout)).toBeDefined();
    expect(numbers(again.stdout)).toBe(numbers(first.stdout));
    expect(first.stdout.split('\n').filter((line) => line.startsWith('round 0:'))).toHaveLength(1);
    expect(first.stdout).toContain('its seed reaches keys, noise and batches');
    expect(first.stdout).not.toContain('\u001b');
  });

  it('refuses what cannot be meant, and says what would be', async () => {
    const refusals: readonly (readonly [string[], string])[] = [
      [['simulate', at('plan.json'), ...data(), '--partition', 'even'], 'dirichlet:α'],
      [['simulate', at('plan.json'), ...data(), '--drop', '1'], '--drop'],
      [['simulate', at('plan.json'), ...data(), '--seed', '-1'], '--seed'],
      [['simulate', at('plan.json'), ...data().slice(0, -1), '3'], '4 to 5 contributors'],
      [['simulate', at('plan.json'), ...data(), '--examples', '20'], '25'],
      [['simulate', at('gone.json'), ...data()], 'cannot be read'],
    ];
    for (const [words, why] of refusals) {
      const { status, stderr } = await sumus(...words);
      expect([words, status, stderr]).toEqual([words, 2, expect.stringContaining(why)]);
    }
  });
});

describe('sumus simulate of a plan about a table', () => {
  const columns = {
    columns: [
      { name: 'a', type: 'number' },
      { name: 'b', type: 'number' },
    ],
    target: { column: 'answer', classes: ['high', 'low'] },
    steps: [
      { kind: 'impute', column: 'a', with: 'mean', bounds: [0, 20] },
      { kind: 'standard', column: 'a', bounds: [0, 20] },
      { kind: 'standard', column: 'b', bounds: [0, 30] },
    ],
    rowsAtMost: 60,
  };
  const write = (...words: string[]) =>
    sumus('plan', 'new', '--yes', '--columns', at('columns.json'), '--model', 'logistic', '--minimum', '4', ...words);

  it('sums its columns before the first round, and writes the recipe of all into the model', async () => {
    writeFileSync(at('columns.json'), JSON.stringify(columns));
    const words = ['--minimum-units', '5', '--maximum', '5', '--rounds', '4', '--learning-rate', '3'];
    expect((await write('--out', at('columns-plan.json'), ...words)).status).toBe(0);
    const files = ['--out', at('of-columns.safetensors'), '--participants', '5', '--json'];
    const run = await sumus('simulate', at('columns-plan.json'), '--data', at('table.csv'), ...files);
    expect([run.status, run.stderr]).toEqual([0, '']);
    const { rounds, accuracy } = JSON.parse(run.stdout);
    expect(rounds).toHaveLength(5);
    expect(accuracy).toBeGreaterThan(0.8);
    const tried = await sumus('model', 'evaluate', at('of-columns.safetensors'), '--data', at('table.csv'), '--json');
    expect(JSON.parse(tried.stdout).accuracy).toBeGreaterThan(0.8);
  });

  it('refuses columns that do not go together, and data that are not the plan’s', async () => {
    writeFileSync(at('columns.json'), JSON.stringify({ ...columns, steps: [{ kind: 'median', column: 'a' }] }));
    expect(await write()).toMatchObject({ status: 2, stderr: expect.stringContaining('steps[0].kind') });
    writeFileSync(at('columns.json'), JSON.stringify({ ...columns, steps: [{ kind: 'days', column: 'z' }] }));
    expect(await write()).toMatchObject({ status: 2, stderr: expect.stringContaining('not among the columns') });
    const other = ['--data', at('table.csv'), '--participants', '5', '--target', 'a'];
    expect(await sumus('simulate', at('columns-plan.json'), ...other)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('the plan predicts answer'),
    });
  });
});

describe('sumus explore', () => {
  it('tries every setting and marks the front; a plan that promises nothing has no ε to charge', async () => {
    const words = [
      'explore',
      at('plan.json'),
      ...data(),
      '--batch',
      '5,20',
      '--rate',
      '0.1,1',
      '--rounds',
      '1',
      '--json',
    ];
    const { status, stdout } = await sumus(...words);
    expect(status).toBe(0);
    const { settings, search, simulated } = JSON.parse(stdout);
    expect([settings.length, search, simulated]).toEqual([4, null, true]);
    expect(settings.some(({ onTheFront }: { onTheFront: boolean }) => onTheFront)).toBe(true);
    for (const { accuracy, ofUpdate } of settings) {
      expect(accuracy).toBeGreaterThan(0);
      expect(ofUpdate).toBeGreaterThanOrEqual(0);
    }
  });
});

describe('the price of an exploration', () => {
  const promising = (): void => {
    const draft = planTemplate({ ...options, epsilon: 8, rounds: 1 });
    writeFileSync(at('promising.json'), JSON.stringify(withLeastNoise(draft)));
  };
  const explore = (...words: string[]) =>
    sumus('explore', at('promising.json'), ...data(), '--batch', '10', '--noise', '3,4', ...words);

  it('is written to a ledger before results are shown, and added to what is there', async () => {
    promising();
    expect(
      (
        await sumus(
          'plan',
          'sign',
          at('promising.json'),
          '--key',
          at('own.pem'),
          '--new-key',
          '--out',
          at('signed.json'),
        )
      ).status,
    ).toBe(0);
    const ledger = ['--ledger', at('own.jsonl'), '--key', at('own.pem'), '--dataset', 'ward'];
    const first = await explore(...ledger);
    expect([first.status, first.stderr]).toEqual([0, '']);
    expect(first.stdout).toContain(`2 charges were written to ${at('own.jsonl')}`);
    expect((await explore(...ledger)).status).toBe(0);
    const shown = JSON.parse((await sumus('ledger', 'verify', at('own.jsonl'), '--json')).stdout);
    expect(shown).toMatchObject({ intact: true });
    expect(
      readFileSync(at('own.jsonl'), 'utf8')
        .split('\n')
        .filter((line) => line.includes('"charged"')),
    ).toHaveLength(4);
  });

  it('is refused where another process charges the same ledger, and not where that process is dead', async () => {
    promising();
    const ledger = ['--ledger', at('own.jsonl'), '--key', at('own.pem'), '--dataset', 'ward'];
    writeFileSync(at('own.jsonl.lock'), String(process.pid));
    const refused = await explore(...ledger);
    expect([refused.status, refused.stderr]).toEqual([2, expect.stringContaining(`process ${process.pid} has`)]);
    writeFileSync(at('own.jsonl.lock'), String(2 ** 22 + 1));
    expect((await explore(...ledger)).status).toBe(0);
    expect(existsSync(at('own.jsonl.lock'))).toBe(false);
  });

  it('says of a setting that the plan’s ε does not pay for what it would cost, instead of that nobody takes part', async () => {
    promising();
    const words = ['explore', at('promising.json'), ...data(), '--batch', '10', '--noise', '0.2', '--json'];
    const { settings } = JSON.parse((await sumus(...words)).stdout);
    expect(settings[0].refused).toMatch(/one round costs ε = [\d.]+, and the plan allows 8/);
  });

  it('is said to be charged nowhere where no ledger is given', async () => {
    promising();
    expect((await explore()).stdout).toContain('It was charged to no ledger');
    const without = await explore('--ledger', at('other.jsonl'));
    expect([without.status, without.stderr]).toEqual([2, expect.stringContaining('--key')]);
  });
});
