// Writes the operations of a circuit down, in order, and checks each when it is written. Made by `circuit` (circuit.ts), which see.

import { ParameterError } from '../errors.ts';
import { innerSumSteps, levelCost, type Operation, type Output, within } from './operation.ts';
import { type NamedPlain, type Plain, type PlainOperand, PlainVectors } from './plain.ts';

/** A value of the circuit that is being built. */
export interface Wire {
  readonly owner: CircuitBuilder;
  readonly at: number;
}

export interface InputOptions {
  /** Bound on every |number|; encryption refuses more. Default 1. */
  readonly magnitude?: number;
  /** What lies in which slot, in words. */
  readonly packing?: string;
}

export interface WeightedTerm {
  readonly value: Wire;
  readonly factor: PlainOperand;
}

export class CircuitBuilder {
  readonly slots: number;
  readonly #operations: Operation[] = [];
  readonly #sections: string[] = [];
  readonly #outputs = new Map<string, Output>();
  readonly #inputs = new Set<string>();
  readonly #plains = new Map<string, NamedPlain>();
  readonly #vectors = new PlainVectors();
  #section = '';
  #open = true;

  constructor(slots: number) {
    this.slots = slots;
  }

  /** Everything written by `build` belongs to this section; explain and progress name it. */
  section<Result>(name: string, build: () => Result): Result {
    const outer = this.#section;
    this.#section = outer === '' ? name : `${outer}, ${name}`;
    try {
      return build();
    } finally {
      this.#section = outer;
    }
  }

  /** An encrypted vector. */
  input(name: string, { magnitude = 1, packing = 'one number a slot' }: InputOptions = {}): Wire {
    this.#newName(name);
    return this.#write({ kind: 'input', name, magnitude: positive(magnitude), packing });
  }

  /** Encrypted vectors name.0, name.1, … */
  inputs(name: string, count: number, options: InputOptions = {}): readonly Wire[] {
    return Array.from({ length: count }, (_, i) => this.input(`${name}.${i}`, options));
  }

  /** A vector that is known in the clear, but only when the circuit runs. */
  plainInput(name: string, { magnitude = 1 }: Pick<InputOptions, 'magnitude'> = {}): NamedPlain {
    this.#newName(name);
    const made: NamedPlain = Object.freeze({ kind: 'named', name, magnitude: positive(magnitude) });
    this.#plains.set(name, made);
    return made;
  }

  add(a: Wire, b: Wire): Wire {
    return this.#write({ kind: 'add', a: this.#position(a), b: this.#position(b) });
  }

  subtract(a: Wire, b: Wire): Wire {
    return this.#write({ kind: 'subtract', a: this.#position(a), b: this.#position(b) });
  }

  negate(a: Wire): Wire {
    return this.#write({ kind: 'negate', a: this.#position(a) });
  }

  sum(terms: readonly Wire[]): Wire {
    const [first] = terms;
    if (first === undefined) throw new ParameterError('a sum needs at least one term');
    if (terms.length === 1) return first;
    return this.#write({ kind: 'sum', terms: terms.map((term) => this.#position(term)) });
  }

  addPlain(a: Wire, operand: PlainOperand): Wire {
    return this.#write({ kind: 'add plain', a: this.#position(a), plain: this.#plain(operand) });
  }

  /** One level; none if the operand is an integer. */
  multiplyPlain(a: Wire, operand: PlainOperand): Wire {
    return this.combination([{ value: a, factor: operand }]);
  }

