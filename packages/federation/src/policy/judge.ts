// A plan held against a participant's own file. `judge` is asked once, before a run; `judgeRound` before every round, when the clock and
// the budget have moved on. Every limit that is broken is a refusal; none hides another. Nothing in a plan is read as permission: a plan
// can only ask for what the file allows.

import { bytesOfRound } from '../explain/bytes.ts';
import type { CheckedPlan } from '../plan/check.ts';
import { columnSumsOf, sumsInPlan } from '../plan/column-sums.ts';
import { canonicalPlan } from '../plan/identity.ts';
import type { Json } from '../plan/plan.ts';
import { priceOfColumns, priceOfRound, roundsWithinBudget } from '../plan/price.ts';
import { contributionsInSum, maskParametersOf } from '../plan/sums.ts';
import { type Priced, refusedPrivacy } from './judge-privacy.ts';
import type { ParticipantHistory } from './participant-history.ts';
import type { Policy } from './policy.ts';
import { open, type Refusal, when } from './refusal.ts';

export type Judgement =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'refused'; readonly refusals: readonly Refusal[] };

export function judge(policy: Policy, plan: CheckedPlan, history: ParticipantHistory): Judgement {
  return judgementOf([
    ...refusedOrigin(policy, plan, history),
    ...refusedAfterEnd(plan, history),
    ...refusedSums(policy, plan),
    ...refusedPrivacy(policy, plan, history, pricesOfRun(plan)),
    ...refusedColumns(policy, plan),
    ...refusedModel(policy, plan),
    ...refusedMetrics(policy, plan),
    ...refusedBytes(policy, plan, history, sumsInPlan(plan)),
  ]);
}

/** The same for one more round of a run, and whether now is a time for it. */
export function judgeRound(
  policy: Policy,
  plan: CheckedPlan,
  history: ParticipantHistory,
  isOfColumns = false,
): Judgement {
  const price = isOfColumns ? priceOfColumns(plan) : priceOfRound(plan);
  return judgementOf([
    ...refusedOrigin(policy, plan, history),
    ...refusedAfterEnd(plan, history),
    ...refusedSums(policy, plan),
    ...refusedPrivacy(policy, plan, history, price && [{ mechanism: price, count: 1 }]),
    ...refusedColumns(policy, plan),
    ...refusedModel(policy, plan),
    ...refusedMetrics(policy, plan),
    ...refusedBytes(policy, plan, history, 1),
    ...refusedTime(policy, history),
  ]);
}

/** Of all that it would come to: the plan's own ε may pay for fewer rounds. None: nothing is promised. */
function pricesOfRun(plan: CheckedPlan): readonly Priced[] | undefined {
  const price = priceOfRound(plan);
  if (price === undefined) return undefined;
  const columns = priceOfColumns(plan);
  const before = columns === undefined ? [] : [{ mechanism: columns, count: 1 }];
  const rounds = roundsWithinBudget(plan);
  return rounds < 1 ? [] : [...before, { mechanism: price, count: rounds }];
}

/** Means and deviations without noise are the truth about a sum of tables, to the digit. */
const refusedColumns = (policy: Policy, plan: CheckedPlan): readonly Refusal[] =>
  when(columnSumsOf(plan) > 0 && plan.privacy.kind === 'none' && policy.columnSumsWithoutNoise !== true, () =>
    open(
      'columns-without-noise',
      'preparation.steps',
      'Statistics of columns would be summed without noise; the file allows them only with an ε.',
    ),
  );

const judgementOf = (refusals: readonly Refusal[]): Judgement =>
  refusals.length === 0 ? { kind: 'accepted' } : Object.freeze({ kind: 'refused', refusals: Object.freeze(refusals) });

function refusedOrigin(policy: Policy, plan: CheckedPlan, { signed }: ParticipantHistory): readonly Refusal[] {
  // A signature for another plan is none for this one.
  const isOfThis = signed !== undefined && canonicalPlan(signed.plan) === canonicalPlan(plan);
  const signedBy = isOfThis ? signed.signedBy : undefined;
  return [
    ...when(signedBy === undefined || !policy.plansSignedBy.includes(signedBy), () => ({
      code: 'not-signed-by-anybody-trusted',
      path: '',
      toParticipant: `The plan is signed by ${signedBy ?? 'nobody'}, who is not in plansSignedBy. Add the key, if you know whose it is.`,
      toCoordinator: 'This participant takes plans from other keys.',
    })),
    ...when(policy.admission !== 'any' && plan.contributors.admission.kind !== policy.admission, () =>
      open(
        'identities-not-vouched-for',
        'contributors.admission',
        `Contributors are admitted by ${plan.contributors.admission.kind}; ${policy.admission} is demanded.`,
      ),
    ),
  ];
}

