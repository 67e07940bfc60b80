// What the owner of a model says in the open, so that somebody else can make keys, encrypt examples for it and read the answers: packing,
// parameters, the keys that are needed. No weight is in it; which inputs the model reads at all, and by what its outputs were divided, is.
//
// An offer comes from a stranger: its parameters are checked against the 128-bit table like everybody's, and what does not decode is refused
// (MalformedMessage). Its identity is the hash of its canonical text: files name it, so that ciphertexts of another offer are refused.

import { type CkksLiteral, type CkksParameters, ckksParameters } from '@sumus/lattice/parameters';
import { MalformedMessage, ParameterError } from '../errors.ts';
import type { Plan } from '../parameters/plan.ts';
import { type Layout, spread } from './feature-layout.ts';
import { type ExamplesPacking, inputName, outputName, usedInputs } from './slots-are-examples.ts';
import { type FeaturesPacking, INPUT, OUTPUT } from './slots-are-features.ts';

export interface PredictionOffer {
  readonly format: 'sumus prediction 1';
  readonly parameters: Required<CkksLiteral>;
  readonly slots: number;
  /** The level at which examples are encrypted. */
  readonly level: number;
  readonly inputs: number;
  readonly outputs: number;
  /** Every |input| is at most this. */
  readonly inputMagnitude: number;
  /** What opened slots are multiplied with. */
  readonly outputFactor: number;
  readonly relinearisation: boolean;
  readonly rotations: readonly number[];
  readonly packing: OfferedPacking;
}

export type OfferedPacking =
  /** One ciphertext for each of these inputs, one slot an example. */
  | { readonly kind: 'examples'; readonly used: readonly number[] }
  /** One ciphertext an example. */
  | { readonly kind: 'features'; readonly input: OfferedLayout; readonly output: OfferedLayout };

export interface OfferedLayout {
  readonly period: number;
  readonly positions: readonly number[];
}

export function predictionOffer(plan: Plan, packing: ExamplesPacking | FeaturesPacking): PredictionOffer {
  if (plan.circuit !== packing.circuit) throw new ParameterError('the plan is not one of this packing');
  if (packing.weights === 'encrypted') throw new ParameterError('an offer is for models whose owner computes');
  const { network } = packing;
  const { degree, limbsPerLevel, scaleBits, base, topLevel, digits, description } = plan.parameters;
  const parameters = {
    degree,
    baseLimbs: limbs(base.length),
    levels: topLevel,
    scaleBits,
    limbsPerLevel,
    digits: digits.length,
  };
  if (ckksParameters(parameters).description !== description) {
    throw new ParameterError(`no literal describes ${plan.parameters.toString()}`);
  }
  const layout = ({ period, positions }: Layout): OfferedLayout => ({ period, positions: [...positions] });
  const offered: OfferedPacking =
    'packed' in packing
      ? { kind: 'features', input: layout(packing.packed.input), output: layout(packing.packed.output) }
      : { kind: 'examples', used: usedInputs(network) };
  return Object.freeze({
    format: FORMAT,
    parameters,
    slots: plan.circuit.slots,
    level: topLevel,
    inputs: network.inputs,
    outputs: network.outputs,
    inputMagnitude: network.inputMagnitude,
    outputFactor: network.outputFactor,
    relinearisation: plan.keys.relinearisation,
    rotations: plan.keys.rotations,
    packing: offered,
  });
}

const FORMAT = 'sumus prediction 1';
const limbs = (count: number): 1 | 2 => (count === 1 ? 1 : 2);

/** Checked as everybody's: refuses what is not secure at 128 bits. */
export function offeredParameters({ parameters }: PredictionOffer): CkksParameters {
  return ckksParameters(parameters);
}

/** How many examples one encryption takes. */
export function examplesAtOnce({ packing, slots }: PredictionOffer): number {
  return packing.kind === 'examples' ? slots : 1;
}

/** Numbers for every ciphertext of a group of examples, by name; examples one after another. Refuses numbers beyond the bound, by place. */
export function* offeredInputs(
  offer: PredictionOffer,
  examples: ArrayLike<number>,
): Generator<readonly [string, Float64Array]> {
  const { inputs, inputMagnitude, packing, slots } = offer;
  const count = examples.length / inputs;
  if (!Number.isInteger(count) || count < 1 || count > examplesAtOnce(offer)) {
    throw new ParameterError(`${examples.length} numbers are not 1 to ${examplesAtOnce(offer)} examples of ${inputs}`);
  }
  for (let i = 0; i < examples.length; i++) {
    if (Math.abs(examples[i]) <= inputMagnitude) continue;
    const where = `input ${i % inputs} of example ${Math.floor(i / inputs)}`;
    throw new ParameterError(`${where} is not a number within ${inputMagnitude} of 0`);
  }
  if (packing.kind === 'features') {
    yield [INPUT, spread(wholeLayout(packing.input), slots, examples)];
    return;
  }
  for (const input of packing.used) {
    yield [inputName(input), Float64Array.from({ length: count }, (_, i) => examples[i * inputs + input])];
  }
}

/** Names of the ciphertexts of an answer. */
export function offeredOutputNames({ packing, outputs }: PredictionOffer): readonly string[] {
  return packing.kind === 'features' ? [OUTPUT] : Array.from({ length: outputs }, (_, output) => outputName(output));
}

