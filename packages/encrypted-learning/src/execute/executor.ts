// One interface, two executors: in the clear (clear.ts), the twin that a circuit is tuned and compared with, and on ciphertexts (ckks.ts).
// Both walk the same operations in the same order; whoever writes a training or a prediction writes it once, for any Value.
//
// An executor holds no secret key. What it needs from elsewhere is handed in: inputs by name, and somebody who refreshes.

import type { Circuit } from '../circuit/circuit.ts';
import { ParameterError } from '../errors.ts';

export interface Executor<Value> {
  readonly kind: 'clear' | 'ckks';
  readonly circuit: Circuit;
  /** The outputs by name. Refuses an input that is missing, of other parameters, or that declares more than the circuit allows. */
  run(inputs: Inputs<Value>, options?: RunOptions): Promise<ReadonlyMap<string, Value>>;
}

export interface Inputs<Value> {
  /** Asked once for every encrypted input, when it is first needed: inputs may be read from a file one after another. */
  encrypted(name: string): Value | Promise<Value>;
  /** Asked for the plain inputs of the circuit, if it has any; at most `slots` numbers. */
  plain?(name: string): ArrayLike<number>;
}

export interface RunOptions {
  /** Called before every operation. */
  readonly onProgress?: (progress: Progress) => void;
}

export interface Progress {
  /** Work done and work in all, in the units of the cost model (circuit/cost.ts): their ratio foretells time. */
  readonly done: number;
  readonly total: number;
  /** The section of the operation that comes next, '' outside of all. */
  readonly section: string;
}

/** Inputs from records: for tests, examples and whatever fits in memory. */
export function inputsFrom<Value>(
  encrypted: Readonly<Record<string, Value>> | ReadonlyMap<string, Value>,
  plain: Readonly<Record<string, ArrayLike<number>>> = {},
): Inputs<Value> {
  const known = encrypted instanceof Map ? encrypted : new Map(Object.entries(encrypted));
  const plains = new Map(Object.entries(plain));
  const found = <T>(from: ReadonlyMap<string, T>, name: string): T => {
    const value = from.get(name);
    if (value === undefined) throw new ParameterError(`the run needs input ${name}, which was not handed in`);
    return value;
  };
  return { encrypted: (name) => found(known, name), plain: (name) => found(plains, name) };
}
