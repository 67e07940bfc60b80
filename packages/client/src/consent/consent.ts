// What a person decides on before anything leaves: what a plan would send from here, in numbers, and a policy that says yes to this plan and to
// no other. That policy is everything that the plan asks for, written down as a limit; who has a policy file of their own uses theirs instead.

import { type Explanation, explain } from '@sumus/federation/explain';
import type { VerifiedLedger } from '@sumus/federation/ledger';
import { type SignedPlan, type VerifiedPlan, wordEncodingOf } from '@sumus/federation/plan';
import { CAUTIOUS_POLICY, historyOf, type Judgement, judge, type Policy } from '@sumus/federation/policy';
import { paidRounds } from '@sumus/federation/privacy';

/** One kind of thing that would leave this machine. */
export interface WouldLeave {
  readonly what: 'update' | 'statistics' | 'metrics' | 'keys' | 'signed words';
  readonly inWords: string;
  /** At most, a round; null where it depends on the others. */
  readonly bytes: number | null;
  /** Numbers in it, a round. */
  readonly coordinates: number;
  /** Who could read one participant's own. */
  readonly readableBy: string;
}

export interface DryRun {
  readonly leaves: readonly WouldLeave[];
  /** Rounds that the plan and its budget allow. */
  readonly roundsAtMost: number;
  /** After those rounds, never below the true one; null where nothing is promised. */
  readonly epsilon: number | null;
  readonly delta: number | null;
  /** The plan in plain words, with what a careful reader should know. */
  readonly explanation: Explanation;
  /** What the own policy says to it, and all that it refuses. */
  readonly judgement: Judgement;
}

export interface DryRunSetup {
  readonly signed: VerifiedPlan;
  readonly policy: Policy;
  readonly dataset: string;
  /** The own one, of all runs. */
  readonly ledger: VerifiedLedger;
  readonly nowMs: number;
}

/** Nothing is sent, entered or charged by this. */
export function dryRun({ signed, policy, dataset, ledger, nowMs }: DryRunSetup): DryRun {
  const { plan } = signed;
  const explanation = explain(plan);
  const { epsilon, delta } = explanation.privacy;
  return Object.freeze({
    leaves: leavesOf(signed, explanation),
    roundsAtMost: Math.min(paidRounds(plan), plan.stopping.rounds),
    epsilon,
    delta,
    explanation,
    judgement: judge(policy, plan, historyOf(ledger, { dataset, nowMs, signed })),
  });
}

const READERS: Readonly<Record<SignedPlan['plan']['protection']['kind'], string>> = {
  none: 'the server, and whoever reads its disk',
  mask: 'nobody, unless all the others work together with the server',
  'one-shot': 'nobody, unless enough of the committee works together with the server',
  threshold: 'nobody, unless enough members work together with the server',
};

function leavesOf({ plan }: SignedPlan, { bytes }: Explanation): readonly WouldLeave[] {
  const { exchange, metrics, protection } = plan;
  const { words } = wordEncodingOf(plan);
  const isOneRound = exchange.schedule === 'one-round';
  const readableBy = READERS[protection.kind];
  const found: WouldLeave[] = [
    {
      what: isOneRound ? 'statistics' : 'update',
      inWords: `${isOneRound ? 'sums over all records' : 'one aggregate of the training, clipped'}: ${bytes.by}`,
      bytes: bytes.vector,
      coordinates: words,
      readableBy,
    },
  ];
  if (metrics.length > 0) {
    found.push({
      what: 'metrics',
      inWords: `counters of ${metrics.map(({ name }) => name).join(' and ')}, in the same words, rounded`,
      bytes: 0,
      coordinates: metrics.length,
      readableBy,
    });
  }
  if (protection.kind !== 'none') {
    const inWords = 'fresh public keys, and shares of secrets in boxes that only other members open';
    found.push({
      what: 'keys',
      inWords,
      bytes: Math.max(0, bytes.up - bytes.vector),
      coordinates: 0,
      readableBy: 'the server: they are public, or sealed',
    });
  }
  found.push({
    what: 'signed words',
    inWords:
      'the name, certificate and answers of this participant: hello, yes or no with codes of reasons, what it drew, which model it has',
    bytes: null,
    coordinates: 0,
    readableBy: 'the server, and in part the other members',
  });
  return Object.freeze(found);
}

const BYTES_OF_WORDS = 2 ** 20;

/** Allows this plan and no other, on this data set: a person read what it is, and said yes. */
export function policyFor({ plan, signedBy }: SignedPlan, dataset: string): Policy {
  const { contributors, batching, protection, openedTo, privacy, metrics, exchange, stopping } = plan;
  const { bytes } = explain(plan);
  const rounds = stopping.rounds + 2;
  return Object.freeze({
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
        dataset,
        unit: privacy.kind === 'none' ? 'record' : privacy.unit,
        epsilonAtMost: privacy.kind === 'none' ? null : privacy.epsilonAtMost,
        delta: privacy.kind === 'none' ? 1e-6 : privacy.delta,
      },
    ],
    architectures: { parametersAtMost: plan.model.parameterCount, layers: null },
    metrics: metrics.map(({ name, resolution, minimumUnits }) => ({ name, resolution, minimumUnits })),
    columnSumsWithoutNoise: privacy.kind === 'none',
    bytes: {
      upPerRoundAtMost: 2 * bytes.up + BYTES_OF_WORDS,
      downPerRoundAtMost: 2 * bytes.down + BYTES_OF_WORDS,
      upAtMost: 2 ** 49,
    },
    // Rounds that fail are entered, too.
    roundsPerDayAtMost: Math.max(1000, 10 * rounds),
  });
}
