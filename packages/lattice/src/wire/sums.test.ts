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

it('the door for servers that add reaches nothing secret, and the walk would notice', () => {
  const from = (door: string): string[] => [...reachable(join(import.meta.dirname, door))].filter(offends);
  expect(from('sums.ts')).toEqual([]);
  expect(reachable(join(import.meta.dirname, 'sums.ts')).size).toBeGreaterThan(20);
  expect(from('secrets.ts').some((file) => file.endsWith('secret-key.ts'))).toBe(true);
});
