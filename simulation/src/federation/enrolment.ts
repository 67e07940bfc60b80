// Who is who in a simulated federation: an owner who signs the plan, an authority who vouches for members, a server, and members with keys and
// a policy of their own that says yes to this very plan. All keys follow from the seed, which is the difference to a federation.

import {
  type CheckedPlan,
  checkPlan,
  type SignedPlan,
  signPlan,
  type VerifiedPlan,
  verifyPlan,
} from '@sumus/federation/plan';
import { CAUTIOUS_POLICY, type Policy } from '@sumus/federation/policy';
import type { Primitives } from '@sumus/platform/primitives';
import { SecretKey } from '@sumus/platform/primitives';
import { type Certificate, certify, memberId } from '@sumus/secure-sum/identity';
import type { Signer } from '@sumus/secure-sum/primitives';
import { freshSecretKey, type SecretPrimitives, signerOf } from '@sumus/secure-sum/secret-primitives';
import { type Seed, seededBytes } from '../seeds/seeded.ts';

export const PROJECT = 'simulation';
export const DATASET = 'simulated';

export interface Enrolled {
  readonly name: string;
  readonly signer: Signer;
  readonly certificate: Certificate;
  /** Randomness, keys, noise and batches of this member follow from the seed and its name. */
  readonly primitives: SecretPrimitives & Primitives;
}

export interface Enrolment {
  readonly plan: SignedPlan;
  readonly verified: VerifiedPlan;
  /** The owner's key, who signed the plan. */
  readonly owner: Signer;
  readonly authority: Signer;
  readonly server: Signer;
  readonly members: readonly Enrolled[];
  readonly policy: Policy;
}

export interface EnrolmentOptions {
  readonly platform: Primitives;
  readonly plan: CheckedPlan;
  readonly names: readonly string[];
  readonly seed: Seed;
  readonly nowMs: number;
}

const DAY_MS = 24 * 60 * 60 * 1000;

export function seededPrimitives(platform: Primitives, seed: Seed, stream: string): SecretPrimitives & Primitives {
  return { ...platform, secretKeys: SecretKey, randomBytes: seededBytes(platform, seed, stream) };
}

export async function enrol({ platform, plan, names, seed, nowMs }: EnrolmentOptions): Promise<Enrolment> {
  const identity = async (stream: string): Promise<readonly [SecretPrimitives & Primitives, Signer]> => {
    const primitives = seededPrimitives(platform, seed, stream);
    return [primitives, await signerOf(primitives, freshSecretKey(primitives, 'ed25519'))];
  };
  const [, owner] = await identity('owner');
  const [, authority] = await identity('authority');
  const [, server] = await identity('server');
  // Where anybody is admitted, the coordinator's own word is what a certificate is worth.
  const isOpen = plan.contributors.admission.kind === 'open';
  const office = isOpen ? server : authority;
  const signed = await signPlan(platform, owner, withAuthority(plan, authority));
  const members: Enrolled[] = [];
  for (const name of names) {
    const [primitives, signer] = await identity(`member ${name}`);
    const certificate = await certify(office, {
      projectId: PROJECT,
      memberId: memberId(name),
      role: plan.contributors.population === 'devices' ? 'device' : 'silo',
      publicKey: signer.publicKey,
      notBeforeMs: nowMs - DAY_MS,
      notAfterMs: nowMs + 3650 * DAY_MS,
      quotaClass: 'simulated',
    });
    members.push({ name, signer, certificate, primitives });
  }
  const verified = await verifyPlan(platform, signed, owner.publicKey);
  return { plan: signed, verified, owner, authority, server, members, policy: policyFor(signed) };
}

/** Nobody but its owner has the key of a plan's authority: a simulation puts its own in its place, and so runs a plan of another hash. */
function withAuthority(plan: CheckedPlan, { publicKey }: Signer): CheckedPlan {
  if (plan.contributors.admission.kind === 'open') return plan;
  const admission = { kind: 'invitation', authority: Buffer.from(publicKey).toString('hex') } as const;
  const check = checkPlan({ ...plan, contributors: { ...plan.contributors, admission } });
  if (check.kind === 'invalid') throw new RangeError('the plan is none without its own authority');
  return check.plan;
}

/** Allows this plan and no other: everything that the participant's own file could forbid is as the plan has it. */
export function policyFor({ plan, signedBy }: SignedPlan): Policy {
  const { contributors, batching, protection, openedTo, privacy, metrics, exchange } = plan;
  const unit = privacy.kind === 'none' ? 'record' : privacy.unit;
  return {
    ...CAUTIOUS_POLICY,
    plansSignedBy: [signedBy],
    admission: contributors.admission.kind,
    minimumContributors: contributors.minimum,
    corruptFraction: protection.kind === 'mask' ? protection.corruptFraction : 0,
    minimumUnits: batching.minimumUnits,
    countedIn: batching.countedIn,
    protections: [protection.kind],
    openedTo: [openedTo],
    releasePerTurn: 'release' in exchange && exchange.release.after === 'turn',
    budgets: [
      {
        dataset: DATASET,
        unit,
        epsilonAtMost: privacy.kind === 'none' ? null : privacy.epsilonAtMost,
        delta: privacy.kind === 'none' ? 1e-6 : privacy.delta,
      },
    ],
    architectures: { parametersAtMost: plan.model.parameterCount, layers: null },
    metrics: metrics.map(({ name, resolution, minimumUnits }) => ({ name, resolution, minimumUnits })),
    columnSumsWithoutNoise: true,
    bytes: { upPerRoundAtMost: 2 ** 40, downPerRoundAtMost: 2 ** 40, upAtMost: 2 ** 49 },
    roundsPerDayAtMost: 10 ** 6,
  };
}
