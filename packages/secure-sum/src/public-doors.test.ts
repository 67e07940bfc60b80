// The doors that the coordinator enters reach no file that holds a secret: the rule of architecture.test.ts, held here for the
// rooms themselves, before any server stands behind it.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = import.meta.dirname;
const publicDoors = ['beacon', 'context', 'identity', 'log', 'messages', 'roster', 'canonical'].map(
  (room) => `${room}/index.ts`,
);

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

describe('the doors of the coordinator', () => {
  it.each([...publicDoors, 'primitives.ts', 'errors.ts', 'boxes/pair-seed.ts', 'floors/index.ts'])(
    '%s reaches no secret',
    (door) => {
      expect(secretsBehind(door)).toEqual([]);
    },
  );

  it.each([
    'coordinator.ts',
    'mask/coordinator/index.ts',
    'one-shot/coordinator/index.ts',
    'threshold/coordinator.ts',
    'machine/outputs.ts',
    'cohorts/index.ts',
  ])('%s reaches no secret', (door) => {
    expect(secretsBehind(door)).toEqual([]);
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
    for (const door of ['mask/index.ts', 'one-shot/index.ts', 'one-shot/committee/index.ts', 'threshold/index.ts']) {
      expect(secretsBehind(door), door).not.toEqual([]);
    }
  });
});
