// A named rule of consistency: where it looks, when it is broken, why, and what to do next.

import type { Plan } from './plan.ts';

export interface Rule<Name extends string> {
  readonly rule: Name;
  readonly path: string;
  readonly broken: (plan: Plan) => boolean;
  /** Goes on from the path: "contributors.minimum is 2: …". */
  readonly what: (plan: Plan) => string;
  readonly next: string;
}
