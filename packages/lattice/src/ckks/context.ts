// Everything that a parameter set fixes, made once on an engine: rings, tables and plans per level. Start here to read ckks/.
//
// A context holds no secret. The same lattice and parameters give the same context; values of different contexts do not mix.

import { ParameterError } from '../errors.ts';
import type { KeySwitchingLayout } from '../keys/key-switching-key.ts';
import type { Lattice } from '../lattice.ts';
import type { CkksParameters } from '../parameters/ckks-parameters.ts';
import { parameterId } from '../parameters/identity.ts';
import { type Ring, ring } from '../ring/ring.ts';
import { buildLevel, type Level } from './level.ts';

export interface CkksContext {
  readonly lattice: Lattice;
  readonly parameters: CkksParameters;
  /** SHA-256 of the parameters' description. */
  readonly id: Uint8Array;
  /** All data primes: the ring of fresh ciphertexts and of public keys. */
  readonly ring: Ring;
  /** Data primes, then special primes: the ring of secret and evaluation keys, and how it is cut into digits. */
  readonly layout: KeySwitchingLayout;
  /** The tables of a level, 0 to topLevel; made when first asked for, hence outside scopes. */
  level(level: number): Level;
  toString(): string;
}

const known = new WeakMap<Lattice, Map<string, CkksContext>>();

export function ckksContext(lattice: Lattice, parameters: CkksParameters): CkksContext {
  const contexts = known.get(lattice) ?? new Map<string, CkksContext>();
  known.set(lattice, contexts);
  const made = contexts.get(parameters.description) ?? build(lattice, parameters);
  contexts.set(parameters.description, made);
  return made;
}

function build(lattice: Lattice, parameters: CkksParameters): CkksContext {
  const { degree, dataPrimes, special, digits, topLevel } = parameters;
  const layout = Object.freeze({ ring: ring(lattice.engine, degree, [...dataPrimes, ...special]), digits });
  const levels: (Level | undefined)[] = [];
  return Object.freeze({
    lattice,
    parameters,
    id: parameterId(lattice.primitives, parameters.description),
    ring: ring(lattice.engine, degree, dataPrimes),
    layout,
    level(level: number): Level {
      if (!Number.isInteger(level) || level < 0 || level > topLevel) {
        throw new ParameterError(`level ${level} is not in [0, ${topLevel}]`);
      }
      const made = levels[level] ?? buildLevel(lattice.engine, parameters, level);
      levels[level] = made;
      return made;
    },
    toString: () => parameters.toString(),
  });
}
