// One level of a context: its primes, its scale, and the plans of what can be done there.

import type { Engine } from '../engine/engine.ts';
import type { CkksParameters } from '../parameters/ckks-parameters.ts';
import type { Scale } from '../parameters/scale.ts';
import { type Division, division, type LimbSource, limbSource } from '../ring/division.ts';
import { type Scalar, scalar } from '../ring/modulus.ts';
import { type Ring, ring, subring } from '../ring/ring.ts';

/** A digit of key switching as far as this level has its limbs. */
export interface LevelDigit {
  readonly start: number;
  readonly end: number;
  /** From the digit's primes to every prime of the extended ring. */
  readonly source: LimbSource;
}

export interface KeySwitchingPlan {
  /** The level's primes, then the special primes. */
  readonly extended: Ring;
  readonly digits: readonly LevelDigit[];
  /** Where limb j of the extended ring stands in the keys' ring. */
  readonly keyLimbs: readonly number[];
  /** P modulo every prime of the level. */
  readonly specialProduct: readonly Scalar[];
  /** Extended ring → level's ring. */
  readonly leave: Division;
  /** Extended ring → ring of the level below: division by P and rescaling in one. Absent at level 0. */
  readonly leaveAndRescale?: Division;
}

export interface Level {
  readonly level: number;
  readonly ring: Ring;
  readonly scale: Scale;
  /** Level's ring → ring of the level below. Absent at level 0. */
  readonly rescale?: Division;
  /** Absent for parameters without digits. */
  readonly keySwitching?: KeySwitchingPlan;
}

export function buildLevel(engine: Engine, parameters: CkksParameters, level: number): Level {
  const { degree, dataPrimes, base, limbsPerLevel, scales } = parameters;
  const ringAt = (l: number): Ring => ring(engine, degree, dataPrimes.slice(0, base.length + l * limbsPerLevel));
  const own = ringAt(level);
  const below = level > 0 ? ringAt(level - 1) : undefined;
  const keySwitching = parameters.digits.length > 0 ? planKeySwitching(engine, parameters, own, below) : undefined;
  return Object.freeze({
    level,
    ring: own,
    scale: scales[level],
    ...(below === undefined ? {} : { rescale: division(own, below) }),
    ...(keySwitching === undefined ? {} : { keySwitching }),
  });
}

function planKeySwitching(
  engine: Engine,
  { degree, dataPrimes, special, digits }: CkksParameters,
  own: Ring,
  below: Ring | undefined,
): KeySwitchingPlan {
  const limbs = own.moduli.length;
  const extended = ring(engine, degree, [...dataPrimes.slice(0, limbs), ...special]);
  const p = special.reduce((product, q) => product * BigInt(q), 1n);
  const range = (start: number, end: number): number[] => Array.from({ length: end - start }, (_, i) => start + i);
  return Object.freeze({
    extended,
    digits: digits
      .filter(({ start }) => start < limbs)
      .map(({ start, end }) => {
        const last = Math.min(end, limbs);
        return { start, end: last, source: limbSource(subring(own, range(start, last)), extended) };
      }),
    keyLimbs: [...range(0, limbs), ...range(dataPrimes.length, dataPrimes.length + special.length)],
    specialProduct: own.moduli.map((m) => scalar(p, m)),
    leave: division(extended, own),
    ...(below === undefined ? {} : { leaveAndRescale: division(extended, below) }),
  });
}
