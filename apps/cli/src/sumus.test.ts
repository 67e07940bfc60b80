// The sumus command as its user meets it: a child process, its two outputs and its exit code. Needs a build (npm test does it).
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commands } from './commands.ts';

const launcher = join(import.meta.dirname, '..', 'bin', 'sumus.mjs');

function sumus(words: string[], options: { launcher?: string; env?: NodeJS.ProcessEnv } = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [options.launcher ?? launcher, ...words], {
    encoding: 'utf8',
    env: { ...process.env, ...options.env },
  });
  return { status, stdout, stderr };
}

describe('the sumus command', () => {
  it('prints its help, with a line for every command, and exits with 0', () => {
    const { status, stdout, stderr } = sumus(['--help']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('Usage: sumus');
    expect(commands.size).toBeGreaterThan(10);
    for (const name of commands.keys()) expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
  });

  it('prints its help when nothing is asked', () => {
    expect(sumus([])).toEqual(sumus(['--help']));
  });

  // Windows has no such pipe: a reader that stops early is no error there.
  it.skipIf(process.platform === 'win32')('ends quietly when its reader has read enough', () => {
    const script = `"${process.execPath}" "${launcher}" parameters --json | head -c 1`;
    const { status, stderr } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('prints the version of its package', () => {
    const { status, stdout } = sumus(['--version']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each([
    [['atack'], 'atack'],
    [['--frobnicate'], '--frobnicate'],
    [['doctor', '--colour'], '--colour'],
    [['doctor', 'now'], 'argument'],
  ])('refuses %j with exit code 2, naming it, and prints nothing on stdout', (words, named) => {
    const { status, stdout, stderr } = sumus(words);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(named);
    expect(stderr).toContain('sumus --help');
    expect(stderr).not.toContain('    at ');
  });

  it('shows the signs in a name that would move a cursor, and does not send them to the terminal', () => {
    const { status, stderr } = sumus(['data', 'describe', 'no\u001b[2Jfile.csv']);
    expect(status).not.toBe(0);
    expect(stderr).toContain('no·[2Jfile.csv');
    expect(stderr).not.toContain('\u001b');
  });

  it('says what to do when it was never built', () => {
    const folder = mkdtempSync(join(tmpdir(), 'sumus not built '));
    try {
      mkdirSync(join(folder, 'bin'));
      const copy = join(folder, 'bin', 'sumus.mjs');
      copyFileSync(launcher, copy);
      const { status, stderr } = sumus(['--help'], { launcher: copy });
      expect(status).toBe(1);
      expect(stderr).toContain('npm run build');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('sumus doctor', () => {
  it('finds this machine fit, since the tests run on it', () => {
    const { status, stdout } = sumus(['doctor']);
    expect(status).toBe(0);
    expect(stdout).toContain(process.version);
    expect(stdout).toContain('Sumus works here.');
  });

  it('gives the same as one JSON object on one line', () => {
    const { status, stdout } = sumus(['doctor', '--json']);
    expect(status).toBe(0);
    expect(stdout.trim().split('\n')).toHaveLength(1);
    const { healthy, findings } = JSON.parse(stdout);
    expect(healthy).toBe(true);
    const names = findings.map((finding: { name: string }) => finding.name);
    expect(names).toEqual(['Node.js', 'engine', 'primitives', 'memory', 'Chromium', 'PostgreSQL']);
    expect(findings.find((finding: { name: string }) => finding.name === 'engine').found).toBe(true);
  });

  it('names a browser that is not there, and is healthy without one', () => {
    const { status, stdout } = sumus(['doctor', '--json'], { env: { CHROMIUM: '/nowhere/chromium' } });
    expect(status).toBe(0);
    const browser = JSON.parse(stdout).findings.find((finding: { name: string }) => finding.name === 'Chromium');
    expect(browser).toMatchObject({ found: false, detail: expect.stringContaining('/nowhere/chromium') });
  });
});

describe('sumus parameters', () => {
  it('shows every set with its bits and its limit, none above it', () => {
    const { status, stdout } = sumus(['parameters', '--json']);
    expect(status).toBe(0);
    const { sets } = JSON.parse(stdout);
    expect(sets.length).toBeGreaterThan(0);
    for (const set of sets) expect(set.modulusBits, set.name).toBeLessThanOrEqual(set.limitBits);
    const table = sumus(['parameters']).stdout;
    for (const set of sets) expect(table).toContain(`${set.name} `);
  });

  it('says how large a vector of a sum becomes, and that it is more for more parties', () => {
    const bytesFor = (parties: number): number => {
      const words = ['parameters', 'sums', '--values', '100000', '--parties', String(parties), '--json'];
      const { status, stdout } = sumus(words);
      expect(status).toBe(0);
      const answer = JSON.parse(stdout);
      expect(answer.modulusBits).toBeLessThanOrEqual(answer.limitBits);
      return answer.bytesPerVector;
    };
    expect(bytesFor(1000)).toBeGreaterThan(bytesFor(2));
  });

  it.each([
    [['--values', '10'], '--parties'],
    [['--values', 'ten', '--parties', '3'], 'ten'],
    [['--values', '10', '--parties', '3', '--value-bits', '60'], '60'],
  ])('refuses sums with %j, naming what is wrong', (words, named) => {
    const { status, stdout, stderr } = sumus(['parameters', 'sums', ...words]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(named);
  });
});
