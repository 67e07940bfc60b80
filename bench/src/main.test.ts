// npm run bench as a process: what a program that reads its stdout relies on. Needs a build (npm test does it).
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

function bench(...words: string[]) {
  const main = join(import.meta.dirname, '..', 'dist', 'main.js');
  const { status, stdout } = spawnSync(process.execPath, [main, ...words], { encoding: 'utf8' });
  return { status, lines: stdout.trimEnd().split('\n') };
}

describe('the bench process', () => {
  it('lists its benches', () => {
    const { status, lines } = bench();
    expect(status).toBe(0);
    expect(lines.slice(1).every((line) => /^ {2}\S+ +\S/.test(line))).toBe(true);
    expect(lines.length).toBeGreaterThan(1);
  });

  it('gives the report as the last line, with the runtime and the processor it ran on', () => {
    const { status, lines } = bench('chacha20', '--smoke', '--json');
    expect(status).toBe(0);
    const report = JSON.parse(lines.at(-1) ?? '');
    expect(Object.keys(report)).toEqual(['bench', 'smoke', 'runtime', 'cpu', 'results', 'targets']);
    expect(report).toMatchObject({ bench: 'chacha20', smoke: true, runtime: expect.stringContaining(process.version) });
    expect(report.results.map((result: { name: string }) => result.name)).toContain('ChaCha20, Node (OpenSSL)');
  });

  it('exits with 2 when there is no such bench', () => {
    expect(bench('nothing').status).toBe(2);
  });
});
