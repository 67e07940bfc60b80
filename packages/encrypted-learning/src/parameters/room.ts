// How low a ciphertext may stand: content times scale must fit half the modulus.

import type { Estimate } from '@sumus/lattice/ckks';
import type { CkksParameters } from '@sumus/lattice/parameters';

/** For errors on top of content. */
const ROOM_MARGIN_BITS = 0.25;

/** log2 of the largest number that each level holds. */
const known = new WeakMap<CkksParameters, readonly number[]>();

/** The lowest level that holds numbers up to this magnitude; above the top if none does. */
export function roomFor(parameters: CkksParameters, magnitude: number): number {
  const bits = Math.log2(magnitude) + ROOM_MARGIN_BITS;
  const level = roomsOf(parameters).findIndex((room) => bits <= room);
  return level < 0 ? parameters.topLevel + 1 : level;
}

/** Whether content and error of this size can be decrypted on a level (lattice: ckks/reading.ts); errors are in coefficients there. */
export function holdsOn(parameters: CkksParameters, level: number, { magnitude, errorStddev }: Estimate): boolean {
  const error = (TAIL * errorStddev) / Math.sqrt(parameters.degree / 2);
  // Negated, so that an error that is no number does not fit.
  return !(Math.log2(magnitude + error) > roomsOf(parameters)[level]) && !Number.isNaN(error);
}

/** Deviations beyond which no error of a coefficient is expected. */
const TAIL = 14;

function roomsOf(parameters: CkksParameters): readonly number[] {
  const rooms = known.get(parameters) ?? computeRooms(parameters);
  known.set(parameters, rooms);
  return rooms;
}

function computeRooms({ base, levels, scales }: CkksParameters): readonly number[] {
  let modulus = base.reduce((bits, q) => bits + Math.log2(q), 0);
  return scales.map(({ value }, level) => {
    if (level > 0) modulus += levels[level - 1].reduce((bits, q) => bits + Math.log2(q), 0);
    return modulus - 1 - Math.log2(value);
  });
}
