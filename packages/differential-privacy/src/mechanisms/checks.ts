// What the fields of each kind of mechanism may be. One table for the constructors and for what is read from outside.
import { ParameterError } from '../errors.ts';

/** Throws a ParameterError that names the field and the value. */
export type Check = (name: string, value: unknown) => void;

function number(requirement: string, holds: (value: number) => boolean): Check {
  return (name, value) => {
    if (typeof value !== 'number' || !Number.isFinite(value) || !holds(value)) {
      throw new ParameterError(`${name} must be ${requirement}, not ${String(value)}`);
    }
  };
}

/** The range is one in which the accountants are tested. */
const noise = number('a finite number from 1e-3 to 1e6', (value) => value >= 1e-3 && value <= 1e6);
const positive = number('a finite number above zero', (value) => value > 0);
const notNegative = number('a finite number, zero or above', (value) => value >= 0);
const rate = number('in [0, 1]', (value) => value >= 0 && value <= 1);
const share = number('in (0, 1]', (value) => value > 0 && value <= 1);
const whole = number('a whole number from 1 to 2^53', (value) => Number.isSafeInteger(value) && value >= 1);
const integerSensitivity = number(
  'a whole number from 1 to 10000',
  (value) => Number.isInteger(value) && value >= 1 && value <= 1e4,
);

const counts: Check = (name, value) => {
  if (!Array.isArray(value) || value.length === 0)
    throw new ParameterError(`${name} must be a list of at least one number`);
  value.forEach((one, at) => {
    whole(`${name}[${at}]`, one);
  });
};

/** Fields that hold mechanisms are checked by the caller of this table, which also compares adjacency and unit. */
export const innerFields: ReadonlySet<string> = new Set(['inner', 'parts']);

const skip: Check = () => undefined;

const rounded = {
  l2Sensitivity: positive,
  dimension: whole,
  roundingBias: number('in [0, 1)', (value) => value >= 0 && value < 1),
} as const;

export const fieldChecks: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  gaussian: { noiseMultiplier: noise },
  discreteGaussian: {
    noiseStddev: number('a finite number from 0.05 to 1e5', (value) => value >= 0.05 && value <= 1e5),
    sensitivity: integerSensitivity,
  },
  laplace: { scaleMultiplier: noise },
  discreteLaplace: {
    rate: number('a finite number from 1e-6 to 100', (value) => value >= 1e-6 && value <= 100),
    sensitivity: integerSensitivity,
  },
  skellam: { ...rounded, gridScale: positive, noiseStddev: positive },
  distributedDiscreteGaussian: { ...rounded, gridStep: positive, localStddev: positive, participantCount: whole },
  randomizedResponse: {
    randomness: share,
    categories: number(
      'a whole number from 2 to 1e9',
      (value) => Number.isInteger(value) && value >= 2 && value <= 1e9,
    ),
  },
  exponential: { epsilon: notNegative },
  sparseVector: { thresholdEpsilon: notNegative, queriesEpsilon: notNegative, releaseEpsilon: notNegative },
  approximate: { epsilon: notNegative, delta: number('in [0, 1)', (value) => value >= 0 && value < 1) },
  zeroConcentrated: { rho: notNegative },
  tree: { noiseMultiplier: noise, stepCounts: counts },
  treeWithoutRestart: {
    noiseMultiplier: noise,
    stepCount: whole,
    maximumParticipation: whole,
    minimumSeparation: whole,
  },
  bandedMatrix: { noiseMultiplier: noise, maximumParticipation: whole },
  poissonSampled: { inner: skip, samplingRate: rate },
  truncatedPoissonSampled: { noiseMultiplier: noise, samplingRate: rate, populationSize: whole, batchLimit: whole },
  fixedSizeSampled: { noiseMultiplier: noise, populationSize: whole, batchSize: whole },
  shuffledBatches: { inner: skip, epochs: whole },
  groupPoissonSampled: {
    noiseMultiplier: noise,
    samplingRate: rate,
    groupSize: number(
      'a whole number from 1 to 10000',
      (value) => Number.isInteger(value) && value >= 1 && value <= 1e4,
    ),
  },
  repeatAndSelect: {
    inner: skip,
    meanRuns: number('a finite number, one or above', (value) => value >= 1),
    shape: (name, value) => {
      if (value !== 'poisson')
        number('above -1 and at most 1e6, or "poisson"', (one) => one > -1 && one <= 1e6)(name, value);
    },
  },
  repetition: { inner: skip, count: whole },
  composition: { parts: skip },
};

export const adjacencies: readonly string[] = ['add-remove', 'replace-one', 'zero-out'];
export const units: readonly string[] = ['record', 'participant'];
