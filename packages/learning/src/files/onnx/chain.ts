// What an importer has understood of a graph up to some value: the layers from the input to it, each with its weights, as a list that
// grows at its end and shares its beginning. Where two values are added, the list forks and joins: a residual block.

import { MalformedMessage } from '../../errors.ts';
import type { LayerSpec } from '../../model/layer-spec.ts';

export interface Chain {
  readonly parent: Chain | undefined;
  /** Absent at the input alone. */
  readonly spec: LayerSpec | undefined;
  readonly weights: readonly Float32Array[];
  /** Layers from the input to here, blocks counting as one. */
  readonly length: number;
  /** The same with what is inside of blocks: a value that is used twice is copied, and a graph can double itself with every node. */
  readonly total: number;
}

const MOST_LAYERS = 4096;

export const start: Chain = { parent: undefined, spec: undefined, weights: [], length: 0, total: 0 };

export function extend(parent: Chain, spec: LayerSpec, weights: readonly Float32Array[], inside = 0): Chain {
  const total = parent.total + 1 + inside;
  if (total > MOST_LAYERS) throw new MalformedMessage(`the graph unfolds to more than ${MOST_LAYERS} layers`);
  return { parent, spec, weights, length: parent.length + 1, total };
}

/** a + b as a residual block on the last value that both come from; undefined when they are the same value. */
export function join(a: Chain, b: Chain): Chain | undefined {
  if (a === b) return undefined;
  const fork = commonBeginning(a, b);
  // A block's layers are the side that has some; of two such sides the first.
  const [body, aside] = a === fork ? [b, a] : [a, b];
  const spec: LayerSpec = {
    kind: 'residual',
    layers: layersSince(fork, body),
    shortcut: layersSince(fork, aside),
  };
  const weights = [...weightsSince(fork, body), ...weightsSince(fork, aside)];
  return extend(fork, spec, weights, body.total + aside.total - 2 * fork.total);
}

export function layersSince(from: Chain, to: Chain): readonly LayerSpec[] {
  return linksSince(from, to).flatMap(({ spec }) => (spec === undefined ? [] : [spec]));
}

/** In the order of the flat vector: layer by layer. */
export function weightsSince(from: Chain, to: Chain): readonly Float32Array[] {
  return linksSince(from, to).flatMap(({ weights }) => weights);
}

function linksSince(from: Chain, to: Chain): readonly Chain[] {
  const links: Chain[] = [];
  for (let at: Chain | undefined = to; at !== undefined && at !== from; at = at.parent) links.push(at);
  return links.reverse();
}

function commonBeginning(a: Chain, b: Chain): Chain {
  let [x, y]: [Chain | undefined, Chain | undefined] = [a, b];
  while (x !== y) {
    if ((x?.length ?? 0) >= (y?.length ?? 0)) x = x?.parent;
    else y = y?.parent;
  }
  return x ?? start;
}
