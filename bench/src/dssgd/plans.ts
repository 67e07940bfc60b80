// The plans of the bench: Shokri and Shmatikov's mode, which is protection none and a release after every turn; and a release per cycle under
// one-shot.

import { architectureData } from '@sumus/federation/model';
import { type CheckedPlan, checkPlan, type Plan, planTemplate } from '@sumus/federation/plan';
import { type Architecture, parameterCount, zoo } from '@sumus/learning/model';

export const ARCHITECTURE: Architecture = zoo('phong-mlp');
export const PARTICIPANTS = 30;
export const EXAMPLES = 600;
const REASON = 'a bench on published digits: what the paper measured had no protection';

export interface Variant {
  readonly schedule: 'round-robin' | 'random-order' | 'asynchronous';
  readonly uploadFraction: number;
  readonly release: 'turn' | 'cycle';
  readonly participants: number;
  readonly rounds: number;
}

export function planOf({ schedule, uploadFraction, release, participants, rounds }: Variant): CheckedPlan {
  const base = planTemplate({
    name: 'dssgd',
    purpose: 'A bench.',
    architecture: architectureData(ARCHITECTURE),
    parameterCount: parameterCount(ARCHITECTURE),
    loss: 'crossEntropy',
    firstWeightsSeed: 1,
    schedule,
    protection: release === 'turn' ? 'none' : 'one-shot',
    reason: REASON,
    minimumContributors: participants,
    maximumContributors: participants,
    rounds,
    epsilon: null,
    delta: 1e-6,
    unit: 'participant',
    uploadFraction,
    batchSize: 10,
    learningRate: 0.05,
    minimumUnits: 10,
    authority: null,
    endsAtMs: 1_800_000_000_000,
  });
  const isTurn = release === 'turn';
  const plan: Plan = {
    ...base,
    exchange: withRelease(base, release),
    sharing: {
      ...base.sharing,
      errorFeedback: !isTurn && uploadFraction < 1,
      support: { kind: isTurn ? 'own' : 'all' },
    },
    // No γ in these rows. In clear nothing is clipped at all; a cycle's words are clipped far outside.
    encoding: { clippingNorm: isTurn ? 2 ** 60 : 10, valueBits: 18, rotation: 'hadamard' },
    metrics: [],
  };
  const check = checkPlan(plan);
  if (check.kind === 'invalid') throw new Error(check.problems.map(({ path, what }) => `${path} ${what}`).join('; '));
  return check.plan;
}

function withRelease({ exchange }: Plan, release: 'turn' | 'cycle'): Plan['exchange'] {
  if (release === 'cycle' || exchange.schedule === 'synchronous' || exchange.schedule === 'one-round') return exchange;
  const after = { after: 'turn', warning: 'every release shows the update of one participant' } as const;
  if (exchange.schedule !== 'asynchronous') return { ...exchange, release: after };
  // Staleness is weighed and bounded as plans do by default: the paper does neither, and at 8 uploads old and unweighed it diverges.
  return { ...exchange, release: after };
}

/** Uploads of others between a download and an upload, at most: what the plan takes. */
export const MOST_STALE = 4;
