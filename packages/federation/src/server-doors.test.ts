// The doors that a server enters reach no secret, no training and no data, through whatever packages: the rule of architecture.test.ts
// for the server, held here for the doors themselves, before any server stands behind them.
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..', '..');

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, { readonly default: string }>>;
}
const manifestOf = (folder: string): Manifest => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));

function sourceOf(folder: string, door: string): string {
  const target = manifestOf(folder).exports[door];
  if (target === undefined) throw new Error(`${folder} has no door ${door}`);
  return join(folder, target.default.replace('./dist/', 'src/').replace(/\.js$/, '.ts'));
}

/** What a file imports of the workspace, erased imports included. */
function importsOf(file: string): readonly string[] {
  const found: string[] = [];
  for (const [, target = ''] of readFileSync(join(root, file), 'utf8').matchAll(/(?:from|import) '([^']+)'/g)) {
    const [, name = '', door = ''] = /^@sumus\/([^/]+)\/(.+)$/.exec(target) ?? [];
    if (target.startsWith('.')) found.push(relative(root, join(root, dirname(file), target)));
    else if (name !== '') found.push(sourceOf(`packages/${name}`, `./${door}`));
  }
  return found;
}

function reachedFrom(start: string): readonly string[] {
  const reached = new Set([start]);
  for (const file of reached) for (const next of importsOf(file)) reached.add(next);
  return [...reached];
}

const exportsSecret = (file: string): boolean =>
  /^export (?:(?:abstract|async|declare|const|class|function|interface|type|let) )+\w*secret/im.test(
    readFileSync(join(root, file), 'utf8'),
  );
const isClosed = (file: string): boolean =>
  /^packages\/(learning|dataset)\//.test(file) ||
  /\/src\/(.*\/)?(participants?[./]|decrypt)/.test(file) ||
  /^packages\/federation\/src\/(policy|model|training|explain|worker)\//.test(file) ||
  exportsSecret(file);

const closedBehind = (door: string): readonly string[] =>
  reachedFrom(sourceOf('packages/federation', door)).filter(isClosed);

describe('the doors that a server enters', () => {
  it.each(['./plan', './ledger', './errors', './coordinator'])(
    '%s reaches no secret, no training and no data',
    (door) => {
      expect(closedBehind(door)).toEqual([]);
    },
  );

  it('are told from those of participants', () => {
    expect(closedBehind('./model')).toContain('packages/learning/src/model/index.ts');
    expect(closedBehind('./policy')).toContain('packages/secure-sum/src/secret-primitives.ts');
    expect(closedBehind('./explain')).not.toEqual([]);
  });
});
