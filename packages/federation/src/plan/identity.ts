// A plan's identity is the SHA-256 of its canonical JSON (members sorted, no white space, UTF-8): `sha256sum` of the text that
// canonicalPlan writes gives the same. A signature is over that hash under a label of its own. Speed knobs are in neither.

import { canonicalJson } from '@sumus/differential-privacy/mechanisms';
import type { Hashing, PublicPrimitives, Signer } from '@sumus/secure-sum/primitives';
import { statementOf } from '../canonical/statement.ts';
import { bytesOfHex, hexOf, utf8Bytes } from '../canonical/utf8.ts';
import { ProtocolViolation } from '../errors.ts';
import type { CheckedPlan } from './check.ts';
import type { Plan } from './plan.ts';
import type { SignedPlan } from './plan-file.ts';

export const canonicalPlan = (plan: Plan): string => canonicalJson(plan);

/** 32 bytes. */
export const planHash = (primitives: Hashing, plan: Plan): Uint8Array<ArrayBuffer> =>
  primitives.sha256(utf8Bytes(canonicalPlan(plan)));

/** The hash in hexadecimal: how people and files name a plan. */
export const planId = (primitives: Hashing, plan: Plan): string => hexOf(planHash(primitives, plan));

export async function signPlan(primitives: Hashing, signer: Signer, plan: CheckedPlan): Promise<SignedPlan> {
  const hash = planHash(primitives, plan);
  const signature = await signer.sign(statementOf('sumus/1/plan', hash));
  return Object.freeze({
    plan,
    id: hexOf(hash),
    signedBy: hexOf(signer.publicKey),
    signature: hexOf(signature),
  });
}

declare const verified: unique symbol;

/** A plan with the signature of the key that the reader trusts. */
export interface VerifiedPlan extends SignedPlan {
  readonly [verified]: true;
}

export async function verifyPlan(
  primitives: PublicPrimitives,
  signed: SignedPlan,
  trustedKey: Uint8Array,
): Promise<VerifiedPlan> {
  const hash = planHash(primitives, signed.plan);
  if (hexOf(hash) !== signed.id) {
    throw new ProtocolViolation(
      `the plan's hash is ${hexOf(hash)}, not ${signed.id}: it was changed after it was named`,
    );
  }
  if (signed.signedBy !== hexOf(trustedKey)) {
    throw new ProtocolViolation(`the plan is signed by ${signed.signedBy}, not by the trusted ${hexOf(trustedKey)}`);
  }
  const signature = bytesOfHex(signed.signature);
  if (!(await primitives.ed25519.verify(trustedKey, statementOf('sumus/1/plan', hash), signature))) {
    throw new ProtocolViolation(`the signature of plan ${signed.id} is not that of ${signed.signedBy}`);
  }
  // The brand: this is the only place that gives it.
  return Object.freeze({ ...signed }) as VerifiedPlan;
}
