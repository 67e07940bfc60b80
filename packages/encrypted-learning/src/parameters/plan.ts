// A circuit on a parameter set: which level everything stands on, which keys it takes, what it costs and how precise it will be. All of it
// from public numbers, before a key exists. `explain` (explain.ts) prints it; an executor walks it.
//
// Refused: a circuit deeper than the chain, with what would reduce it (advice.ts); content that no level holds; a refresh without a model of
// it; bootstrapping, which is not built.

import type { Estimate } from '@sumus/lattice/ckks';
import type { CkksParameters } from '@sumus/lattice/parameters';
import { type Circuit, usedOf } from '../circuit/circuit.ts';
import { levelsOf } from '../circuit/levels.ts';
import { magnitudesOf } from '../circuit/magnitude.ts';
import { stepsOf } from '../circuit/measure.ts';
import { levelCost, operandsOf } from '../circuit/operation.ts';
import { ParameterError } from '../errors.ts';
import type { RefreshModel } from '../refresh/model.ts';
import { adviceFor } from './advice.ts';
import { sizeAt, stepsOfTransform, workOf } from './cost.ts';
import { estimatesOf, type NoiseKind } from './noise.ts';
import { holdsOn, roomFor } from './room.ts';

export interface PlanOptions {
  /** How spent ciphertexts get new levels: required where the circuit refreshes. */
  readonly refresh?: RefreshModel;
  /** Who encrypts inputs: default 'public key', the noisier one. */
  readonly encryptedWith?: 'public key' | 'secret key';
  /** Members whose key it is; default 1. */
  readonly keyParties?: number;
  /**
   * Which error ciphertexts carry (noise.ts). Default 'bound'. After long circuits on levels of one limb the bound exceeds every number;
   * 'typical', with a margin, then stands for it, and nothing that comes out may be released without another bound.
   */
  readonly noise?: NoiseKind;
}

export interface Plan {
  readonly kind: 'plan';
  readonly circuit: Circuit;
  readonly parameters: CkksParameters;
  readonly options: PlanOptions;
  /** Of every result; −1 where nothing depends on it. */
  readonly levels: readonly number[];
  /** The level at which an operation reads its operands. */
  readonly operandLevels: readonly number[];
  /** Bounds, and what is met (noise.ts). */
  readonly estimates: readonly (Estimate | undefined)[];
  readonly typical: readonly (Estimate | undefined)[];
  readonly keys: KeysNeeded;
  readonly cost: Cost;
}

export interface KeysNeeded {
  readonly relinearisation: boolean;
  /** Steps of the rotations, transforms included, rising. */
  readonly rotations: readonly number[];
}

export interface Cost {
  /** In transforms of one limb (cost.ts), and for every operation. */
  readonly work: number;
  readonly works: readonly number[];
  /** All evaluation keys: in memory, and as sent with their seeds. */
  readonly keyBytes: number;
  readonly seededKeyBytes: number;
  /** Inputs and outputs as they are in memory. */
  readonly inputBytes: number;
  readonly outputBytes: number;
  /** The most that intermediate results take at once. */
  readonly peakBytes: number;
  /** −log2 of the deviation of the worst output's error: of its bound, and of what is met. */
  readonly precisionBits: number;
  readonly typicalPrecisionBits: number;
}

export function plan(circuit: Circuit, parameters: CkksParameters, options: PlanOptions = {}): Plan {
  const made = planUnopened(circuit, parameters, options);
  const closed = unopenableOutput(made);
  if (closed === undefined) return made;
  const other = options.noise === 'typical' ? '' : "; count with what is met instead (noise: 'typical')";
  throw new ParameterError(
    `the error of output ${closed} may exceed all that its level holds, so that nobody could decrypt it${other}`,
  );
}

/** The first output whose content and error may not fit its level; undefined if all can be opened. */
export function unopenableOutput({
  circuit,
  parameters,
  levels,
  options,
  estimates,
  typical,
}: Plan): string | undefined {
  for (const [name, { at }] of circuit.outputs) {
    const estimate = (options.noise === 'typical' ? typical : estimates)[at];
    if (estimate !== undefined && !holdsOn(parameters, levels[at], estimate)) return name;
  }
  return undefined;
}

