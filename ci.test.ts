// The last line of .ci/run is what a reader goes by: it must never sound better than the runs were.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

interface Suite {
  readonly status: string;
  readonly assertionResults: readonly { readonly status: string }[];
}

function report(passed: number, failed: number, skipped: number, testResults: readonly Suite[] = []): string {
  const counts = { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped, numTodoTests: 0 };
  return JSON.stringify({ ...counts, testResults });
}

function closingLine(reports: Record<string, string>, failedSteps: number) {
  const folder = mkdtempSync(join(tmpdir(), 'sumus reports '));
  try {
    for (const [name, text] of Object.entries(reports)) writeFileSync(join(folder, name), text);
    const script = join(import.meta.dirname, '.ci', 'closing-lines.mjs');
    const { status, stdout } = spawnSync(process.execPath, [script, folder, String(failedSteps)], { encoding: 'utf8' });
    return { status, last: stdout.trimEnd().split('\n').at(-1) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('the closing line of CI', () => {
  it('adds up all runs', () => {
    const reports = { 'node.json': report(100, 0, 3), 'chromium.json': report(20, 0, 0) };
    expect(closingLine(reports, 0)).toEqual({ status: 0, last: '120 passed, 0 failed, 3 skipped' });
  });

  it('is plain when nothing was skipped', () => {
    expect(closingLine({ 'node.json': report(7, 0, 0) }, 0).last).toBe('7 passed, 0 failed');
  });

  it('counts a suite that could not be loaded as a failure, and one with a failing test only once', () => {
    const broken: Suite = { status: 'failed', assertionResults: [] };
    const failing: Suite = { status: 'failed', assertionResults: [{ status: 'failed' }] };
    expect(closingLine({ 'node.json': report(7, 1, 0, [broken, failing]) }, 1).last).toBe('7 passed, 2 failed');
  });

  it('counts steps that failed without a failing test', () => {
    expect(closingLine({ 'node.json': report(7, 0, 0) }, 2).last).toBe('7 passed, 2 failed');
  });

  it('counts a report that was cut short', () => {
    expect(closingLine({ 'node.json': report(7, 0, 0), 'node-22.json': '{"numPass' }, 0).last).toBe(
      '7 passed, 1 failed',
    );
  });

  it('does not call it a success when nothing was tested', () => {
    expect(closingLine({}, 0)).toEqual({ status: 1, last: '0 passed, 0 failed' });
  });
});
