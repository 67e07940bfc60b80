// Who is whose neighbour: derived by everybody from the beacon, never told (attack 10). On the complete graph everybody; on a sparse
// one, members stand on a ring in the order of the beacon's shuffle, and neighbours are the k/2 places on either side (Bell and
// others, CCS 2020). A member is its index in the roster. A member and its neighbours are its sharing set; shares of its secrets
// have the evaluation points 1, 2, … in the order of the set's indices, so nobody has the point 0, which is the secret itself.

import { shuffle } from '../beacon/index.ts';
import type { Context } from '../context/index.ts';
import { ParameterError } from '../errors.ts';
import type { PublicPrimitives } from '../primitives.ts';
import { type MaskParameters, SHARING_SET_AT_MOST } from './parameters.ts';

export interface MaskGraph {
  readonly parameters: MaskParameters;
  /** Ascending, without the member itself. */
  neighboursOf(index: number): readonly number[];
  areNeighbours(one: number, other: number): boolean;
  /** The evaluation point of a member in the sharing set of `owner`; in [1, 255]. */
  pointOf(owner: number, member: number): number;
}

export function maskGraph(
  primitives: Pick<PublicPrimitives, 'hkdfSha256' | 'chacha20'>,
  context: Context,
  parameters: MaskParameters,
): MaskGraph {
  const { graph, members, neighbours, sharingSet } = parameters;
  if (sharingSet > SHARING_SET_AT_MOST) {
    throw new ParameterError(
      `a sharing set of ${sharingSet} is more than the ${SHARING_SET_AT_MOST} points of GF(2^8)`,
    );
  }
  const adjacent =
    graph === 'complete' ? completeNeighbours(members) : ringNeighbours(primitives, context, members, neighbours);
  const of = (index: number): readonly number[] => {
    const found = adjacent(index);
    if (found === undefined) throw new ParameterError(`${index} is no index of ${members} members`);
    return found;
  };
  return Object.freeze({
    parameters,
    neighboursOf: of,
    areNeighbours: (one: number, other: number) => {
      const neighbours = of(one);
      return neighbours[countBelow(neighbours, other)] === other;
    },
    pointOf: (owner: number, member: number) => {
      const neighbours = of(owner);
      const before = countBelow(neighbours, member);
      if (owner !== member && neighbours[before] !== member) {
        throw new ParameterError(`${member} is not in the sharing set of ${owner}`);
      }
      return 1 + before + (owner < member ? 1 : 0);
    },
  });
}

/** How many of these ascending numbers are below `value`. */
function countBelow(ascending: readonly number[], value: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

type Adjacency = (index: number) => readonly number[] | undefined;

function completeNeighbours(members: number): Adjacency {
  const known = new Map<number, readonly number[]>();
  return (index) => {
    if (!Number.isInteger(index) || index < 0 || index >= members) return undefined;
    const before = known.get(index);
    if (before !== undefined) return before;
    const others = Array.from({ length: members - 1 }, (_, i) => (i < index ? i : i + 1));
    known.set(index, others);
    return others;
  };
}

function ringNeighbours(
  primitives: Pick<PublicPrimitives, 'hkdfSha256' | 'chacha20'>,
  context: Context,
  members: number,
  neighbours: number,
): Adjacency {
  if (neighbours % 2 !== 0 || neighbours < 2 || neighbours >= members) {
    throw new ParameterError(`${neighbours} neighbours among ${members} members are no ring: even, and fewer than all`);
  }
  const order = shuffle(primitives, context, 'mask/graph', members);
  const placeOf = new Uint32Array(members);
  order.forEach((index, place) => {
    placeOf[index] = place;
  });
  const known = new Map<number, readonly number[]>();
  return (index) => {
    const before = known.get(index);
    if (before !== undefined) return before;
    const place = placeOf[index];
    if (place === undefined) return undefined;
    const found: number[] = [];
    for (let step = 1; step <= neighbours / 2; step++) {
      found.push(order[(place + step) % members]!, order[(place - step + members) % members]!);
    }
    found.sort((a, b) => a - b);
    known.set(index, found);
    return found;
  };
}
