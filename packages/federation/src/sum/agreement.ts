// From what was agreed to what secure-sum calls a configuration and a context. Everybody computes it; whoever was told another plan, another
// model, support or encoding gets another context. The plan's hash stands in the context's place for policies: it is what no message weakens.

import { delimited } from '@sumus/secure-sum/canonical';
import { configurationHash, type OpenContext, openContext, type RoundConfiguration } from '@sumus/secure-sum/context';
import { describeEncoding } from '@sumus/secure-sum/encoding';
import type { Role, Trust } from '@sumus/secure-sum/identity';
import { maskRules } from '@sumus/secure-sum/mask/coordinator';
import {
  configurationOf,
  type EncodingFields,
  type OneShotParameters,
  oneShotParameters,
} from '@sumus/secure-sum/one-shot/coordinator';
import type { Hashing } from '@sumus/secure-sum/primitives';
import { ParameterError } from '../errors.ts';
import { planHash } from '../plan/identity.ts';
import { contributionsInSum, oneShotLiteralOf } from '../plan/sums.ts';
import type { SumAgreement, SumPoint, ThresholdKey } from './sum.ts';

/** Who may contribute: who has data. */
export const SUM_ROLES: readonly Role[] = Object.freeze<Role[]>(['silo', 'device']);

/** X25519 keys in a roster entry: mask's own two, or one for boxes. */
export const keyCountOf = ({ plan }: SumAgreement): number => (plan.protection.kind === 'mask' ? 2 : 1);

export const trustAt = ({ authority, projectId, revocations }: SumAgreement, nowMs: number): Trust => ({
  authority,
  projectId,
  nowMs,
  revocations,
});

/** Fewest contributors of a sum of this plan. */
export const fewestOf = ({ plan }: SumAgreement): number => contributionsInSum(plan).fewest;

/** Whether one committee or key serves several sums. */
export const hasEpochs = ({ plan }: Pick<SumAgreement, 'plan'>): boolean =>
  plan.protection.kind === 'threshold' ||
  (plan.protection.kind === 'one-shot' && plan.exchange.schedule === 'asynchronous');

type Common = Omit<RoundConfiguration, 'protocol' | 'own'>;

function commonOf(
  primitives: Hashing,
  agreement: SumAgreement,
  { supportHash }: Pick<SumPoint, 'supportHash'>,
): Common {
  const { plan, encoding } = agreement;
  return {
    ...describeEncoding(primitives, encoding),
    supportHash,
    minimumContributors: fewestOf(agreement),
    phaseTimeoutsMs: [plan.deadline.roundSeconds * 1000],
  };
}

export function maskConfiguration(primitives: Hashing, agreement: SumAgreement, point: SumPoint): RoundConfiguration {
  const { protection } = agreement.plan;
  if (protection.kind !== 'mask') throw new ParameterError(`the protection of this plan is ${protection.kind}`);
  const { graph, corruptFraction, dropoutFraction } = protection;
  return {
    ...commonOf(primitives, agreement, point),
    protocol: 'mask',
    own: maskRules({ graph, corruptFraction, dropoutFraction }),
  };
}

export function encodingFields(primitives: Hashing, agreement: SumAgreement, point: SumPoint): EncodingFields {
  const { clippingNorm, quantiserScale, rotation, supportHash, phaseTimeoutsMs, noise } = commonOf(
    primitives,
    agreement,
    point,
  );
  return { clippingNorm, quantiserScale, rotation, supportHash, phaseTimeoutsMs, noise };
}

export const oneShotOf = ({ plan, encoding }: SumAgreement): OneShotParameters =>
  oneShotParameters({ ...oneShotLiteralOf(plan), vectorLength: encoding.words });

/** threshold: the agreed parameters of the key. */
export function keyOf({ plan, key }: SumAgreement): ThresholdKey {
  if (key === undefined || plan.protection.kind !== 'threshold') {
    throw new ParameterError(`protection ${plan.protection.kind}, and ${key === undefined ? 'no' : 'a'} shared key`);
  }
  return key;
}

