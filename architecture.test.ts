// Holds the never-list of docs/architecture.md by walking the import graph of the whole tree, and is itself tested: every
// rule must catch its planted violations in a small house that is otherwise clean.
import { describe, expect, it } from 'vitest';
import { cyclesOf, graphOf } from './architecture/graph.ts';
import { clean, plant, planted } from './architecture/planted.ts';
import { type Rule, violationsOf } from './architecture/rules.ts';
import { readTree } from './architecture/tree.ts';

describe('the rules, on planted houses', () => {
  it('find nothing in a clean house', () => {
    expect(violationsOf(clean)).toEqual([]);
  });

  it.each(planted)('catch $what', ({ rule, files }) => {
    const found = violationsOf(plant(files));
    expect(found.map((violation) => violation.rule)).toContain(rule);
  });

  it('have a planted violation each', () => {
    const rules: Record<Rule, true> = {
      leaf: true,
      arrow: true,
      app: true,
      world: true,
      'blind server': true,
      'deep import': true,
      undeclared: true,
      cycle: true,
      barrel: true,
      drawer: true,
      everywhere: true,
      'unknown room': true,
    };
    expect(new Set(planted.map((one) => one.rule))).toEqual(new Set(Object.keys(rules)));
  });

  it('say where, and by which path the server could look', () => {
    const found = violationsOf(
      plant({ 'packages/federation/src/coordinator.ts': `+export { key } from '@sumus/secure-sum/participant';` }),
    );
    expect(found.find((one) => one.rule === 'blind server')?.what).toBe(
      'participant code: apps/server/src/main.ts → packages/federation/src/coordinator.ts → packages/secure-sum/src/participant.ts',
    );
  });

  it('find every cycle of a graph that has two, and none in a diamond', () => {
    const two = graphOf([
      ['a', 'b'],
      ['b', 'a'],
      ['b', 'c'],
      ['c', 'c'],
    ]);
    expect(cyclesOf(two)).toEqual([
      ['a', 'b', 'a'],
      ['c', 'c'],
    ]);
    const diamond = graphOf([
      ['a', 'b'],
      ['a', 'c'],
      ['b', 'd'],
      ['c', 'd'],
    ]);
    expect(cyclesOf(diamond)).toEqual([]);
  });
});

describe('this house', () => {
  const tree = readTree(import.meta.dirname);

  it('keeps every rule', () => {
    expect(violationsOf(tree).map(({ rule, where, what }) => `${rule} · ${where} · ${what}`)).toEqual([]);
  });

  it('is seen whole: a violation planted in the real tree is caught', () => {
    const path = [...tree.keys()].find((one) => /^packages\/lattice\/src\/(?!.*\.(test|contract)\.).*\.ts$/.test(one));
    expect(path).toBeDefined();
    const spoilt = new Map(tree).set(path ?? '', `${tree.get(path ?? '')}\nexport const now = Date.now();`);
    expect(violationsOf(spoilt).map((one) => one.rule)).toContain('world');
  });

  describe('with a server that enters by the door of coordinators', () => {
    const door = 'packages/secure-sum/src/coordinator.ts';
    // Only the rooms behind the door: what a server sees does not depend on the others.
    const rooms = [...tree].filter(([path]) =>
      /^(package\.json$|packages\/(secure-sum|lattice|platform)\/)/.test(path),
    );
    const seen = (...lines: readonly string[]): string[] => {
      const house = new Map(rooms)
        .set(door, [tree.get(door), ...lines].join('\n'))
        .set(
          'apps/server/package.json',
          JSON.stringify({ name: '@sumus/server', dependencies: { '@sumus/secure-sum': '0.1.0' } }),
        )
        .set('apps/server/src/main.ts', `import * as sums from '@sumus/secure-sum/coordinator';\nexport { sums };`);
      return violationsOf(house)
        .filter(({ rule }) => rule === 'blind server')
        .map(({ where, what }) => `${where} · ${what.split(':')[0]}`);
    };

    it('lets it see nothing', () => {
      expect(tree.has(door)).toBe(true);
      expect(seen()).toEqual([]);
    });

    it('catches paths to boxes, members, participants, one-time keys and decryption, planted in the door', () => {
      const found = seen(
        `export * as boxes from './boxes/index.ts';`,
        `export { stepMember } from './threshold/index.ts';`,
        `export * as participants from './mask/index.ts';`,
        `export type { OneTimeKey } from '@sumus/lattice/one-time';`,
        `export { decrypt } from '@sumus/lattice/integers';`,
      );
      expect(found).toEqual(
        expect.arrayContaining([
          'packages/secure-sum/src/boxes/channel.ts · secret keys',
          'packages/secure-sum/src/secret-bytes.ts · secret keys',
          'packages/lattice/src/shared-keys/decryption-ledger.ts · decryption',
          'packages/lattice/src/one-time/one-time-key.ts · one-time keys',
          'packages/lattice/src/integers/decrypt.ts · decryption',
        ]),
      );
      expect(found.some((line) => line.endsWith('participant code'))).toBe(true);
    });
  });
});
