// What a clause of the contract of Primitives is: a function, not a test, so that contract.test.ts can also run it over
// planted breaks and see it fail.

import type { Primitives } from './primitives.ts';

export interface Clause {
  /** A sentence about primitives that keep the contract. */
  readonly name: string;
  readonly holds: (primitives: Primitives) => void | Promise<void>;
}
