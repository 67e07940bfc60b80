// The twiddle tables of one prime, laid out as kernels/ntt.ts reads them, kept in the engine's memory for its lifetime.

import { invertModulo, multiplyModulo, powerModulo, shoupQuotient } from '../arithmetic/modular.ts';
import type { Engine } from '../engine/engine.ts';
import { type Modulus, type Scalar, scalar } from './modulus.ts';

export interface NttTables {
  /** Addresses of n words each. */
  readonly roots: number;
  readonly quotients: number;
  readonly inverseRoots: number;
  readonly inverseQuotients: number;
  /** n^-1 and n^-1·ψ^-bitreverse(1), for the last layer of the inverse. */
  readonly scale: Scalar;
  readonly scaledRoot: Scalar;
}

/**
 * A primitive 2n-th root of unity modulo q: x^((q−1)/2n) for the smallest x ≥ 2 whose power has ψ^n = −1. Part of the wire
 * format, because it fixes which evaluation stands where.
 */
export function primitiveRoot(degree: number, q: number): number {
  for (let x = 2; ; x++) {
    const psi = powerModulo(x, (q - 1) / (2 * degree), q);
    if (powerModulo(psi, degree, q) === q - 1) return psi;
  }
}

/** Reverses the lowest `bits` bits of i. */
export function bitReverse(i: number, bits: number): number {
  let reversed = 0;
  for (let b = 0; b < bits; b++) reversed |= ((i >> b) & 1) << (bits - 1 - b);
  return reversed;
}

const cache = new WeakMap<Engine, Map<string, NttTables>>();

export function nttTables(engine: Engine, degree: number, m: Modulus): NttTables {
  const known = cache.get(engine) ?? new Map<string, NttTables>();
  cache.set(engine, known);
  const key = `${degree}:${m.q}`;
  const tables = known.get(key) ?? buildTables(engine, degree, m);
  known.set(key, tables);
  return tables;
}

function buildTables(engine: Engine, degree: number, m: Modulus): NttTables {
  const psi = primitiveRoot(degree, m.q);
  const inverse = invertModulo(psi, m.q);
  const scale = scalar(invertModulo(degree, m.q), m);
  const forward = writePowers(engine, degree, m.q, psi);
  const backward = writePowers(engine, degree, m.q, inverse);
  return {
    roots: forward.values,
    quotients: forward.quotients,
    inverseRoots: backward.values,
    inverseQuotients: backward.quotients,
    scale,
    scaledRoot: scalar(multiplyModulo(scale.value, powerModulo(inverse, degree / 2, m.q), m.q), m),
  };
}

/** root^bitreverse(i) at i, with quotients; every block of eight of the upper half holds its evens, then its odds. */
function writePowers(engine: Engine, degree: number, q: number, root: number): { values: number; quotients: number } {
  const bits = Math.log2(degree);
  const inOrder = new Uint32Array(degree);
  let power = 1;
  for (let exponent = 0; exponent < degree; exponent++) {
    inOrder[bitReverse(exponent, bits)] = power;
    power = multiplyModulo(power, root, q);
  }
  const laidOut = inOrder.slice();
  for (let block = degree / 2; block < degree; block += 8) {
    for (let i = 0; i < 8; i++) laidOut[block + (i & 1) * 4 + (i >> 1)] = inOrder[block + i];
  }
  const values = engine.memory.allocateTable(4 * degree);
  const quotients = engine.memory.allocateTable(4 * degree);
  engine.memory.u32(values, degree).set(laidOut);
  engine.memory.u32(quotients, degree).set(laidOut.map((w) => shoupQuotient(w, q)));
  return { values, quotients };
}