/** A plan that is over is not begun again: its signature would hold for ever. */
const refusedAfterEnd = ({ deadline }: CheckedPlan, { nowMs }: ParticipantHistory): readonly Refusal[] =>
  when(nowMs > deadline.endsAtMs, () =>
    open('run-has-ended', 'deadline.endsAtMs', 'The run ended before now, by the clock of this participant.'),
  );

function refusedSums(policy: Policy, plan: CheckedPlan): readonly Refusal[] {
  const { protection, openedTo, exchange, batching } = plan;
  const { fewest } = contributionsInSum(plan);
  const isPerTurn = 'release' in exchange && exchange.release.after === 'turn';
  return [
    ...when(!policy.protections.includes(protection.kind), () =>
      open(
        'protection-not-allowed',
        'protection.kind',
        `Protection is ${protection.kind}; allowed is ${policy.protections.join(' or ')}.`,
      ),
    ),
    ...when(isPerTurn && !policy.releasePerTurn, () =>
      open(
        'release-per-turn',
        'exchange.release.after',
        'Every turn is released, which shows single updates; only whole cycles are allowed.',
      ),
    ),
    ...when(!isPerTurn && fewest < policy.minimumContributors, () =>
      open(
        'too-few-contributors',
        'contributors.minimum',
        `A sum may have ${fewest} contributions; at least ${policy.minimumContributors} are demanded.`,
      ),
    ),
    ...refusedCorruption(policy, plan),
    ...when(!policy.openedTo.includes(openedTo), () =>
      open(
        'opened-too-widely',
        'openedTo',
        `Sums are opened to ${openedTo}; allowed is ${policy.openedTo.join(' or ')}.`,
      ),
    ),
    ...when(batching.minimumUnits < policy.minimumUnits, () =>
      open(
        'too-few-units',
        'batching.minimumUnits',
        `A contribution may stand for ${batching.minimumUnits} ${batching.countedIn}; at least ${policy.minimumUnits} ${policy.countedIn} are demanded.`,
      ),
    ),
    ...when(policy.countedIn === 'people' && batching.countedIn !== 'people', () =>
      open(
        'rows-are-not-people',
        'batching.countedIn',
        'Rows are counted; people are demanded, and one may have many rows.',
      ),
    ),
  ];
}

/** How many may work for the server, against how many the file reckons with. */
function refusedCorruption({ corruptFraction }: Policy, plan: CheckedPlan): readonly Refusal[] {
  const { fewest } = contributionsInSum(plan);
  const refusal: CorruptionRefusal = (path, held) =>
    open('too-many-corrupt', path, `${held}; a share of ${corruptFraction} may be corrupt.`);
  const noise = plan.privacy.kind === 'central' ? plan.privacy.corruptContributors : fewest;
  return [
    ...when(noise < Math.floor(corruptFraction * fewest), () =>
      refusal('privacy.corruptContributors', `Noise is all there without ${noise} of ${fewest}`),
    ),
    ...refusedProtection({ corruptFraction }, plan, refusal),
  ];
}

type CorruptionRefusal = (path: string, held: string) => Refusal;

function refusedProtection(
  { corruptFraction }: Pick<Policy, 'corruptFraction'>,
  plan: CheckedPlan,
  refusal: CorruptionRefusal,
): readonly Refusal[] {
  const { protection } = plan;
  const { fewest } = contributionsInSum(plan);
  switch (protection.kind) {
    case 'mask':
      return when(protection.corruptFraction < corruptFraction, () =>
        refusal(
          'protection.corruptFraction',
          `Masks hold against a share of ${protection.corruptFraction} (${maskParametersOf(plan, fewest).corrupt} of ${fewest})`,
        ),
      );
    case 'one-shot': {
      const { members, corrupt } = protection.committee;
      return when(corrupt < Math.floor(corruptFraction * members), () =>
        refusal('protection.committee.corrupt', `The committee holds against ${corrupt} of ${members}`),
      );
    }
    case 'threshold': {
      const { members, corruptMembers } = protection;
      return when(corruptMembers < Math.floor(corruptFraction * members), () =>
        refusal('protection.corruptMembers', `The key holds against ${corruptMembers} of ${members}`),
      );
    }
    case 'none':
      return [];
    default:
      return protection satisfies never;
  }
}

