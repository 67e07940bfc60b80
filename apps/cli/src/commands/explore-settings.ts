// The settings that `sumus explore` tries: every combination of batch sizes, learning rates and amounts of noise, each as a plan of its own.
// What follows from a setting is changed with it: the divisor and the rate of Poisson batches, and the clip that a larger step needs. A
// combination that makes no plan is kept with the reason: it belongs to the answer.
import { type CheckedPlan, checkPlan, type Plan, problemLines } from '@sumus/federation/plan';
import { UsageError } from '../command.ts';

export interface Setting {
  readonly batch: number;
  readonly rate: number;
  /** Null where the plan promises nothing. */
  readonly noise: number | null;
}

export type Candidate =
  | { readonly kind: 'plan'; readonly setting: Setting; readonly plan: CheckedPlan }
  | { readonly kind: 'refused'; readonly setting: Setting; readonly reason: string };

export interface SettingOptions {
  readonly batch?: string;
  readonly rate?: string;
  readonly noise?: string;
}

const MOST_SETTINGS = 200;

/** `recordsEach`: what the smallest participant has; the rate of Poisson batches is the batch over it. */
export function candidatesOf(plan: Plan, options: SettingOptions, recordsEach: number): readonly Candidate[] {
  const { exchange, privacy } = plan;
  if (exchange.schedule === 'one-round') {
    throw new UsageError('a plan of one round has neither batches nor rates: there is nothing to explore');
  }
  const hasNoise = privacy.kind === 'central' || privacy.kind === 'local';
  if (options.noise !== undefined && !hasNoise) {
    throw new UsageError(`the plan's privacy is ${privacy.kind}: --noise is for central and local`);
  }
  const batches = numbersOf('--batch', options.batch, batchOf(plan, recordsEach), true);
  const rates = numbersOf('--rate', options.rate, exchange.localWork.optimiser.learningRate, false);
  const noises = hasNoise ? numbersOf('--noise', options.noise, privacy.noiseMultiplier, false) : [null];
  const settings = batches.flatMap((batch) => rates.flatMap((rate) => noises.map((noise) => ({ batch, rate, noise }))));
  if (settings.length > MOST_SETTINGS) {
    throw new UsageError(
      `${settings.length} combinations are more than ${MOST_SETTINGS}: every one is a whole training`,
    );
  }
  return settings.map((setting) => candidateOf(plan, setting, recordsEach));
}

function numbersOf(flag: string, text: string | undefined, fallback: number, isWhole: boolean): readonly number[] {
  if (text === undefined) return [fallback];
  const numbers = text.split(',').map(Number);
  if (numbers.some((one) => !(one > 0 && Number.isFinite(one)) || (isWhole && !Number.isInteger(one)))) {
    throw new UsageError(`${flag} is a list such as ${isWhole ? '16,64,256' : '0.05,0.1'}, not ${text}`);
  }
  return [...new Set(numbers)];
}

function batchOf({ batching }: Plan, recordsEach: number): number {
  const { sampling } = batching;
  switch (sampling.kind) {
    case 'poisson':
      return sampling.divisor;
    case 'shuffled':
      return sampling.batchSize;
    case 'full':
      return recordsEach;
    default:
      return sampling satisfies never;
  }
}

function candidateOf(base: Plan, setting: Setting, recordsEach: number): Candidate {
  const { exchange, batching, privacy, encoding } = base;
  if (exchange.schedule === 'one-round') return { kind: 'refused', setting, reason: 'a plan of one round' };
  const { optimiser } = exchange.localWork;
  const { batch, rate, noise } = setting;
  const localWork = { ...exchange.localWork, optimiser: { ...optimiser, learningRate: rate } };
  const plan: Plan = {
    ...base,
    exchange: { ...exchange, localWork },
    batching: { ...batching, sampling: samplingOf(base, batch, recordsEach) },
    // A participant's vector grows with its steps. Where participants are hidden, the clip is the promise and stays.
    encoding:
      privacy.kind !== 'none' && privacy.unit === 'participant'
        ? encoding
        : { ...encoding, clippingNorm: (encoding.clippingNorm * rate) / optimiser.learningRate },
    ...(noise !== null && (privacy.kind === 'central' || privacy.kind === 'local')
      ? { privacy: { ...privacy, noiseMultiplier: noise } }
      : {}),
  };
  const check = checkPlan(plan);
  if (check.kind === 'valid') return { kind: 'plan', setting, plan: check.plan };
  return { kind: 'refused', setting, reason: problemLines(check.problems).join('; ') };
}

function samplingOf({ batching }: Plan, batch: number, recordsEach: number): Plan['batching']['sampling'] {
  const { sampling } = batching;
  if (sampling.kind === 'poisson') {
    return { kind: 'poisson', rate: Math.min(1, batch / recordsEach), divisor: batch };
  }
  return batch >= recordsEach && sampling.kind === 'full' ? sampling : { kind: 'shuffled', batchSize: batch };
}
