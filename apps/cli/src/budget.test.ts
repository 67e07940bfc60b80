// sumus budget as its user meets it: a child process. Needs a build (npm test does it).
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatted, plot } from './commands/budget-epsilon.ts';

const launcher = join(import.meta.dirname, '..', 'bin', 'sumus.mjs');

function budget(...words: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, 'budget', ...words], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

const run = ['--sampling-rate', '0.01', '--noise-multiplier', '4', '--steps', '10000', '--delta', '1e-5'];

describe('sumus budget epsilon', () => {
  it('prints one JSON object with the least sound bound', () => {
    const { status, stdout, stderr } = budget('epsilon', ...run, '--json');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const answer = JSON.parse(stdout);
    expect(answer).toMatchObject({ sound: true, accountant: 'contour', adjacency: 'add-remove', unit: 'record' });
    expect(answer.epsilon).toBeGreaterThanOrEqual(0.94686679);
    expect(answer.epsilon).toBeLessThanOrEqual(0.946868);
  });

  it('shows a person all accountants, one sentence and a picture', () => {
    const { status, stdout } = budget('epsilon', ...run);
    expect(status).toBe(0);
    for (const part of [
      'exact',
      'rdp',
      'zcdp',
      'gdp',
      'no bound: for comparison only',
      'ε = 0.946867',
      'ε against steps',
      '10000',
    ]) {
      expect(stdout).toContain(part);
    }
  });

  it('uses the accountant asked for, and says when it does not apply', () => {
    expect(JSON.parse(budget('epsilon', ...run, '--accountant', 'rdp', '--json').stdout).epsilon).toBeCloseTo(
      1.03538,
      4,
    );
    expect(JSON.parse(budget('epsilon', ...run, '--accountant', 'gdp', '--json').stdout).sound).toBe(false);
    const refused = budget('epsilon', ...run, '--accountant', 'zcdp', '--json');
    expect(refused.status).toBe(1);
    expect(JSON.parse(refused.stdout)).toMatchObject({ kind: 'refused' });
  });

  it('doubles what replacing a record can do', () => {
    const words = [
      '--sampling-rate',
      '0.01',
      '--noise-multiplier',
      '2',
      '--steps',
      '1000',
      '--delta',
      '1e-5',
      '--json',
    ];
    expect(JSON.parse(budget('epsilon', ...words, '--adjacency', 'replace-one').stdout).epsilon).toBeCloseTo(1.205, 3);
    expect(JSON.parse(budget('epsilon', ...words).stdout).epsilon).toBeCloseTo(0.622, 3);
  });

  it.each([
    ['--sampling-rate', '1.5'],
    ['--sampling-rate', 'often'],
    ['--sampling-rate', '0x1'],
    ['--noise-multiplier', '0'],
    ['--noise-multiplier', '-1'],
    ['--steps', '0'],
    ['--steps', '2.5'],
    ['--delta', '0'],
    ['--delta', '1'],
    ['--delta', 'NaN'],
    ['--mechanism', 'magic'],
    ['--adjacency', 'constructor'],
    ['--accountant', 'toString'],
  ])('refuses %s %s with exit code 2, naming the option', (option, value) => {
    const at = run.indexOf(option);
    const words = at >= 0 ? run.with(at + 1, value) : [...run, option, value];
    const { status, stdout, stderr } = budget('epsilon', ...words);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(option);
  });

  it('reports nothing without a δ', () => {
    const { status, stderr } = budget('epsilon', '--noise-multiplier', '1', '--steps', '10');
    expect(status).toBe(2);
    expect(stderr).toContain('--delta');
  });
});

describe('at sampling rate 0', () => {
  const never = ['--sampling-rate', '0', '--delta', '1e-5'];

  it.each(['0', '-0'])('(%s) says that nothing is released, and names no integral that was not taken', (rate) => {
    const words = ['--sampling-rate', rate, '--noise-multiplier', '1', '--steps', '10', '--delta', '1e-5'];
    const answer = JSON.parse(budget('epsilon', ...words, '--json').stdout);
    expect(answer).toMatchObject({ epsilon: 0, lower: 0, accountant: 'closed form' });
    expect(answer.note).toContain('nothing about anybody is released');
    const { stdout } = budget('epsilon', ...words);
    expect(stdout).toContain('nothing about anybody is released');
    expect(stdout).not.toContain('contour');
  });

  it('any noise and any number of steps will do', () => {
    const noise = budget('noise', '--epsilon', '1', '--steps', '10', ...never, '--json');
    expect(JSON.parse(noise.stdout)).toMatchObject({ atMost: true, epsilon: 0, note: expect.any(String) });
    const steps = budget('steps', '--epsilon', '1', '--noise-multiplier', '1', ...never);
    expect(steps).toMatchObject({ status: 0, stdout: expect.stringContaining('Any number of steps') });
  });
});

