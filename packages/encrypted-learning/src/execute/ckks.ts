// A circuit on ciphertexts, as its plan says: every result on its planned level, operands dropped where they stand higher, encodings kept
// where they are used again, rotations of one ciphertext hoisted together. Holds evaluation keys, which are public, and no others.
//
// Refused before anything is computed: keys that lack something, a context of other parameters, a circuit that refreshes without somebody
// who does it. Refused at an input: other parameters, a level below the planned one (a chain that is spent), a larger declared bound.

import {
  add,
  addConstant,
  addPlain,
  applyTransform,
  type Ciphertext,
  type CkksContext,
  declareError,
  declareMagnitude,
  dropTo,
  evaluatePolynomial,
  linearCombination,
  multiplyByInteger,
  negate,
  type RelinearisationKey,
  rotate,
  rotateMany,
  subtract,
  sum,
  sumOfPlainProducts,
  sumOfProducts,
} from '@sumus/lattice/ckks';
import { innerSumSteps, isInteger, type Operation, operandsOf, type PlainTerm } from '../circuit/operation.ts';
import { ParameterError } from '../errors.ts';
import type { Plan } from '../parameters/plan.ts';
import type { Refresher } from '../refresh/refresher.ts';
import { plainSlots } from './clear.ts';
import { Encodings, type KeptEncodings } from './encodings.ts';
import type { Executor, Inputs } from './executor.ts';
import { type EvaluationKeys, requireContext, requireKeys } from './keys.ts';
import { readsOf, rotationGroups, type Turn } from './shared-work.ts';
import { walk } from './walk.ts';

export interface CkksOptions {
  /** Whoever gives spent ciphertexts new levels; required where the circuit refreshes. */
  readonly refresher?: Refresher;
  /** 'all' keeps every encoded vector and matrix for the next run; default 'reused' (encodings.ts). */
  readonly encodings?: KeptEncodings;
}

export function ckksExecutor(
  plan: Plan,
  context: CkksContext,
  keys: EvaluationKeys,
  { refresher, encodings: keep = 'reused' }: CkksOptions = {},
): Executor<Ciphertext> {
  requireContext(plan, context);
  requireKeys(plan, keys);
  const { circuit, levels, cost } = plan;
  if (refresher === undefined && circuit.operations.some(({ kind }, at) => kind === 'refresh' && levels[at] >= 0)) {
    throw new ParameterError(`circuit ${circuit.name} refreshes, and nobody was handed in who does it`);
  }
  const encodings = new Encodings(plan, context, keep);
  const executor: Executor<Ciphertext> = {
    kind: 'ckks',
    circuit,
    run: async (inputs, options) => {
      const run = new Run(plan, keys, encodings, inputs, refresher);
      try {
        return await walk<Ciphertext>(
          circuit,
          {
            // An operation that the cost model has at nothing still takes a moment.
            work: (at) => cost.works[at] + 1,
            apply: (operation, at, operand) => run.apply(operation, at, operand),
            forget: (at) => run.forget(at),
          },
          options,
        );
      } finally {
        encodings.forgetNamed();
      }
    },
  };
  return Object.freeze(executor);
}

class Run {
  readonly #plan: Plan;
  readonly #keys: EvaluationKeys;
  readonly #encodings: Encodings;
  readonly #inputs: Inputs<Ciphertext>;
  readonly #refresher: Refresher | undefined;
  /** Results dropped to a lower level than their own. */
  readonly #dropped = new Map<number, Map<number, Ciphertext>>();
  /** Rotations that were made together with another of the same operand. */
  readonly #hoisted = new Map<number, Ciphertext>();
  readonly #groups: ReadonlyMap<number, readonly Turn[]>;
  /** How many operations still read an operand on a level. */
  readonly #reads: Map<string, number>;

  constructor(
    plan: Plan,
    keys: EvaluationKeys,
    encodings: Encodings,
    inputs: Inputs<Ciphertext>,
    refresher: Refresher | undefined,
  ) {
    this.#plan = plan;
    this.#keys = keys;
    this.#encodings = encodings;
    this.#inputs = inputs;
    this.#refresher = refresher;
    this.#groups = rotationGroups(plan.circuit, plan.levels);
    this.#reads = readsOf(plan);
  }