function refusedModel({ architectures }: Policy, { model }: CheckedPlan): readonly Refusal[] {
  const { parametersAtMost, layers } = architectures;
  const unknown =
    layers === null ? [] : [...kindsOf(model.architecture.layers)].filter((kind) => !layers.includes(kind));
  return [
    ...when(model.parameterCount > parametersAtMost, () =>
      open(
        'too-many-parameters',
        'model.parameterCount',
        `The network has ${model.parameterCount} parameters; at most ${parametersAtMost} are allowed.`,
      ),
    ),
    ...when(unknown.length > 0, () =>
      open(
        'layer-not-allowed',
        'model.architecture.layers',
        `It has layers of kind ${unknown.join(', ')}; allowed are ${layers?.join(', ')}.`,
      ),
    ),
  ];
}

/** Every kind of layer, those inside of blocks too. A layer without one counts as a kind that no file allows. */
function kindsOf(layers: readonly Json[], found: Set<string> = new Set()): ReadonlySet<string> {
  for (const layer of layers) {
    if (typeof layer !== 'object' || layer === null || Array.isArray(layer)) {
      found.add('(no layer)');
      continue;
    }
    const members = new Map<string, Json>(Object.entries(layer));
    const kind = members.get('kind');
    found.add(typeof kind === 'string' ? kind : '(no kind)');
    for (const name of ['layers', 'shortcut']) {
      const inner = members.get(name);
      if (Array.isArray(inner)) kindsOf(inner, found);
    }
  }
  return found;
}

function refusedMetrics({ metrics }: Policy, plan: CheckedPlan): readonly Refusal[] {
  return plan.metrics.flatMap(({ name, resolution, minimumUnits }, index) => {
    const limit = metrics.find((one) => one.name === name);
    const path = `metrics[${index}]`;
    if (limit === undefined) {
      return [open('metric-not-allowed', path, `The ${name} is not among the metrics that may leave.`)];
    }
    return when(resolution < limit.resolution || minimumUnits < limit.minimumUnits, () =>
      open(
        'metric-too-fine',
        path,
        `The ${name} would leave in steps of ${resolution} over ${minimumUnits} units; no finer than ${limit.resolution} and over at least ${limit.minimumUnits} is allowed.`,
      ),
    );
  });
}

function refusedBytes(
  { bytes }: Policy,
  plan: CheckedPlan,
  history: ParticipantHistory,
  rounds: number,
): readonly Refusal[] {
  const { up, down } = bytesOfRound(plan);
  const all = history.bytesUp + rounds * up;
  return [
    ...when(up > bytes.upPerRoundAtMost, () =>
      open('too-many-bytes', 'encoding', `A round sends ${up} bytes; at most ${bytes.upPerRoundAtMost} are allowed.`),
    ),
    ...when(down > bytes.downPerRoundAtMost, () =>
      open(
        'too-many-bytes',
        'sharing.download',
        `A round takes ${down} bytes; at most ${bytes.downPerRoundAtMost} are allowed.`,
      ),
    ),
    ...when(all > bytes.upAtMost, () => ({
      code: 'too-many-bytes',
      path: 'stopping.rounds',
      toParticipant: `With what was sent before it would be ${all} bytes; at most ${bytes.upAtMost} are allowed.`,
      toCoordinator: 'This participant does not send so many bytes in all: fewer rounds may do.',
    })),
  ];
}

function refusedTime({ hours, roundsPerDayAtMost }: Policy, history: ParticipantHistory): readonly Refusal[] {
  return [
    ...when(hours !== null && !isWithin(hours, history.nowMs), () => ({
      code: 'outside-hours',
      path: '',
      toParticipant: `Rounds are entered between minute ${hours?.fromMinute} and ${hours?.toMinute} of the day.`,
      toCoordinator: 'This participant does not take part at this time of day.',
    })),
    ...when(history.roundsToday >= roundsPerDayAtMost, () => ({
      code: 'too-many-rounds-a-day',
      path: '',
      toParticipant: `${history.roundsToday} rounds were entered today; at most ${roundsPerDayAtMost} are allowed.`,
      toCoordinator: 'This participant takes part in no more rounds today.',
    })),
  ];
}

function isWithin({ fromMinute, toMinute, utcOffsetMinutes }: NonNullable<Policy['hours']>, nowMs: number): boolean {
  const day = 24 * 60;
  const minute = (((Math.floor(nowMs / 60_000) + utcOffsetMinutes) % day) + day) % day;
  return fromMinute <= toMinute ? minute >= fromMinute && minute < toMinute : minute >= fromMinute || minute < toMinute;
}
