// The contract of Primitives: one list of clauses that node.ts and web.ts both keep, in Node and in a browser.
// A clause is a function, not a test, so that contract.test.ts can also run it over planted breaks and see it fail.

import { describe, expect, test } from 'vitest';
import { curveClauses } from './curves.contract.ts';
import type { Primitives } from './primitives.ts';
import { symmetricClauses } from './symmetric.contract.ts';

export interface Clause {
  /** A sentence about primitives that keep the contract. */
  readonly name: string;
  readonly holds: (primitives: Primitives) => void | Promise<void>;
}

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