  forget(at: number): void {
    this.#dropped.delete(at);
  }

  /** Lets go of copies on lower levels that no later operation reads: what is read in every iteration has one on every level. */
  #forgetDropped(operation: Operation, level: number): void {
    for (const operand of operandsOf(operation)) {
      const name = `${operand}/${level}`;
      const left = (this.#reads.get(name) ?? 0) - 1;
      this.#reads.set(name, left);
      if (left <= 0) this.#dropped.get(operand)?.delete(level);
    }
  }

  async apply(operation: Operation, at: number, operand: (at: number) => Ciphertext): Promise<Ciphertext> {
    const level = this.#plan.operandLevels[at];
    const read = (from: number): Ciphertext => this.#atLevel(from, operand(from), level);
    const result =
      operation.kind === 'input'
        ? await this.#input(operation, at)
        : operation.kind === 'refresh'
          ? await this.#refresh(read(operation.a), this.#plan.levels[at])
          : this.#compute(operation, at, operand, read);
    this.#forgetDropped(operation, level);
    const value = bounded(result, this.#plan.estimates[at]?.magnitude);
    const typical = this.#plan.typical[at]?.errorStddev;
    if (this.#plan.options.noise !== 'typical' || typical === undefined) return value;
    return declareError(value, typical * TYPICAL_MARGIN);
  }

  #atLevel(at: number, value: Ciphertext, level: number): Ciphertext {
    if (value.level === level) return value;
    const known = this.#dropped.get(at) ?? new Map<number, Ciphertext>();
    this.#dropped.set(at, known);
    const lowered = known.get(level) ?? dropTo(value, level);
    known.set(level, lowered);
    return lowered;
  }

  async #input({ name, magnitude }: Extract<Operation, { kind: 'input' }>, at: number): Promise<Ciphertext> {
    const given = await this.#inputs.encrypted(name);
    const planned = this.#plan.levels[at];
    if (given.context.parameters.description !== this.#plan.parameters.description) {
      throw new ParameterError(`input ${name} belongs to other parameters than the plan`);
    }
    if (given.level < planned) {
      throw new ParameterError(
        `input ${name} is at level ${given.level}, the plan needs ${planned}: its chain is spent, encrypt it anew or refresh it`,
      );
    }
    if (given.estimate.magnitude > magnitude * (1 + 2 ** -30)) {
      throw new ParameterError(
        `input ${name} declares numbers up to ${given.estimate.magnitude}, the circuit allows ${magnitude}`,
      );
    }
    return dropTo(given, planned);
  }

  async #refresh(spent: Ciphertext, level: number): Promise<Ciphertext> {
    // Where fewer levels are wanted than a refresh takes its operand with, there is nothing to ask for.
    if (level <= spent.level) return dropTo(spent, level);
    if (this.#refresher === undefined) throw new ParameterError('nobody was handed in who refreshes');
    const fresh = await this.#refresher.refresh(spent, level);
    if (fresh.level !== level || fresh.context.parameters.description !== this.#plan.parameters.description) {
      throw new ParameterError(`a refresh gave level ${fresh.level} where ${level} was asked for, or other parameters`);
    }
    return fresh;
  }

