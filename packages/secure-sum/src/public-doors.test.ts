// The doors that the coordinator enters reach no file that holds a secret: the rule of architecture.test.ts, held here for the
// rooms themselves, before any server stands behind it.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = import.meta.dirname;

/** Everything that a file reaches by relative imports, erased ones included. */
function reachedFrom(start: string): string[] {
  const reached = new Set([start]);
  for (const file of reached) {
    for (const [, target] of readFileSync(join(root, file), 'utf8').matchAll(/from '(\.[^']+)'/g)) {
      reached.add(join(dirname(file), target!));
    }
  }
  return [...reached];
}

const exportsSecret = (file: string): boolean =>
  /^export (?:(?:abstract|async|declare|const|class|function|interface|type|let) )+\w*secret/im.test(
    readFileSync(join(root, file), 'utf8'),
  );

const secretsBehind = (door: string): string[] => reachedFrom(door).filter(exportsSecret);

/** The doors of package.json by the file they open. */
const doors = Object.entries(
  (JSON.parse(readFileSync(join(root, '../package.json'), 'utf8')) as { exports: Record<string, { default: string }> })
    .exports,
).map(([door, { default: built }]) => [door, built.replace('./dist/', '').replace(/\.js$/, '.ts')] as const);

/** Whoever holds secrets enters here; every other door is open to a server. */
const secretDoors = [
  './beacon/contributor',
  './boxes',
  './mask',
  './one-shot',
  './one-shot/committee',
  './secret-primitives',
  './threshold',
];

describe('the doors of the coordinator', () => {
  it.each(doors.filter(([door]) => !secretDoors.includes(door)))('%s reaches no secret', (_, file) => {
    expect(secretsBehind(file)).toEqual([]);
  });

  it.each(['canonical/index.ts', 'boxes/pair-seed.ts'])('%s reaches no secret', (file) => {
    expect(secretsBehind(file)).toEqual([]);
  });

  it('are in the order of their names, and those of secrets are what they say', () => {
    const names = doors.map(([door]) => door);
    expect(names).toEqual([...names].sort());
    expect(names).toEqual(expect.arrayContaining(secretDoors));
    for (const [door, file] of doors.filter(([door]) => secretDoors.includes(door))) {
      expect(secretsBehind(file), door).not.toEqual([]);
    }
  });

  it('gathers the coordinators of all protocols', () => {
    expect(reachedFrom('coordinator.ts')).toEqual(
      expect.arrayContaining([
        'mask/coordinator/index.ts',
        'one-shot/coordinator/index.ts',
        'threshold/coordinator.ts',
      ]),
    );
  });

  it('are told from those of participants', () => {
    expect(secretsBehind('boxes/index.ts')).toEqual(
      expect.arrayContaining(['boxes/channel.ts', 'secret-primitives.ts']),
    );
    expect(secretsBehind('beacon/contributor.ts')).toEqual(
      expect.arrayContaining(['beacon/contributor.ts', 'secret-bytes.ts']),
    );
  });
});
