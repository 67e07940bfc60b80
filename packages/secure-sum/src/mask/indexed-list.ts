// A list of members in ascending order, each with bytes of one length, as it was read: a thousand members send a hundred entries each, so
// nothing is made of an entry before somebody asks for it. Refuses what does not ascend, and bytes left over.

import { CanonicalReader } from '../canonical/index.ts';
import { ParameterError } from '../errors.ts';

/** Members' indices in the roster, at most. */
export const INDEX_AT_MOST: number = 2 ** 24;

export interface IndexedList {
  readonly count: number;
  indexAt(place: number): number;
  /** Where a member stands, if it does. */
  placeOf(index: number): number | undefined;
  /** What stands behind its index. A view, not to be changed. */
  bytesAt(place: number): Uint8Array;
}

/** `message` and `what`: for errors. Keeps `body`, which the caller does not change. */
export function readIndexedList(
  body: Uint8Array,
  message: string,
  what: string,
  atMost: number,
  bytesEach: number,
): IndexedList {
  const reader = new CanonicalReader(body, message);
  const count = reader.count(what, atMost, 4 + bytesEach);
  const indices = new Uint32Array(count);
  for (let place = 0, last = -1; place < count; place++) {
    const index = reader.within('member', 4, 0, INDEX_AT_MOST);
    if (index <= last) reader.refuse('E_MALFORMED', `member ${index} after ${last}: ${what} must ascend`);
    last = index;
    indices[place] = index;
    reader.skip('entry', bytesEach);
  }
  reader.finish();
  return Object.freeze<IndexedList>({
    count,
    indexAt: (place) => indices[requirePlace(place, count)]!,
    placeOf: (index) => placeOf(indices, index),
    bytesAt(place) {
      const start = 4 + requirePlace(place, count) * (4 + bytesEach) + 4;
      return body.subarray(start, start + bytesEach);
    },
  });
}

function requirePlace(place: number, count: number): number {
  if (!(place >= 0 && place < count)) throw new ParameterError(`there is no entry ${place} of ${count}`);
  return place;
}

function placeOf(indices: Uint32Array, index: number): number | undefined {
  let low = 0;
  let high = indices.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (indices[middle]! < index) low = middle + 1;
    else high = middle;
  }
  return indices[low] === index ? low : undefined;
}