  #compute(
    operation: Exclude<Operation, { kind: 'input' | 'refresh' }>,
    at: number,
    operand: (at: number) => Ciphertext,
    read: (at: number) => Ciphertext,
  ): Ciphertext {
    const { galois } = this.#keys;
    switch (operation.kind) {
      case 'add':
        return add(read(operation.a), read(operation.b));
      case 'subtract':
        return subtract(read(operation.a), read(operation.b));
      case 'negate':
        return negate(read(operation.a));
      case 'sum':
        return sum(operation.terms.map(read));
      case 'add plain': {
        const a = read(operation.a);
        const { plain } = operation;
        if (plain.kind === 'scalar') return addConstant(a, plain.value);
        return addPlain(
          a,
          this.#encodings.of(plain, a.level, plainSlots(plain, this.#plan.circuit.slots, this.#inputs)),
        );
      }
      case 'combination':
        return this.#combination(operation.terms, operation.constant, at, operand, read);
      case 'product':
        return sumOfProducts(
          operation.pairs.map(({ a, b }) => [read(a), read(b)] as const),
          this.#relinearisation(),
        );
      case 'rotate':
        return this.#rotated(operation, at, read);
      case 'inner sum': {
        const first = read(operation.a);
        return innerSumSteps(operation.count, operation.stride, this.#plan.circuit.slots).reduce(
          (total, { steps, onto }) => add(onto === 'itself' ? total : first, rotate(total, steps, galois)),
          first,
        );
      }
      case 'transform': {
        const x = read(operation.a);
        return applyTransform(x, this.#encodings.transform(at, operation.diagonals), galois);
      }
      case 'polynomial':
        return evaluatePolynomial(read(operation.a), operation.coefficients, this.#relinearisation(), { real: true });
      case 'declare':
        return read(operation.a);
      default:
        return operation satisfies never;
    }
  }

  #combination(
    terms: readonly PlainTerm[],
    constant: number,
    at: number,
    operand: (at: number) => Ciphertext,
    read: (at: number) => Ciphertext,
  ): Ciphertext {
    if (terms.every(({ factor }) => isInteger(factor))) {
      const parts = terms.map(({ a, factor }) => times(read(a), factor.kind === 'scalar' ? factor.value : 0));
      return plusConstant(parts.length === 1 ? parts[0] : sum(parts), constant);
    }
    const level = this.#plan.operandLevels[at];
    if (terms.every(({ factor }) => factor.kind === 'scalar')) {
      const scaled = terms.map(({ a, factor }) => ({
        value: operand(a),
        coefficient: factor.kind === 'scalar' ? factor.value : 0,
      }));
      return linearCombination(scaled, constant, level);
    }
    const { slots } = this.#plan.circuit;
    const products = terms.map(
      ({ a, factor }) => [read(a), this.#encodings.of(factor, level, plainSlots(factor, slots, this.#inputs))] as const,
    );
    return plusConstant(sumOfPlainProducts(products), constant);
  }

  #rotated(
    { a, steps }: Extract<Operation, { kind: 'rotate' }>,
    at: number,
    read: (at: number) => Ciphertext,
  ): Ciphertext {
    const made = this.#hoisted.get(at);
    this.#hoisted.delete(at);
    if (made !== undefined) return made;
    const group = this.#groups.get(at);
    if (group === undefined) return rotate(read(a), steps, this.#keys.galois);
    const turned = rotateMany(
      read(a),
      group.map((turn) => turn.steps),
      this.#keys.galois,
    );
    group.forEach((turn, i) => {
      if (turn.at !== at) this.#hoisted.set(turn.at, turned[i]);
    });
    return turned[group.findIndex((turn) => turn.at === at)];
  }

  #relinearisation(): RelinearisationKey {
    const { relinearisation } = this.#keys;
    if (relinearisation === undefined) throw new ParameterError('this circuit needs a relinearisation key');
    return relinearisation;
  }
}

/** What is taken as typical is met within this factor (bench `encrypted`). */
const TYPICAL_MARGIN = 8;

function times(a: Ciphertext, factor: number): Ciphertext {
  return factor === 1 ? a : factor === -1 ? negate(a) : multiplyByInteger(a, factor);
}

function plusConstant(a: Ciphertext, constant: number): Ciphertext {
  return constant === 0 ? a : addConstant(a, constant);
}

/** Never a larger bound than the plan's, which sees more of the circuit than one operation does. */
function bounded(value: Ciphertext, magnitude: number | undefined): Ciphertext {
  return magnitude === undefined || value.estimate.magnitude <= magnitude ? value : declareMagnitude(value, magnitude);
}