  /** Σ factor·value + constant: one level, however many terms; none if every factor is an integer. */
  combination(terms: readonly WeightedTerm[], constant: number = 0): Wire {
    if (terms.length === 0) throw new ParameterError('a combination needs at least one term');
    if (!Number.isFinite(constant)) throw new ParameterError(`constant ${constant} is not a finite number`);
    const written = terms.map(({ value, factor }) => ({ a: this.#position(value), factor: this.#plain(factor) }));
    return this.#write({ kind: 'combination', terms: written, constant });
  }

  /** Slot by slot: one level. */
  multiply(a: Wire, b: Wire): Wire {
    return this.sumOfProducts([[a, b]]);
  }

  square(a: Wire): Wire {
    return this.sumOfProducts([[a, a]]);
  }

  /** Σ a·b: one level and one relinearisation, however many pairs. */
  sumOfProducts(pairs: readonly (readonly [Wire, Wire])[]): Wire {
    if (pairs.length === 0) throw new ParameterError('a sum of products needs at least one pair');
    const written = pairs.map(([a, b]) => ({ a: this.#position(a), b: this.#position(b) }));
    return this.#write({ kind: 'product', pairs: written });
  }

  /** Slot j receives what slot j + steps held. */
  rotate(a: Wire, steps: number): Wire {
    if (!Number.isSafeInteger(steps)) throw new ParameterError(`a rotation by ${steps} slots is not an integer`);
    const turned = within(steps, this.slots);
    return turned === 0 ? a : this.#write({ kind: 'rotate', a: this.#position(a), steps: turned });
  }

  /** Slot j becomes the sum of slots j, j + stride, …, j + (count − 1)·stride. About log2(count) rotations. */
  innerSum(a: Wire, count: number, stride: number = 1): Wire {
    if (!Number.isSafeInteger(stride)) throw new ParameterError(`a stride of ${stride} slots is not an integer`);
    if (innerSumSteps(count, stride, this.slots).length === 0) return a;
    return this.#write({ kind: 'inner sum', a: this.#position(a), count, stride: within(stride, this.slots) });
  }

  /** A matrix by its diagonals, y_j = Σ_k diagonal_k[j]·x_(j + k): one level. */
  transform(a: Wire, diagonals: ReadonlyMap<number, PlainVector>): Wire {
    const present = new Map<number, Float64Array>();
    for (const [key, values] of diagonals) {
      if (!Number.isSafeInteger(key)) throw new ParameterError(`diagonal ${key} is not an integer`);
      const plain = this.#vectors.of(values, this.slots);
      const k = within(key, this.slots);
      if (present.has(k)) throw new ParameterError(`diagonal ${key} is given twice, modulo ${this.slots}`);
      if (plain.kind === 'vector') present.set(k, plain.values);
    }
    if (present.size === 0) throw new ParameterError('a transform needs at least one diagonal');
    return this.#write({ kind: 'transform', a: this.#position(a), diagonals: present });
  }

  /**
   * coefficients[0] + coefficients[1]·x + …: ⌈log2(degree + 1)⌉ levels. Keep |x| near 1: coefficients are rounded to multiples of
   * 1/scale, so p(z) on [−R, R] is better written as a polynomial in z/R.
   */
  polynomial(a: Wire, coefficients: readonly number[]): Wire {
    const operation: Operation = { kind: 'polynomial', a: this.#position(a), coefficients: [...coefficients] };
    levelCost(operation);
    return this.#write(operation);
  }

  /** New levels: whoever runs the circuit hands in how (refresh/). */
  refresh(a: Wire): Wire {
    return this.#write({ kind: 'refresh', a: this.#position(a) });
  }

  /** A bound that the circuit itself cannot see, with the reason why it holds. The clear twin checks it. */
  declare(a: Wire, magnitude: number, because: string): Wire {
    return this.#write({ kind: 'declare', a: this.#position(a), magnitude: positive(magnitude), because });
  }

  output(name: string, a: Wire, { spareLevels = 0 }: { readonly spareLevels?: number } = {}): void {
    if (this.#outputs.has(name)) throw new ParameterError(`output ${name} is given twice`);
    if (!Number.isInteger(spareLevels) || spareLevels < 0) {
      throw new ParameterError(`${spareLevels} spare levels: not a number of levels`);
    }
    this.#outputs.set(name, Object.freeze({ at: this.#position(a), spareLevels }));
  }

  /** For `circuit` alone: what was written; nothing can be added afterwards. */
  finish(): {
    readonly operations: readonly Operation[];
    readonly sections: readonly string[];
    readonly outputs: ReadonlyMap<string, Output>;
  } {
    this.#open = false;
    return { operations: this.#operations, sections: this.#sections, outputs: this.#outputs };
  }

  #write(operation: Operation): Wire {
    if (!this.#open) throw new ParameterError('this circuit is finished: nothing can be added to it');
    this.#operations.push(Object.freeze(operation));
    this.#sections.push(this.#section);
    return Object.freeze({ owner: this, at: this.#operations.length - 1 });
  }

  #position({ owner, at }: Wire): number {
    if (owner !== this) throw new ParameterError('a wire of another circuit');
    return at;
  }

  #plain(operand: PlainOperand): Plain {
    const plain = this.#vectors.of(operand, this.slots);
    if (plain.kind === 'named' && this.#plains.get(plain.name) !== plain) {
      throw new ParameterError(`plain input ${plain.name} belongs to another circuit`);
    }
    return plain;
  }

  #newName(name: string): void {
    if (name === '' || this.#inputs.has(name))
      throw new ParameterError(`input '${name}' is named twice, or not at all`);
    this.#inputs.add(name);
  }
}

type PlainVector = readonly number[] | Float64Array;

function positive(magnitude: number): number {
  if (!(magnitude > 0) || !Number.isFinite(magnitude)) {
    throw new ParameterError(`a magnitude of ${magnitude} is not a positive number`);
  }
  return magnitude;
}