/** `own`: of the key's parameters, and in a round that it opens the key's hash. */
export function thresholdConfiguration(
  primitives: Hashing,
  agreement: SumAgreement,
  point: Pick<SumPoint, 'supportHash'>,
  own: RoundConfiguration['own'],
): RoundConfiguration {
  const { proposal } = keyOf(agreement);
  const { wordBits, valueBits, vectorLength, minimumContributors } = proposal;
  return {
    ...commonOf(primitives, agreement, point),
    wordBits,
    valueBits,
    vectorLength,
    minimumContributors,
    protocol: 'threshold',
    own,
  };
}

/** What a key is founded with: of no round's support. */
export const keyConfiguration = (primitives: Hashing, agreement: SumAgreement): RoundConfiguration =>
  thresholdConfiguration(primitives, agreement, { supportHash: primitives.sha256() }, keyOf(agreement).own);

/** Sums that one committee or key can open, at most: after so many rounds `epoch` has to follow `round`. */
export function sumsOfEpoch(agreement: SumAgreement): number {
  if (!hasEpochs(agreement)) return 1;
  return agreement.plan.protection.kind === 'threshold' ? keyOf(agreement).sums : 65_536;
}

export interface ContextOf {
  readonly configHash: Uint8Array;
  /** Behind the run's name, for what is no sum: the key of an epoch. */
  readonly task?: string;
  /** Left out where a context has several sums. */
  readonly flush?: number | undefined;
  readonly modelHash?: Uint8Array | undefined;
}

export function contextAt(
  primitives: Hashing,
  { plan, projectId, runId }: SumAgreement,
  round: number,
  { configHash, task, flush, modelHash }: ContextOf,
): OpenContext {
  return openContext(primitives, {
    projectId,
    taskId: task === undefined ? runId : `${runId}/${task}`,
    round,
    ...(flush === undefined ? {} : { flush }),
    ...(modelHash === undefined ? {} : { modelHash }),
    configHash,
    policyHash: planHash(primitives, plan),
  });
}

/** The context in which a sum is prepared: under which keys are announced and the beacon is drawn. */
export function openContextOf(primitives: Hashing, agreement: SumAgreement, point: SumPoint): OpenContext {
  const { round, flush, modelHash } = point;
  switch (agreement.plan.protection.kind) {
    case 'mask': {
      const configHash = configurationHash(primitives, maskConfiguration(primitives, agreement, point));
      return contextAt(primitives, agreement, round, { configHash, flush, modelHash });
    }
    case 'one-shot': {
      const configuration = configurationOf(
        primitives,
        oneShotOf(agreement),
        encodingFields(primitives, agreement, point),
      );
      const configHash = configurationHash(primitives, configuration);
      if (hasEpochs(agreement)) return contextAt(primitives, agreement, point.epoch, { configHash });
      return contextAt(primitives, agreement, round, { configHash, flush, modelHash });
    }
    case 'threshold': {
      const configHash = configurationHash(primitives, keyConfiguration(primitives, agreement));
      // A key serves all models of a run: its own context has the plan in the place of one.
      return contextAt(primitives, agreement, point.epoch, {
        configHash,
        task: 'key',
        flush: 0,
        modelHash: planHash(primitives, agreement.plan),
      });
    }
    case 'none': {
      const { configHash } = { configHash: clearConfigHash(primitives, agreement, point) };
      return contextAt(primitives, agreement, round, { configHash, flush, modelHash });
    }
    default:
      return agreement.plan.protection satisfies never;
  }
}

/** `none` is no protocol of secure-sum; its words are the same, so its configuration says as much of them. */
function clearConfigHash(primitives: Hashing, agreement: SumAgreement, { supportHash }: SumPoint): Uint8Array {
  const { encoding } = agreement;
  const { rotation } = describeEncoding(primitives, encoding);
  return primitives.sha256(delimited('sumus/1/sum/none', rotation, supportHash));
}

/**
 * For rotationOf, where words are encoded and sums decoded: the same with every protection, so that equal vectors make equal words. Its signs
 * are public before the round; only who makes its own vector could aim at them, and it can spoil a sum anyway.
 */
export function rotationContext(primitives: Hashing, agreement: SumAgreement, point: SumPoint): OpenContext {
  const { projectId, runId } = agreement;
  const { round, modelHash } = point;
  const configHash = clearConfigHash(primitives, agreement, point);
  const policyHash = primitives.sha256(delimited('sumus/1/sum/rotation'));
  return openContext(primitives, { projectId, taskId: runId, round, flush: 0, modelHash, configHash, policyHash });
}
