// What the documents say exists, exists: links, paths, commands; and what the code cites stands in docs/references.md.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = import.meta.dirname;
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

function files(folder: string, wanted: RegExp): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) {
      return /^(node_modules|dist|\.git|\.vite|coverage)$/.test(entry.name) ? [] : files(path, wanted);
    }
    return wanted.test(entry.name) ? [path] : [];
  });
}

interface Problem {
  readonly where: string;
  readonly what: string;
}

const firstFolders = 'packages|apps|bench|examples|simulation|docs|scripts|architecture|\\.ci';

/** Links and named paths of a document that lead nowhere. */
function deadEnds(document: string, text: string, exists: (path: string) => boolean): Problem[] {
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)].map(([, target]) =>
    join(dirname(document), target!),
  );
  const named = [...text.matchAll(new RegExp(`\`((?:${firstFolders})/[\\w./-]+)\``, 'g'))].map(([, path]) => path!);
  return [...links, ...named].filter((path) => !exists(path)).map((path) => ({ where: document, what: path }));
}

/** `npm run x` of a document that package.json does not have. */
function unknownCommands(document: string, text: string, scripts: ReadonlySet<string>): Problem[] {
  const run = [...text.matchAll(/npm (?:run ([\w:-]+)|(start|test)\b)/g)].map(
    ([, script, short]) => (script ?? short)!,
  );
  return run.filter((script) => !scripts.has(script)).map((script) => ({ where: document, what: `npm run ${script}` }));
}

/** Numbers of papers and standards, in one spelling. */
function citations(text: string): string[] {
  const found = text.matchAll(/\b(eprint|arXiv|RFC|FIPS)[ :]?(\d{4}\/\d+|\d{4}\.\d{4,5}|\d{4}\b|\d{3}-\d)/gi);
  return [...found].map(([, series, number]) => `${series!.toLowerCase()} ${number}`);
}

// A plan may name what is not there yet; nothing else may.
const planned = /^apps\/(server|web)(\/|$)/;
const exists = (path: string): boolean => planned.test(path) || existsSync(join(root, path));
const scripts = new Set(Object.keys(JSON.parse(read('package.json')).scripts));
const documents = files('', /\.md$/);

describe('the documents', () => {
  it('are found at all', () => {
    expect(documents).toEqual(expect.arrayContaining(['README.md', 'docs/architecture.md', 'apps/cli/README.md']));
  });

  it('link and name only what exists', () => {
    expect(documents.flatMap((document) => deadEnds(document, read(document), exists))).toEqual([]);
  });

  it('name only commands that package.json has', () => {
    expect(documents.flatMap((document) => unknownCommands(document, read(document), scripts))).toEqual([]);
  });

  it('have a line in docs/references.md for every paper and standard that the code or a document cites', () => {
    const known = new Set(citations(read('docs/references.md')));
    const citing = [
      ...documents,
      ...files('packages', /\.ts$/),
      ...files('apps', /\.ts$/),
      ...files('bench', /\.ts$/),
      ...files('examples', /\.ts$/),
      ...files('simulation', /\.ts$/),
    ];
    const missing = citing
      .filter((path) => !path.endsWith('.wasm.ts'))
      .flatMap((path) => citations(read(path)).map((citation) => ({ where: path, what: citation })))
      .filter(({ what }) => !known.has(what));
    expect(missing).toEqual([]);
  });

  it('list every decision note', () => {
    const index = read('docs/decisions/README.md');
    const notes = readdirSync(join(root, 'docs/decisions')).filter((name) => name !== 'README.md');
    expect(notes.length).toBeGreaterThan(0);
    for (const note of notes) expect(index).toContain(`](${note})`);
  });
});

describe('the checks of documents', () => {
  it('find a dead link, a path that is not there and a command nobody has', () => {
    const text =
      'See [a](b.md), [c](https://example.org/x), `packages/lattice/src/gone.ts`, `npm run dance`, npm test.';
    const none = (): boolean => false;
    expect(deadEnds('docs/x.md', text, none).map((one) => one.what)).toEqual([
      'docs/b.md',
      'packages/lattice/src/gone.ts',
    ]);
    expect(unknownCommands('x.md', text, new Set(['test'])).map((one) => one.what)).toEqual(['npm run dance']);
    expect(deadEnds('docs/x.md', text, () => true)).toEqual([]);
  });

  it('read a citation in every spelling', () => {
    const text = '(eprint 2024/463), arXiv:1205.2926, arXiv 2602.22037; RFC 8439 §2.4, RFC8032, FIPS 180-4';
    expect(citations(text)).toEqual([
      'eprint 2024/463',
      'arxiv 1205.2926',
      'arxiv 2602.22037',
      'rfc 8439',
      'rfc 8032',
      'fips 180-4',
    ]);
  });
});