/** A plan whose outputs may not be opened: for choosing. */
export function planUnopened(circuit: Circuit, parameters: CkksParameters, options: PlanOptions = {}): Plan {
  const { slots, operations } = circuit;
  if (slots > parameters.slots) {
    throw new ParameterError(
      `circuit ${circuit.name} has ${slots} slots, ${parameters.toString()} has ${parameters.slots}`,
    );
  }
  const levels = levelsFor(circuit, parameters, options);
  if (topNeeded(circuit, levels, parameters, options) > parameters.topLevel)
    throw new ParameterError(tooDeep(circuit, parameters, levels, options));
  const refreshOperand = refreshOperandOf(circuit, parameters, options, magnitudesOf(circuit));
  const operandLevels = operations.map((operation, at) =>
    operation.kind === 'refresh' ? refreshOperand(at) : levels[at] + levelCost(operation),
  );
  const keyParties = options.keyParties ?? 1;
  const request = {
    parameters,
    levels,
    operandLevels,
    encryptedWith: options.encryptedWith ?? 'public key',
    relinearisationError: keyParties === 1 ? 1 : keyParties * Math.sqrt((4 / 3) * parameters.degree),
    ...(options.refresh === undefined ? {} : { refresh: options.refresh }),
  } as const;
  const estimates = estimatesOf(circuit, request, 'bound');
  const typical = estimatesOf(circuit, request, 'typical');
  const works = operations.map((operation, at) => workOf(operation, levels[at], slots, parameters));
  const keys = keysOf(circuit, levels, parameters);
  return Object.freeze({
    kind: 'plan',
    circuit,
    parameters,
    options,
    levels,
    operandLevels,
    estimates,
    typical,
    keys,
    cost: costOf(circuit, parameters, { levels, works, keys, estimates, typical }),
  });
}

/** The levels that this circuit takes here, whether the chain has them or not. */
export function levelsFor(circuit: Circuit, parameters: CkksParameters, options: PlanOptions): readonly number[] {
  const magnitudes = magnitudesOf(circuit);
  const used = usedOf(circuit);
  circuit.operations.forEach(({ kind }, at) => {
    if (kind === 'refresh' && used[at]) requireRefresh(circuit, parameters, options);
  });
  return levelsOf(circuit, {
    room: (at) => roomFor(parameters, magnitudes[at]),
    refreshOperand: refreshOperandOf(circuit, parameters, options, magnitudes),
  });
}

/** The top level that these levels take: that of the highest result, and above those of refreshes what a refresh does not reach. */
export function topNeeded(
  { operations }: Circuit,
  levels: readonly number[],
  parameters: CkksParameters,
  { refresh }: PlanOptions,
): number {
  const unreached = refresh === undefined ? 0 : parameters.topLevel - refresh.resultLevel(parameters);
  return operations.reduce(
    (most, { kind }, at) => Math.max(most, levels[at] + (kind === 'refresh' ? unreached : 0)),
    0,
  );
}

function requireRefresh(circuit: Circuit, parameters: CkksParameters, { refresh }: PlanOptions): void {
  if (refresh === undefined) {
    throw new ParameterError(`circuit ${circuit.name} refreshes, and the plan was not told how`);
  }
  if (refresh.kind === 'bootstrapping') {
    throw new ParameterError('bootstrapping is not built: refresh by the owner, or by the members of a shared key');
  }
  if (refresh.resultLevel(parameters) > parameters.topLevel) {
    throw new ParameterError(`a refresh cannot reach above level ${parameters.topLevel}`);
  }
}

/** The level at which the refresh at a position takes its operand. */
function refreshOperandOf(
  { operations }: Circuit,
  parameters: CkksParameters,
  { refresh }: PlanOptions,
  magnitudes: readonly number[],
): (at: number) => number {
  return (at) => {
    const operation = operations[at];
    if (operation.kind !== 'refresh' || refresh === undefined) return 0;
    return refresh.operandLevel(parameters, magnitudes[operation.a]) ?? parameters.topLevel + 1;
  };
}

