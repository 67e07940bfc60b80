// A plan as a file: JSON of the plan alone, or of a signed plan with its hash and signature, with or without speed knobs. Reading checks
// everything; what is wrong is said all at once.

import { type Checked, check, object, optional, problemLine } from '../schema/objects.ts';
import { type Problem, type Schema, text, whole } from '../schema/schema.ts';
import { type CheckedPlan, checkPlan, type PlanProblem } from './check.ts';
import type { SpeedKnobs } from './plan.ts';
import { publicKey } from './plan-schema.ts';

export interface SignedPlan {
  readonly plan: CheckedPlan;
  /** SHA-256 of the canonical JSON, in hexadecimal. */
  readonly id: string;
  /** The Ed25519 key, in hexadecimal. */
  readonly signedBy: string;
  readonly signature: string;
}

export interface PlanFile {
  readonly plan: CheckedPlan;
  readonly signed: SignedPlan | undefined;
  readonly speed: SpeedKnobs;
}

const speedSchema: Schema<SpeedKnobs> = object<SpeedKnobs>({
  workers: optional(whole(1, 1024)),
  chunkBytes: optional(whole(1024, 2 ** 30)),
});

interface Envelope {
  readonly id: string;
  readonly signedBy: string;
  readonly signature: string;
}

const hexadecimal = (digits: number): Schema<string> =>
  text({
    atLeast: digits,
    atMost: digits,
    pattern: { source: `^[0-9a-f]{${digits}}$`, means: `${digits} hexadecimal digits` },
  });

const envelopeSchema: Schema<Envelope> = object<Envelope>({
  id: hexadecimal(64),
  signedBy: publicKey,
  signature: hexadecimal(128),
});

export type PlanFileRead =
  | { readonly kind: 'valid'; readonly file: PlanFile }
  | { readonly kind: 'invalid'; readonly problems: readonly PlanProblem[] };

/** Signatures are not checked here: verifyPlan does, for the key that the reader trusts. */
export function readPlanFile(source: string): PlanFileRead {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (cause) {
    const what = `is no JSON: ${cause instanceof Error ? cause.message : String(cause)}`;
    return { kind: 'invalid', problems: [{ path: '', what, next: 'mend the text at that place' }] };
  }
  if (typeof value !== 'object' || value === null || !('plan' in value)) return ofPlan(checkPlan(value), undefined, {});
  const { plan, speed = {}, ...envelope } = value as { plan: unknown; speed?: unknown };
  const knobs = check(speedSchema, speed);
  const rest: Checked<Envelope | undefined> =
    Object.keys(envelope).length === 0 ? { kind: 'valid', value: undefined } : check(envelopeSchema, envelope);
  const problems = [...problemsOf(knobs, 'speed.'), ...problemsOf(rest, '')];
  if (knobs.kind === 'invalid' || rest.kind === 'invalid') return { kind: 'invalid', problems };
  return ofPlan(checkPlan(plan), rest.value, knobs.value);
}

function problemsOf(checked: Checked<unknown>, prefix: string): readonly Problem[] {
  if (checked.kind === 'valid') return [];
  return checked.problems.map((one) => ({ ...one, path: `${prefix}${one.path}` }));
}

function ofPlan(
  checked: ReturnType<typeof checkPlan>,
  envelope: Envelope | undefined,
  speed: SpeedKnobs,
): PlanFileRead {
  if (checked.kind === 'invalid') return checked;
  const signed = envelope === undefined ? undefined : Object.freeze({ plan: checked.plan, ...envelope });
  return { kind: 'valid', file: Object.freeze({ plan: checked.plan, signed, speed }) };
}

/** What is wrong, a line each. */
export const problemLines = (problems: readonly PlanProblem[]): readonly string[] =>
  problems.map((one) => `${problemLine(one)}${one.rule === undefined ? '' : ` [${one.rule}]`}`);
