import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPageBuild, requireBuild } from './page-build.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const PAGE = '<!doctype html><title>pages</title>';
let folder: string;

function writeList(files: Readonly<Record<string, string>>): string {
  const list = `${JSON.stringify(files, null, 2)}\n`;
  writeFileSync(join(folder, 'files.json'), list);
  return sha256(list);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sumus-pages-'));
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'join.html'), PAGE);
  writeFileSync(join(folder, 'assets', 'a.js'), 'export {};');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a build of the pages', () => {
  it('is the files of its list, and its hash is that of the list', () => {
    const hash = writeList({ 'join.html': sha256(PAGE), 'assets/a.js': sha256('export {};') });
    writeFileSync(join(folder, 'beside.js'), 'nobody listed this');
    const build = readPageBuild(folder);
    expect(build.hash).toBe(hash);
    expect([...build.files.keys()].sort()).toEqual(['/assets/a.js', '/files.json', '/join.html']);
  });

  it('with a file that was changed, or that is gone, is not served', () => {
    const files = { 'join.html': sha256(PAGE), 'assets/a.js': sha256('export {};') };
    writeList(files);
    writeFileSync(join(folder, 'assets', 'a.js'), 'export { };');
    expect(() => readPageBuild(folder)).toThrow(/assets\/a\.js is another file/);
    rmSync(join(folder, 'assets', 'a.js'));
    expect(() => readPageBuild(folder)).toThrow(/assets\/a\.js is missing/);
  });

  it('does not reach out of its folder, and is a list', () => {
    for (const name of ['../join.html', '/etc/passwd', 'assets/../join.html', '.hidden', 'a\\b']) {
      writeList({ [name]: sha256(PAGE) });
      expect(() => readPageBuild(folder)).toThrow(/files\.json names/);
    }
    for (const text of ['[]', 'null', '{']) {
      writeFileSync(join(folder, 'files.json'), text);
      expect(() => readPageBuild(folder)).toThrow(/files\.json/);
    }
    rmSync(join(folder, 'files.json'));
    expect(() => readPageBuild(folder)).toThrow(/npm run pages/);
  });

  it('that is another one than was published is refused, with both hashes', () => {
    const hash = writeList({ 'join.html': sha256(PAGE) });
    const build = readPageBuild(folder);
    requireBuild(build, hash);
    requireBuild(build, hash.toUpperCase());
    expect(() => requireBuild(build, 'ab'.repeat(32))).toThrow(new RegExp(`${hash}[^]*${'ab'.repeat(32)}`));
    expect(() => requireBuild(build, hash.slice(1))).toThrow(/64 hexadecimal/);
  });
});