/** Outputs example by example, from the slots that were opened. */
export function offeredOutputs(
  offer: PredictionOffer,
  opened: ReadonlyMap<string, ArrayLike<number>>,
  count: number,
): Float64Array {
  const { outputs, outputFactor, packing } = offer;
  const slots = offeredOutputNames(offer).map((name) => {
    const values = opened.get(name);
    if (values === undefined) throw new ParameterError(`${name} was not opened`);
    return values;
  });
  return Float64Array.from({ length: count * outputs }, (_, i) => {
    const [example, output] = [Math.floor(i / outputs), i % outputs];
    const value = packing.kind === 'features' ? slots[0][packing.output.positions[output]] : slots[output][example];
    return outputFactor * value;
  });
}

function wholeLayout({ period, positions }: OfferedLayout): Layout {
  return { period, positions: Uint32Array.from(positions) };
}

/** Members in their order, no white space: equal offers have equal text. */
export function offerText(offer: PredictionOffer): string {
  return JSON.stringify(offer);
}

export function parseOffer(text: string): PredictionOffer {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new MalformedMessage('an offer is JSON, and this is not', { cause });
  }
  const read = new Reading(value, 'the offer');
  read.literal('format', FORMAT);
  const inputs = read.whole('inputs', MOST_NUMBERS);
  const outputs = read.whole('outputs', MOST_NUMBERS);
  const slots = read.whole('slots', MOST_SLOTS);
  if (!Number.isInteger(Math.log2(slots))) throw new MalformedMessage(`the offer's ${slots} slots are no power of two`);
  const literal = read.inside('parameters');
  const parameters: Required<CkksLiteral> = {
    degree: literal.whole('degree', 2 * MOST_SLOTS),
    baseLimbs: limbs(literal.whole('baseLimbs', 2)),
    levels: literal.whole('levels', 64),
    scaleBits: literal.whole('scaleBits', 60),
    limbsPerLevel: limbs(literal.whole('limbsPerLevel', 2)),
    digits: literal.whole('digits', 130, 0),
  };
  if (slots > parameters.degree / 2) throw new MalformedMessage(`the offer's ${slots} slots exceed N/2`);
  const packing = read.inside('packing');
  const kind = packing.text('kind');
  const offered: OfferedPacking =
    kind === 'examples'
      ? { kind, used: packing.indices('used', inputs) }
      : kind === 'features'
        ? {
            kind,
            input: layoutOf(packing.inside('input'), inputs, slots),
            output: layoutOf(packing.inside('output'), outputs, slots),
          }
        : packing.refuse(`packing ${kind} is not known`);
  return Object.freeze({
    format: FORMAT,
    parameters,
    slots,
    level: read.whole('level', parameters.levels, 0),
    inputs,
    outputs,
    inputMagnitude: read.positive('inputMagnitude'),
    outputFactor: read.positive('outputFactor'),
    relinearisation: read.flag('relinearisation'),
    rotations: read.indices('rotations', slots),
    packing: offered,
  });
}

const MOST_NUMBERS = 2 ** 20;
const MOST_SLOTS = 2 ** 15;

function layoutOf(read: Reading, count: number, slots: number): OfferedLayout {
  const period = read.whole('period', slots);
  const positions = read.indices('positions', period);
  if (positions.length !== count) read.refuse(`${positions.length} positions for ${count} numbers`);
  return { period, positions };
}

/** Members of a JSON object, each checked as it is read. */
class Reading {
  readonly #members: ReadonlyMap<string, unknown>;
  readonly #what: string;

  constructor(value: unknown, what: string) {
    if (typeof value !== 'object' || value === null) throw new MalformedMessage(`${what} is no object`);
    this.#members = new Map(Object.entries(value));
    this.#what = what;
  }

  refuse(why: string): never {
    throw new MalformedMessage(`${this.#what}: ${why}`);
  }

  inside(name: string): Reading {
    return new Reading(this.#members.get(name), `${this.#what}'s ${name}`);
  }

  text(name: string): string {
    const value = this.#members.get(name);
    return typeof value === 'string' ? value : this.refuse(`${name} is no text`);
  }

  literal(name: string, expected: string): void {
    if (this.text(name) !== expected) this.refuse(`${name} is not '${expected}'`);
  }

  flag(name: string): boolean {
    const value = this.#members.get(name);
    return typeof value === 'boolean' ? value : this.refuse(`${name} is neither true nor false`);
  }

  whole(name: string, most: number, least: number = 1): number {
    const value = this.#members.get(name);
    const isWhole = typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
    return isWhole ? value : this.refuse(`${name} is no whole number from ${least} to ${most}`);
  }

  positive(name: string): number {
    const value = this.#members.get(name);
    const isPositive = typeof value === 'number' && value > 0 && Number.isFinite(value);
    return isPositive ? value : this.refuse(`${name} is no positive number`);
  }

  /** Distinct whole numbers below `bound`. */
  indices(name: string, bound: number): readonly number[] {
    const value = this.#members.get(name);
    if (!Array.isArray(value) || value.length > MOST_NUMBERS) return this.refuse(`${name} is no list, or too long`);
    const seen = new Set<number>();
    for (const one of value) {
      const index: unknown = one;
      if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= bound || seen.has(index)) {
        return this.refuse(`${name} holds something else than distinct whole numbers below ${bound}`);
      }
      seen.add(index);
    }
    return [...seen];
  }
}