describe('what is printed of a bound', () => {
  it('is rounded up, and a lower bound down, never by more than a digit', () => {
    for (const value of [1, 10, 0.1, 1 / 3, 2 / 3, 0.94686680079, 123456.5, 123456, 1e-7, 9.9999999, 1.00000000001]) {
      const [up, down] = [Number(formatted(value)), Number(formatted(value, 'down'))];
      expect(up).toBeGreaterThanOrEqual(value);
      expect(down).toBeLessThanOrEqual(value);
      expect(up - down).toBeLessThanOrEqual(2e-5 * value);
    }
    expect(formatted(1)).toBe('1');
    expect(formatted(0)).toBe('0');
    expect(formatted(2 / 3, 'up', 8)).toBe('0.66666667');
    expect(formatted(2 / 3, 'down', 8)).toBe('0.66666666');
  });

  it('is drawn within the width of the terminal, or not at all', () => {
    const curve = Array.from({ length: 48 }, (_, at) => ({ steps: (at + 1) * 100, epsilon: Math.sqrt(at + 1) }));
    for (const width of [24, 30, 40, 57, 80, 200]) {
      const widest = Math.max(
        ...plot(curve, width)
          .split('\n')
          .map((line) => line.length),
      );
      expect(widest).toBeLessThanOrEqual(Math.min(width, 80));
      expect(plot(curve, width)).toContain('4800');
    }
    expect(plot(curve, 15)).toBe('');
    expect(plot([], 80)).toBe('');
    expect(plot([{ steps: 3, epsilon: 0 }], 80)).toBe('');
  });
});

describe('sumus budget noise and steps', () => {
  it('say where the search ended before the answer did', () => {
    const words = ['--epsilon', '10', '--noise-multiplier', '1e5', '--delta', '1e-5'];
    expect(JSON.parse(budget('steps', ...words, '--json').stdout)).toMatchObject({ steps: 10_000_000, atLeast: true });
    expect(budget('steps', ...words).stdout).toContain('At least 10000000 steps');
    const few = ['--epsilon', '1', '--noise-multiplier', '10', '--delta', '1e-5', '--json'];
    expect(JSON.parse(budget('steps', ...few).stdout).atLeast).toBe(false);
    for (const [mechanism, least] of [
      ['gaussian', 0.02],
      ['discrete-gaussian', 0.05],
    ] as const) {
      const all = ['--epsilon', '1e5', '--steps', '1', '--delta', '1e-5', '--mechanism', mechanism, '--json'];
      expect(JSON.parse(budget('noise', ...all).stdout)).toMatchObject({ noiseMultiplier: least, atMost: true });
    }
  });

  it('answer with what keeps the ε', () => {
    const noise = JSON.parse(
      budget(
        'noise',
        '--epsilon',
        '3',
        '--sampling-rate',
        '0.004266666666666667',
        '--steps',
        '14062',
        '--delta',
        '1e-5',
        '--json',
      ).stdout,
    );
    expect(noise.noiseMultiplier).toBeCloseTo(0.968408, 5);
    expect(noise.epsilon).toBeLessThanOrEqual(3);
    const steps = JSON.parse(
      budget(
        'steps',
        '--epsilon',
        '1',
        '--sampling-rate',
        '0.01',
        '--noise-multiplier',
        '4',
        '--delta',
        '1e-5',
        '--json',
      ).stdout,
    );
    expect(steps.steps).toBeGreaterThan(10_000);
    expect(steps.epsilon).toBeLessThanOrEqual(1);
  });

  it('calibrate nothing by an approximation', () => {
    const words = [
      '--epsilon',
      '3',
      '--sampling-rate',
      '0.01',
      '--steps',
      '100',
      '--delta',
      '1e-5',
      '--accountant',
      'gdp',
    ];
    expect(budget('noise', ...words)).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('gdp') });
  });
});

