// Checked, frozen mechanisms under one adjacency and for one unit: `under({ adjacency: 'add-remove', unit: 'record' }).gaussian(…)`.
// Refuses by name what cannot be: a rate outside [0, 1], a deviation that is not above zero, anything not finite, mechanisms of
// another adjacency or unit, a batch larger than the population, sampling under an adjacency for which no bound is known here.
import { ParameterError } from '../errors.ts';
import { adjacencies, fieldChecks, innerFields, units } from './checks.ts';
import type {
  Adjacency,
  Approximate,
  BandedMatrix,
  Composition,
  DiscreteGaussian,
  DiscreteLaplace,
  DistributedDiscreteGaussian,
  Exponential,
  FixedSizeSampled,
  Gaussian,
  GroupPoissonSampled,
  Laplace,
  Mechanism,
  PoissonSampled,
  RandomizedResponse,
  RepeatAndSelect,
  Repetition,
  ShuffledBatches,
  Skellam,
  SparseVector,
  Tree,
  TreeWithoutRestart,
  TruncatedPoissonSampled,
  Unit,
  ZeroConcentrated,
} from './mechanism.ts';

type Fields<K> = Omit<K, 'kind'>;

export interface MechanismsUnder<A extends Adjacency, U extends Unit> {
  gaussian(fields: Fields<Gaussian>): Mechanism<A, U>;
  discreteGaussian(fields: Fields<DiscreteGaussian>): Mechanism<A, U>;
  laplace(fields: Fields<Laplace>): Mechanism<A, U>;
  discreteLaplace(fields: Fields<DiscreteLaplace>): Mechanism<A, U>;
  skellam(fields: Fields<Skellam>): Mechanism<A, U>;
  distributedDiscreteGaussian(fields: Fields<DistributedDiscreteGaussian>): Mechanism<A, U>;
  randomizedResponse(fields: Fields<RandomizedResponse>): Mechanism<A, U>;
  exponential(fields: Fields<Exponential>): Mechanism<A, U>;
  /** The k largest at once with Gumbel noise: as private as k exponential mechanisms one after the other (Durfee, Rogers 2019). */
  topK(fields: { readonly epsilonEach: number; readonly k: number }): Mechanism<A, U>;
  sparseVector(fields: Fields<SparseVector>): Mechanism<A, U>;
  approximate(fields: Fields<Approximate>): Mechanism<A, U>;
  zeroConcentrated(fields: Fields<ZeroConcentrated>): Mechanism<A, U>;
  tree(fields: Fields<Tree>): Mechanism<A, U>;
  treeWithoutRestart(fields: Fields<TreeWithoutRestart>): Mechanism<A, U>;
  bandedMatrix(fields: Fields<BandedMatrix>): Mechanism<A, U>;
  poissonSampled(fields: Fields<PoissonSampled<A, U>>): Mechanism<A, U>;
  truncatedPoissonSampled(fields: Fields<TruncatedPoissonSampled>): Mechanism<A, U>;
  fixedSizeSampled(fields: Fields<FixedSizeSampled>): Mechanism<A, U>;
  shuffledBatches(fields: Fields<ShuffledBatches<A, U>>): Mechanism<A, U>;
  groupPoissonSampled(fields: Fields<GroupPoissonSampled>): Mechanism<A, U>;
  repeatAndSelect(fields: Fields<RepeatAndSelect<A, U>>): Mechanism<A, U>;
  repetition(fields: Fields<Repetition<A, U>>): Mechanism<A, U>;
  composition(fields: Fields<Composition<A, U>>): Mechanism<A, U>;
}

export function under<A extends Adjacency, U extends Unit>(frame: {
  readonly adjacency: A;
  readonly unit: U;
}): MechanismsUnder<A, U> {
  const { adjacency, unit } = frame;
  if (!adjacencies.includes(adjacency))
    throw new ParameterError(`adjacency must be one of ${adjacencies.join(', ')}, not ${adjacency}`);
  if (!units.includes(unit)) throw new ParameterError(`unit must be one of ${units.join(', ')}, not ${unit}`);
  const make = (mechanism: Mechanism<A, U>): Mechanism<A, U> => checked(mechanism);
  return {
    gaussian: (fields) => make({ kind: 'gaussian', adjacency, unit, ...fields }),
    discreteGaussian: (fields) => make({ kind: 'discreteGaussian', adjacency, unit, ...fields }),
    laplace: (fields) => make({ kind: 'laplace', adjacency, unit, ...fields }),
    discreteLaplace: (fields) => make({ kind: 'discreteLaplace', adjacency, unit, ...fields }),
    skellam: (fields) => make({ kind: 'skellam', adjacency, unit, ...fields }),
    distributedDiscreteGaussian: (fields) => make({ kind: 'distributedDiscreteGaussian', adjacency, unit, ...fields }),
    randomizedResponse: (fields) => make({ kind: 'randomizedResponse', adjacency, unit, ...fields }),
    exponential: (fields) => make({ kind: 'exponential', adjacency, unit, ...fields }),
    topK: ({ epsilonEach, k }) => {
      const inner = make({ kind: 'exponential', adjacency, unit, epsilon: epsilonEach });
      return make({ kind: 'repetition', adjacency, unit, inner, count: k });
    },
    sparseVector: (fields) => make({ kind: 'sparseVector', adjacency, unit, ...fields }),
    approximate: (fields) => make({ kind: 'approximate', adjacency, unit, ...fields }),
    zeroConcentrated: (fields) => make({ kind: 'zeroConcentrated', adjacency, unit, ...fields }),
    tree: (fields) => make({ kind: 'tree', adjacency, unit, ...fields }),
    treeWithoutRestart: (fields) => make({ kind: 'treeWithoutRestart', adjacency, unit, ...fields }),
    bandedMatrix: (fields) => make({ kind: 'bandedMatrix', adjacency, unit, ...fields }),
    poissonSampled: (fields) => make({ kind: 'poissonSampled', adjacency, unit, ...fields }),
    truncatedPoissonSampled: (fields) => make({ kind: 'truncatedPoissonSampled', adjacency, unit, ...fields }),
    fixedSizeSampled: (fields) => make({ kind: 'fixedSizeSampled', adjacency, unit, ...fields }),
    shuffledBatches: (fields) => make({ kind: 'shuffledBatches', adjacency, unit, ...fields }),
    groupPoissonSampled: (fields) => make({ kind: 'groupPoissonSampled', adjacency, unit, ...fields }),
    repeatAndSelect: (fields) => make({ kind: 'repeatAndSelect', adjacency, unit, ...fields }),
    repetition: (fields) => make({ kind: 'repetition', adjacency, unit, ...fields }),
    composition: (fields) => make({ kind: 'composition', adjacency, unit, ...fields }),
  };
}

