import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ARTEFACTS } from './artefacts.ts';
import { Exhibit } from './fact.ts';
import { exhibitTests, readTestReport, TESTS } from './tests.ts';

const root = join(import.meta.dirname, '../../../..');
const [first] = TESTS;
const reportOf = (status: string): string =>
  JSON.stringify({
    testResults: [
      { name: `C:\\house\\${first!.file.replaceAll('/', '\\')}`, assertionResults: [{ title: first!.name, status }] },
    ],
  });

describe('the tests that speak for an artefact', () => {
  it('exist under their names', () => {
    expect(TESTS.length).toBeGreaterThan(15);
    const missing = TESTS.filter(({ file, name }) => {
      const path = join(root, file);
      return (
        !existsSync(path) ||
        !new RegExp(`['\`]${name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}`).test(readFileSync(path, 'utf8'))
      );
    });
    expect(missing.map(({ file, name }) => `${file}: ${name}`)).toEqual([]);
    expect(TESTS.every(({ artefact }) => artefact >= 1 && artefact <= ARTEFACTS.length)).toBe(true);
  });

  it('are shown by a report that has them, contradict where they failed, and are not shown without one', () => {
    const exhibited = (report: string | undefined): Exhibit => {
      const exhibit = new Exhibit();
      exhibitTests(exhibit, first!.artefact, report === undefined ? undefined : readTestReport(report, '0'.repeat(64)));
      return exhibit;
    };
    expect(exhibited(undefined).facts).toEqual([]);
    expect(exhibited(undefined).notShown[0]).toContain(first!.name);
    expect(exhibited(reportOf('passed')).facts).toMatchObject([{ text: first!.shows, holds: true }]);
    expect(exhibited(reportOf('failed')).facts).toMatchObject([{ holds: false }]);
  });

  it('are not read from what is no report, or has no test that ran', () => {
    for (const text of ['', '[]', '{}', '{"testResults":[{}]}', reportOf('skipped'), '{"testResults":{}}']) {
      expect(() => readTestReport(text, '0'.repeat(64)), text).toThrow(/test report/);
    }
  });
});