describe('sumus budget check', () => {
  it('prints one JSON line a case, and a reason where there is no ε', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sumus budget '));
    try {
      const path = join(folder, 'cases.json');
      const entries = [
        {
          id: 'a',
          mechanism: 'gaussian',
          params: { sigma: 1, steps: 1 },
          delta: 1e-5,
          neighbouring: 'ADD_OR_REMOVE_ONE',
        },
        { id: 'b', mechanism: 'magic', params: {}, delta: 1e-5, neighbouring: 'ADD_OR_REMOVE_ONE' },
        {
          id: 'c',
          mechanism: 'gaussian',
          params: { sigma: -1, steps: 1 },
          delta: 1e-5,
          neighbouring: 'ADD_OR_REMOVE_ONE',
        },
        { id: 'd', mechanism: 'laplace', params: { b: 0.5, steps: 1 }, delta: 0, neighbouring: 'ADD_OR_REMOVE_ONE' },
      ];
      writeFileSync(path, JSON.stringify({ entries }));
      const { status, stdout } = budget('check', path, '--json');
      expect(status).toBe(0);
      const lines = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(lines.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd']);
      expect(lines[0]).toMatchObject({
        lower: expect.closeTo(4.3771781, 6),
        rdp: expect.closeTo(4.7284, 3),
        zcdp: expect.closeTo(4.7284, 3),
        ms: expect.any(Number),
      });
      expect(lines[0].epsilon).toBeCloseTo(4.3771781, 6);
      expect(lines[1]).toMatchObject({ epsilon: null, reason: expect.stringContaining('magic') });
      expect(lines[2]).toMatchObject({ epsilon: null, reason: expect.stringContaining('noiseMultiplier') });
      expect(lines[3]).toMatchObject({ epsilon: 2, lower: 2 });
      expect(budget('check', path).stdout).toContain('noiseMultiplier');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  /** What `budget check` prints for these entries. */
  function checked(text: string, ...words: string[]): { status: number | null; stdout: string; stderr: string } {
    const folder = mkdtempSync(join(tmpdir(), 'sumus budget '));
    try {
      const path = join(folder, 'cases.json');
      writeFileSync(path, text);
      return budget('check', path, ...words);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  it('prints what an audit measured as a lower bound, and no ε', () => {
    const params = { m: 1000, n_guess: 300, n_correct: 250, significance: 0.05 };
    const entries = [{ id: 'a', mechanism: 'one_run_audit_lower_bound', params, delta: 1e-5 }];
    const line = JSON.parse(checked(JSON.stringify({ entries }), '--json').stdout);
    expect(line).toMatchObject({ id: 'a', epsilon: null, rdp: null, zcdp: null, ms: expect.any(Number) });
    expect(Math.abs(line.lower - 1.3470037)).toBeLessThanOrEqual(2e-5);
    expect(line.reason).toContain('no guarantee');
    expect(checked(JSON.stringify({ entries })).stdout).toContain('1.3470');
  });

  it('accounts large groups and norms that are not whole, and names what cannot be', () => {
    const group = (size: number): object => ({
      id: `group ${size}`,
      mechanism: 'group_privacy_poisson_gaussian',
      params: { group_size: size, q: 1e-4, sigma: 4, steps: 1000 },
      delta: 1e-5,
    });
    const noise = (sensitivity: number): object => ({
      id: `norm ${sensitivity}`,
      mechanism: 'discrete_gaussian',
      params: { sigma: 3, sensitivity, steps: 10 },
      delta: 1e-6,
    });
    const entries = [group(64), group(65), group(2.5), noise(1), noise(1.5), noise(2), noise(-1.5)];
    const lines = checked(JSON.stringify({ entries }), '--json')
      .stdout.trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const [g64, g65, half, n1, n15, n2, negative] = lines.map(({ epsilon }) => epsilon);
    expect(g65).toBeGreaterThan(g64);
    expect(g65).toBeLessThan(1.1 * g64);
    expect(n15).toBeGreaterThan(n1);
    // By zCDP, which is some per cent above what the whole norm has by its exact law.
    expect(n15).toBeLessThan(n2);
    expect([half, negative]).toEqual([null, null]);
    expect(lines[2].reason).toContain('2.5');
    expect(lines[6].reason).toContain('-1.5');
  });

  it('goes on after an error that nobody foresaw', () => {
    // What cannot even be turned into text for a message.
    const trap = { toString: null, valueOf: null };
    const good = { mechanism: 'gaussian', params: { sigma: 1, steps: 1 }, delta: 1e-5 };
    const entries = [
      { id: 'before', ...good },
      { id: 'bad', ...good, params: { sigma: trap } },
      null,
      { id: 'after', ...good },
    ];
    const { status, stdout, stderr } = checked(JSON.stringify({ entries }), '--json');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ id }) => id)).toEqual(['before', 'bad', 'entry 2', 'after']);
    expect(lines[1]).toMatchObject({ epsilon: null, reason: expect.stringContaining('unexpected') });
    expect(lines[2]).toMatchObject({ epsilon: null, reason: expect.stringContaining('no object') });
    expect(lines[3].epsilon).toBe(lines[0].epsilon);
  });

  it('prints nothing for a file without cases, and refuses one without a list of them', () => {
    expect(checked('{"entries":[]}', '--json')).toEqual({ status: 0, stdout: '', stderr: '' });
    for (const text of ['', '{}', '[]', '{"entries":{}}', '{"entries":[', 'null']) {
      expect(checked(text, '--json')).toMatchObject({
        status: 2,
        stdout: '',
        stderr: expect.stringContaining('cases.json'),
      });
    }
  });

  it('never prints a bound below itself in the table', () => {
    const entries = [1, 2, 3, 4, 5].map((sigma) => ({
      id: `s${sigma}`,
      mechanism: 'gaussian',
      params: { sigma },
      delta: 1e-5,
    }));
    const exact = checked(JSON.stringify({ entries }), '--json')
      .stdout.trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const rows = checked(JSON.stringify({ entries })).stdout.trim().split('\n').slice(1);
    rows.forEach((row, at) => {
      const [, epsilon, lower, rdp] = row.trim().split(/\s+/).map(Number);
      expect(epsilon).toBeGreaterThanOrEqual(exact[at].epsilon);
      expect(lower).toBeLessThanOrEqual(exact[at].lower);
      expect(rdp).toBeGreaterThanOrEqual(exact[at].rdp);
    });
  });

  it('refuses a file that is none', () => {
    expect(budget('check', '/nowhere/cases.json')).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('/nowhere/cases.json'),
    });
  });
});