/** The same value, frozen through and through, after every field has passed its check. */
function checked<A extends Adjacency, U extends Unit>(mechanism: Mechanism<A, U>): Mechanism<A, U> {
  const checks = Object.hasOwn(fieldChecks, mechanism.kind) ? fieldChecks[mechanism.kind] : undefined;
  if (checks === undefined) throw new ParameterError(`there is no mechanism called ${String(mechanism.kind)}`);
  const fields = new Map<string, unknown>(Object.entries(mechanism));
  for (const [name, check] of Object.entries(checks)) {
    if (!fields.has(name)) throw new ParameterError(`${mechanism.kind} needs ${name}`);
    check(`${mechanism.kind}.${name}`, fields.get(name));
  }
  for (const name of fields.keys()) {
    if (!Object.hasOwn(checks, name) && !['kind', 'adjacency', 'unit'].includes(name)) {
      throw new ParameterError(`${mechanism.kind} has no field ${name}`);
    }
  }
  for (const inner of innersOf(mechanism)) {
    if (inner.adjacency !== mechanism.adjacency || inner.unit !== mechanism.unit) {
      throw new ParameterError(
        `${mechanism.kind} is for ${mechanism.adjacency} of a ${mechanism.unit}, the ${inner.kind} in it for ${inner.adjacency} of a ${inner.unit}: their guarantees do not add up`,
      );
    }
  }
  refuseImpossible(mechanism);
  if (mechanism.kind === 'tree') Object.freeze(mechanism.stepCounts);
  if (mechanism.kind === 'composition') Object.freeze(mechanism.parts);
  return Object.freeze(mechanism);
}

function innersOf<A extends Adjacency, U extends Unit>(mechanism: Mechanism<A, U>): readonly Mechanism<A, U>[] {
  if (mechanism.kind === 'composition') return mechanism.parts;
  return 'inner' in mechanism ? [mechanism.inner] : [];
}

const samplable: ReadonlySet<string> = new Set([
  'gaussian',
  'laplace',
  'discreteGaussian',
  'discreteLaplace',
  'skellam',
  'distributedDiscreteGaussian',
]);

function refuseImpossible(mechanism: Mechanism): void {
  switch (mechanism.kind) {
    case 'poissonSampled':
      if (!samplable.has(mechanism.inner.kind)) {
        throw new ParameterError(`a batch can be sampled for one noisy sum, not for a ${mechanism.inner.kind}`);
      }
      if (mechanism.adjacency === 'replace-one' && mechanism.inner.kind !== 'gaussian') {
        throw new ParameterError('Poisson sampling under replace-one is known here for Gaussian noise only');
      }
      return;
    case 'fixedSizeSampled':
      if (mechanism.batchSize > mechanism.populationSize) {
        throw new ParameterError(
          `a batch of ${mechanism.batchSize} from ${mechanism.populationSize} records cannot be`,
        );
      }
      if (mechanism.adjacency !== 'replace-one') {
        throw new ParameterError(
          'batches of fixed size are accounted under replace-one: adding a record would change the rate of all others',
        );
      }
      return;
    case 'truncatedPoissonSampled':
    case 'groupPoissonSampled':
      if (mechanism.adjacency === 'replace-one') {
        throw new ParameterError(`${mechanism.kind} is accounted under add-remove or zero-out`);
      }
      return;
    default:
      return;
  }
}

/** A mechanism from parsed JSON: every field is taken for nothing until it has been checked. */
export function mechanismFrom(value: unknown, depth = 0): Mechanism {
  if (depth > 32) throw new ParameterError('a mechanism may not be nested deeper than 32 levels');
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ParameterError('a mechanism is an object');
  const fields: Record<string, unknown> = { ...value };
  const kind = fields['kind'];
  if (typeof kind !== 'string' || !Object.hasOwn(fieldChecks, kind)) {
    throw new ParameterError(`there is no mechanism called ${String(kind)}`);
  }
  if (!adjacencies.includes(String(fields['adjacency'])))
    throw new ParameterError(`no adjacency is called ${String(fields['adjacency'])}`);
  if (!units.includes(String(fields['unit']))) throw new ParameterError(`no unit is called ${String(fields['unit'])}`);
  for (const name of innerFields) {
    const inner = fields[name];
    if (name === 'inner' && name in fields) fields[name] = mechanismFrom(inner, depth + 1);
    if (name === 'parts' && name in fields) {
      if (!Array.isArray(inner)) throw new ParameterError('the parts of a composition are a list');
      fields[name] = inner.map((one) => mechanismFrom(one, depth + 1));
    }
  }
  // The table of checks in `checked` is what makes this true.
  return checked(fields as unknown as Mechanism);
}
