// How low a ciphertext may stand: content times scale must fit half the modulus.

import type { CkksParameters } from '@sumus/lattice/parameters';

/** For errors on top of content. */
const ROOM_MARGIN_BITS = 0.25;

/** log2 of the largest number that each level holds. */
const known = new WeakMap<CkksParameters, readonly number[]>();

/** The lowest level that holds numbers up to this magnitude; above the top if none does. */
export function roomFor(parameters: CkksParameters, magnitude: number): number {
  const rooms = known.get(parameters) ?? roomsOf(parameters);
  known.set(parameters, rooms);
  const bits = Math.log2(magnitude) + ROOM_MARGIN_BITS;
  const level = rooms.findIndex((room) => bits <= room);
  return level < 0 ? parameters.topLevel + 1 : level;
}

function roomsOf({ base, levels, scales }: CkksParameters): readonly number[] {
  let modulus = base.reduce((bits, q) => bits + Math.log2(q), 0);
  return scales.map(({ value }, level) => {
    if (level > 0) modulus += levels[level - 1].reduce((bits, q) => bits + Math.log2(q), 0);
    return modulus - 1 - Math.log2(value);
  });
}
