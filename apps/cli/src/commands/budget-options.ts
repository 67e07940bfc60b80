// What may be typed about a run, and the history it means. Whatever cannot be meant is refused here, by the name of its option.
import {
  type Answer,
  concentratedEpsilon,
  exactEpsilon,
  gaussianApproximation,
  type History,
  renyiEpsilon,
  tightestEpsilon,
} from '@sumus/differential-privacy/accountants';
import { ParameterError } from '@sumus/differential-privacy/errors';
import { type Adjacency, type Mechanism, type MechanismsUnder, under } from '@sumus/differential-privacy/mechanisms';
import { UsageError } from '../command.ts';

/** As commander hands them over: text, or not there. */
export interface RunOptions {
  readonly epsilon?: string;
  readonly noiseMultiplier?: string;
  readonly steps?: string;
  readonly delta?: string;
  readonly samplingRate?: string;
  readonly accountant?: string;
  readonly mechanism?: string;
  readonly adjacency?: string;
  readonly json?: true;
}

type Frame = MechanismsUnder<Adjacency, 'record'>;
interface Noisy {
  /** Noise is relative to the norm that a record is clipped to; the sensitivity is that norm, or twice it when a record is replaced. */
  make(frame: Frame, noise: number, sensitivity: number): Mechanism<Adjacency, 'record'>;
  /** The least noise that is searched for: what the mechanism allows, or what nobody would call noise. */
  readonly least: number;
}

const mechanisms: Readonly<Record<string, Noisy>> = {
  gaussian: {
    make: (frame, noise, sensitivity) => frame.gaussian({ noiseMultiplier: noise / sensitivity }),
    least: 0.02,
  },
  laplace: {
    make: (frame, noise, sensitivity) => frame.laplace({ scaleMultiplier: noise / sensitivity }),
    least: 0.02,
  },
  'discrete-gaussian': {
    make: (frame, noise, sensitivity) => frame.discreteGaussian({ noiseStddev: noise, sensitivity }),
    least: 0.05,
  },
  'discrete-laplace': {
    make: (frame, noise, sensitivity) => frame.discreteLaplace({ rate: 1 / noise, sensitivity }),
    least: 0.02,
  },
};

export const mechanismNames: readonly string[] = Object.keys(mechanisms);

const adjacencies: Readonly<Record<string, { readonly adjacency: Adjacency; readonly sensitivity: number }>> = {
  'add-remove': { adjacency: 'add-remove', sensitivity: 1 },
  'replace-one': { adjacency: 'replace-one', sensitivity: 2 },
  'zero-out': { adjacency: 'zero-out', sensitivity: 1 },
};

export const adjacencyNames: readonly string[] = Object.keys(adjacencies);

const byName: Readonly<Record<string, (history: History, delta: number) => Answer>> = {
  exact: exactEpsilon,
  pld: (history, delta) => exactEpsilon(history, delta, ['loss distribution']),
  rdp: renyiEpsilon,
  zcdp: concentratedEpsilon,
  gdp: gaussianApproximation,
};

export const accountants: readonly string[] = Object.keys(byName);

export function accountantOf(options: RunOptions, run: Run): (history: History, delta: number) => Answer {
  const chosen = options.accountant === undefined ? tightestEpsilon : oneOf('--accountant', options.accountant, byName);
  if (run.samplingRate > 0) return chosen;
  // Nothing to account for: no accountant is asked, and none refuses.
  const { adjacency } = run;
  return (_history, delta) => ({
    kind: 'bound',
    accountant: 'closed form',
    epsilon: 0,
    delta,
    lower: 0,
    adjacency,
    unit: 'record',
    sound: true,
  });
}

export const NOTHING_RELEASED =
  'at sampling rate 0 no record ever enters a batch and nothing about anybody is released';

/** For JSON: a note where the answer alone would mislead. */
export function noteOf({ samplingRate }: Run): { readonly note?: string } {
  return samplingRate === 0 ? { note: NOTHING_RELEASED } : {};
}

/** Decimals only: what Number makes of 0x1 is not what was meant. */
const DECIMAL = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

export function numberOf(name: string, text: string | undefined): number {
  const value = text !== undefined && DECIMAL.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) {
    throw new UsageError(`${name} must be a finite decimal number, not ${text === '' ? 'empty' : (text ?? 'missing')}`);
  }
  // −0 is zero.
  return value + 0;
}

function oneOf<T>(name: string, text: string, choices: Readonly<Record<string, T>>): T {
  const choice = Object.hasOwn(choices, text) ? choices[text] : undefined;
  if (choice === undefined)
    throw new UsageError(`${name} must be one of ${Object.keys(choices).join(', ')}, not ${text}`);
  return choice;
}

/** A run with the noise, and the number of steps, left open. */
export interface Run {
  readonly adjacency: Adjacency;
  readonly samplingRate: number;
  readonly delta: number;
  /** The least noise worth searching for. */
  readonly leastNoise: number;
  step(noiseMultiplier: number): Mechanism<Adjacency, 'record'>;
  repeated(step: Mechanism<Adjacency, 'record'>, steps: number): History;
}

export function runOf(options: RunOptions): Run {
  const noisy = oneOf('--mechanism', options.mechanism ?? 'gaussian', mechanisms);
  const { adjacency, sensitivity } = oneOf('--adjacency', options.adjacency ?? 'add-remove', adjacencies);
  const samplingRate = numberOf('--sampling-rate', options.samplingRate ?? '1');
  const delta = numberOf('--delta', options.delta);
  if (!(delta > 0 && delta < 1))
    throw new UsageError(`--delta must be in (0, 1), not ${delta}; an ε without its δ says nothing`);
  if (!(samplingRate >= 0 && samplingRate <= 1))
    throw new UsageError(`--sampling-rate must be in [0, 1], not ${samplingRate}`);
  const frame = under({ adjacency, unit: 'record' });
  return {
    adjacency,
    samplingRate,
    delta,
    leastNoise: noisy.least,
    step(noiseMultiplier) {
      if (!(noiseMultiplier > 0)) throw new UsageError(`--noise-multiplier must be above zero, not ${noiseMultiplier}`);
      const inner = named(`--noise-multiplier ${noiseMultiplier}`, () =>
        noisy.make(frame, noiseMultiplier, sensitivity),
      );
      return samplingRate === 1 ? inner : frame.poissonSampled({ inner, samplingRate });
    },
    repeated(step, steps) {
      if (!(Number.isSafeInteger(steps) && steps >= 1))
        throw new UsageError(`--steps must be a whole number, one or more, not ${steps}`);
      return [frame.repetition({ inner: step, count: steps })];
    },
  };
}

/** What the library refuses, the user typed. */
export function asTyped<T>(work: () => T): T {
  return named('', work);
}

/** The same, with the option whose value it was. */
function named<T>(option: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ParameterError)) throw error;
    throw new UsageError(option === '' ? error.message : `${option}: ${error.message}`, { cause: error });
  }
}
