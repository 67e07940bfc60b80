// A round's support: drawn from a beacon, or guided by what was published before and completed by exploration. Nobody chooses it, and
// nobody's update is in it: what guides is public already.
//
// The support's hash is in the configuration, and the configuration is in the context, so it cannot come from that context's beacon: it comes
// from an earlier whole context of the run, whose beacon nobody could foresee when what guides was published.

import type { Context } from '../context/index.ts';
import { ParameterError } from '../errors.ts';
import type { Hashing } from '../primitives.ts';
import type { Guide } from './guide.ts';
import { largestIndices } from './largest.ts';
import { below, publicWords, type StreamPrimitives } from './public-words.ts';
import { type Support, supportOf, wholeSupport } from './support.ts';

export type SupportRule =
  | { readonly kind: 'all' }
  /** `count` coordinates from the beacon. */
  | { readonly kind: 'random'; readonly count: number }
  /** The largest of the guide, and `explore` of the others from the beacon: without them no new coordinate is ever seen. */
  | { readonly kind: 'guided'; readonly count: number; readonly explore: number };

export interface SupportDraw {
  readonly vectorLength: number;
  readonly rule: SupportRule;
  /** An earlier whole context. Not needed for 'all'. */
  readonly context?: Context | undefined;
  readonly guide?: Guide | undefined;
}

export function drawSupport(
  primitives: StreamPrimitives & Hashing,
  { vectorLength, rule, context, guide }: SupportDraw,
): Support {
  if (rule.kind === 'all') return wholeSupport(primitives, vectorLength);
  if (context === undefined) throw new ParameterError(`a ${rule.kind} support needs the beacon of an earlier context`);
  requireCount('count', rule.count, 1, vectorLength);
  const words = publicWords(primitives, context, 'support/draw', [rule.kind]);
  const chosen = new Uint8Array(vectorLength);
  switch (rule.kind) {
    case 'random':
      choose(words, chosen, rule.count);
      break;
    case 'guided': {
      requireCount('explore', rule.explore, 0, rule.count);
      if (guide?.magnitudes.length !== vectorLength) {
        throw new ParameterError(`the guide is not one of ${vectorLength} coordinates`);
      }
      for (const index of largestIndices(guide.magnitudes, rule.count - rule.explore)) chosen[index] = 1;
      choose(words, chosen, rule.explore);
      break;
    }
    default:
      rule satisfies never;
  }
  const indices = new Uint32Array(rule.count);
  let written = 0;
  for (let i = 0; i < vectorLength; i++) if (chosen[i] === 1) indices[written++] = i;
  return supportOf(primitives, vectorLength, indices);
}

/** Chooses `count` of the coordinates that are not chosen yet, every set of them equally likely (Fisher and Yates, the first steps). */
function choose(words: () => number, chosen: Uint8Array, count: number): void {
  const free = new Uint32Array(chosen.length);
  let remaining = 0;
  for (let i = 0; i < chosen.length; i++) if (chosen[i] === 0) free[remaining++] = i;
  for (let step = 0; step < count; step++) {
    const at = below(words, remaining);
    chosen[free[at]] = 1;
    free[at] = free[--remaining];
  }
}

function requireCount(what: string, value: number, lowest: number, highest: number): void {
  if (!Number.isInteger(value) || value < lowest || value > highest) {
    throw new ParameterError(`${what} of the support is ${value}, not a whole number of ${lowest} to ${highest}`);
  }
}
