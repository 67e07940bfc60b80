// sumus budget as its user meets it: a child process. Needs a build (npm test does it).
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

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

describe('sumus budget noise and steps', () => {
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

  it('refuses a file that is none', () => {
    expect(budget('check', '/nowhere/cases.json')).toMatchObject({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('/nowhere/cases.json'),
    });
  });
});
