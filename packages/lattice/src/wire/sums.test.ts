import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

// A server that only adds enters by sums.ts. No import path from there, not even a type's, leads to a module that exports something
// secret or that decrypts: the rule that architecture.test.ts holds for the server itself, held here where the door is.

function reachable(from: string, seen = new Set<string>()): Set<string> {
  if (seen.has(from) || !existsSync(from)) return seen;
  seen.add(from);
  for (const [, specifier] of readFileSync(from, 'utf8').matchAll(/from '(\.[^']+)'/g)) {
    reachable(join(dirname(from), specifier), seen);
  }
  return seen;
}

const offends = (file: string): boolean =>
  /\/decrypt[^/]*$/.test(file) ||
  /export (?:async )?(?:function|class|const|interface|type) \w*secret/i.test(readFileSync(file, 'utf8'));

// A single contributor's one-time key is a secret, too.
const isKeyOfOne = (file: string): boolean => /one-time\/(one-time-key|key-sharing|encrypt-once)\.ts$/.test(file);

const from = (door: string): string[] => [...reachable(join(import.meta.dirname, door))];

it.each(['sums.ts', '../integers/sums.ts', '../one-time/sums.ts'])(
  'the door for servers that add, %s, reaches nothing secret',
  (door) => {
    expect(from(door).filter(offends)).toEqual([]);
    expect(from(door).filter(isKeyOfOne)).toEqual([]);
    expect(from(door).length).toBeGreaterThan(20);
  },
);

it.each([
  ['secrets.ts', 'secret-key.ts'],
  ['../integers/index.ts', 'decrypt.ts'],
])('the walk would notice: %s reaches %s', (door, file) => {
  expect(
    from(door)
      .filter(offends)
      .some((one) => one.endsWith(file)),
  ).toBe(true);
  expect(from('../one-time/index.ts').filter(isKeyOfOne)).toHaveLength(3);
});
