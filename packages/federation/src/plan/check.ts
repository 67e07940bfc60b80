// From any JSON value to a plan that can be run: members and ranges by the schema, what goes together by the rules of consistency.ts.
// Everything that is wrong is said at once. Only what was checked here is a CheckedPlan, and only that is signed, judged or run.

import { check } from '../schema/objects.ts';
import type { Problem } from '../schema/schema.ts';
import { inconsistencies, type RuleName } from './consistency.ts';
import type { Plan } from './plan.ts';
import { planSchema } from './plan-schema.ts';

declare const checked: unique symbol;

/** Frozen, complete, in range and consistent. */
export type CheckedPlan = Plan & { readonly [checked]: true };

export interface PlanProblem extends Problem {
  /** The rule that was broken, where it is one of consistency. */
  readonly rule?: RuleName;
}

export type PlanCheck =
  | { readonly kind: 'valid'; readonly plan: CheckedPlan }
  | { readonly kind: 'invalid'; readonly problems: readonly PlanProblem[] };

export function checkPlan(value: unknown): PlanCheck {
  const read = check(planSchema, value);
  if (read.kind === 'invalid') return read;
  const problems = inconsistencies(read.value);
  if (problems.length > 0) return { kind: 'invalid', problems };
  // The brand: this is the only place that gives it. The schema froze the value.
  return { kind: 'valid', plan: read.value as CheckedPlan };
}