function keysOf({ operations, slots }: Circuit, levels: readonly number[], parameters: CkksParameters): KeysNeeded {
  const rotations = new Set<number>();
  let relinearisation = false;
  operations.forEach((operation, at) => {
    if (levels[at] < 0) return;
    for (const step of stepsOf(operation, slots)) rotations.add(step);
    if (operation.kind === 'transform') {
      const { babies, giants } = stepsOfTransform(
        operation.diagonals.keys(),
        slots,
        sizeAt(parameters, levels[at] + 1),
      );
      for (const step of [...babies, ...giants]) rotations.add(step);
    }
    relinearisation ||=
      operation.kind === 'product' || (operation.kind === 'polynomial' && operation.coefficients.length > 2);
  });
  return { relinearisation, rotations: [...rotations].sort((a, b) => a - b) };
}

function costOf(
  circuit: Circuit,
  parameters: CkksParameters,
  made: Pick<Plan, 'levels' | 'keys' | 'estimates' | 'typical'> & { readonly works: readonly number[] },
): Cost {
  const { levels, works, keys, estimates, typical } = made;
  const { degree, digits, dataPrimes, special } = parameters;
  const keyCount = keys.rotations.length + (keys.relinearisation ? 1 : 0);
  const seededKeyBytes = keyCount * digits.length * (dataPrimes.length + special.length) * degree * 4;
  const bytes = (at: number): number => ciphertextBytes(parameters, levels[at]);
  const outputs = [...circuit.outputs.values()].map(({ at }) => at);
  const inputs = circuit.operations.flatMap(({ kind }, at) => (kind === 'input' && levels[at] >= 0 ? [at] : []));
  const worst = (from: readonly (Estimate | undefined)[]): number =>
    -Math.log2(outputs.reduce((most, at) => Math.max(most, from[at]?.errorStddev ?? 0), 0));
  return Object.freeze({
    work: works.reduce((sum, work) => sum + work, 0),
    works,
    keyBytes: 2 * seededKeyBytes,
    seededKeyBytes,
    inputBytes: inputs.reduce((sum, at) => sum + bytes(at), 0),
    outputBytes: outputs.reduce((sum, at) => sum + bytes(at), 0),
    peakBytes: peakBytes(circuit, levels, bytes),
    precisionBits: worst(estimates),
    typicalPrecisionBits: worst(typical),
  });
}

export function ciphertextBytes(parameters: CkksParameters, level: number): number {
  return level < 0 ? 0 : 2 * sizeAt(parameters, level).limbs * parameters.degree * 4;
}

/** As the walk keeps results (execute/walk.ts): until their last reader is done. Inputs come when they are first read. */
function peakBytes({ operations, outputs }: Circuit, levels: readonly number[], bytes: (at: number) => number): number {
  const last = new Map<number, number>();
  operations.forEach((operation, at) => {
    if (levels[at] >= 0) for (const operand of operandsOf(operation)) last.set(operand, at);
  });
  for (const { at } of outputs.values()) last.set(at, operations.length);
  const live = new Set<number>();
  let now = 0;
  let peak = 0;
  const enter = (at: number): void => {
    if (live.has(at)) return;
    live.add(at);
    now += bytes(at);
    peak = Math.max(peak, now);
  };
  operations.forEach((operation, at) => {
    if (levels[at] < 0 || operation.kind === 'input') return;
    for (const operand of operandsOf(operation)) enter(operand);
    enter(at);
    for (const operand of operandsOf(operation)) {
      if (last.get(operand) === at && live.delete(operand)) now -= bytes(operand);
    }
  });
  return peak;
}

function tooDeep(
  circuit: Circuit,
  parameters: CkksParameters,
  levels: readonly number[],
  options: PlanOptions,
): string {
  const depth = levels.reduce((most, level) => Math.max(most, level), 0);
  const refreshOperand = refreshOperandOf(circuit, parameters, options, magnitudesOf(circuit));
  const advice = adviceFor(circuit, levels, parameters, refreshOperand);
  return `circuit ${circuit.name} needs ${depth} levels, ${parameters.toString()} has ${parameters.topLevel}. ${advice.join(' ')}`;
}
