// The run that a round is measured in, as every process of the bench has it: who is who, the plan, and a member's policy. Keys are fresh.

import { architectureData } from '@sumus/federation/model';
import {
  type CheckedPlan,
  checkPlan,
  planTemplate,
  problemLines,
  type SignedPlan,
  signPlan,
} from '@sumus/federation/plan';
import { CAUTIOUS_POLICY, type Policy } from '@sumus/federation/policy';
import { architecture, parameterCount } from '@sumus/learning/model';
import { nodePrimitives } from '@sumus/platform/node';
import { SecretKey } from '@sumus/platform/primitives';
import { type Certificate, certify, memberId } from '@sumus/secure-sum/identity';
import type { Signer } from '@sumus/secure-sum/primitives';
import { freshSecretKey, type SecretPrimitives, signerOf } from '@sumus/secure-sum/secret-primitives';

export const PROJECT = 'bench';
export const RUN = 'round';
export const DATASET = 'numbers';
export const STARTS_AT_MS = 1_795_000_000_000;
export const ROUND_SECONDS = 600;
export const MESSAGE_BYTES_AT_MOST: number = 2 ** 28;

export interface RoundSize {
  readonly participants: number;
  /** Let every round pass when everybody waits for their words: they have shared their masks, and others open them. */
  readonly dropped: number;
  /** parameters = width · (inputs + 1). */
  readonly inputs: number;
  readonly width: number;
  /** The first one has what only comes once in it, and is left out. */
  readonly rounds: number;
}

export const ownPrimitives = (): SecretPrimitives & ReturnType<typeof nodePrimitives> => ({
  ...nodePrimitives(),
  secretKeys: SecretKey,
});

export const freshSigner = (primitives: SecretPrimitives): Promise<Signer> =>
  signerOf(primitives, freshSecretKey(primitives, 'ed25519'));

export const memberNames = ({ participants }: RoundSize): readonly string[] =>
  Array.from({ length: participants }, (_, at) => `member-${String(at).padStart(3, '0')}`);

export async function signedPlan(size: RoundSize, authority: Signer, owner: Signer): Promise<SignedPlan> {
  return signPlan(nodePrimitives(), owner, planOf(size, Buffer.from(authority.publicKey).toString('hex')));
}

function planOf({ participants, dropped, inputs, width, rounds }: RoundSize, authority: string): CheckedPlan {
  const model = architecture({ input: [inputs], layers: [{ kind: 'dense', units: width }] });
  const template = planTemplate({
    name: 'round',
    purpose: 'To see what a round costs.',
    architecture: architectureData(model),
    parameterCount: parameterCount(model),
    loss: 'crossEntropy',
    firstWeightsSeed: 1,
    schedule: 'synchronous',
    protection: 'mask',
    reason: 'numbers that belong to nobody',
    minimumContributors: participants - dropped,
    maximumContributors: participants,
    rounds,
    epsilon: null,
    delta: 1e-6,
    unit: 'record',
    uploadFraction: 1,
    batchSize: 1,
    learningRate: 0.1,
    minimumUnits: 1,
    authority,
    endsAtMs: 1_900_000_000_000,
  });
  const check = checkPlan({
    ...template,
    protection: { kind: 'mask', graph: 'complete', corruptFraction: 0.3, dropoutFraction: 0.2 },
    metrics: [],
    deadline: { ...template.deadline, roundSeconds: ROUND_SECONDS },
  });
  if (check.kind === 'invalid') throw new RangeError(problemLines(check.problems).join('; '));
  return check.plan;
}

export const certificateOf = (authority: Signer, name: string, publicKey: Uint8Array): Promise<Certificate> =>
  certify(authority, {
    projectId: PROJECT,
    memberId: memberId(name),
    role: 'silo',
    publicKey,
    notBeforeMs: 0,
    notAfterMs: 2 * STARTS_AT_MS,
    quotaClass: 'bench',
  });

/** Says yes to this plan. */
export const policyFor = ({ plan, signedBy }: SignedPlan): Policy => ({
  ...CAUTIOUS_POLICY,
  plansSignedBy: [signedBy],
  minimumContributors: plan.contributors.minimum,
  corruptFraction: 0.3,
  minimumUnits: 1,
  countedIn: plan.batching.countedIn,
  protections: ['mask'],
  openedTo: ['everyone'],
  budgets: [{ dataset: DATASET, unit: 'record', epsilonAtMost: null, delta: 1e-6 }],
  architectures: { parametersAtMost: plan.model.parameterCount, layers: null },
  metrics: [],
  bytes: { upPerRoundAtMost: 2 ** 40, downPerRoundAtMost: 2 ** 40, upAtMost: 2 ** 49 },
  roundsPerDayAtMost: 10 ** 6,
});
