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
type Noisy = (frame: Frame, noiseMultiplier: number, sensitivity: number) => Mechanism<Adjacency, 'record'>;

/** Noise is relative to the norm that a record is clipped to; the sensitivity is that norm, or twice it when a record is replaced. */
const mechanisms: Readonly<Record<string, Noisy>> = {
  gaussian: (frame, noise, sensitivity) => frame.gaussian({ noiseMultiplier: noise / sensitivity }),
  laplace: (frame, noise, sensitivity) => frame.laplace({ scaleMultiplier: noise / sensitivity }),
  'discrete-gaussian': (frame, noise, sensitivity) => frame.discreteGaussian({ noiseStddev: noise, sensitivity }),
  'discrete-laplace': (frame, noise, sensitivity) => frame.discreteLaplace({ rate: 1 / noise, sensitivity }),
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

export function accountantOf(options: RunOptions): (history: History, delta: number) => Answer {
  return options.accountant === undefined ? tightestEpsilon : oneOf('--accountant', options.accountant, byName);
}

/** Decimals only: what Number makes of 0x1 is not what was meant. */
const DECIMAL = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;

export function numberOf(name: string, text: string | undefined): number {
  const value = text !== undefined && DECIMAL.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) throw new UsageError(`${name} must be a finite number, not ${text ?? 'missing'}`);
  return value;
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
    step(noiseMultiplier) {
      if (!(noiseMultiplier > 0)) throw new UsageError(`--noise-multiplier must be above zero, not ${noiseMultiplier}`);
      const inner = noisy(frame, noiseMultiplier, sensitivity);
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
  try {
    return work();
  } catch (error) {
    if (error instanceof ParameterError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}
