// The contract of Primitives: one list of clauses that node.ts and web.ts both keep, in Node and in a browser.

import { describe, expect, test } from 'vitest';
import type { Clause } from './clause.contract.ts';
import { curveClauses } from './curves.contract.ts';
import type { Primitives } from './primitives.ts';
import { symmetricClauses } from './symmetric.contract.ts';

export const clauses: readonly Clause[] = [...symmetricClauses, ...curveClauses];

export function describeContract(platform: string, load: () => Primitives | Promise<Primitives>): void {
  describe(`the contract of Primitives, kept by ${platform}`, () => {
    test('has clauses', () => {
      expect(clauses.length).toBeGreaterThan(20);
    });
    for (const { name, holds } of clauses) {
      test(name, async () => {
        await holds(await load());
      });
    }
  });
}
