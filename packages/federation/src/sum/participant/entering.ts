// Entering a round: the mark of a part goes up before that part says a word. Each part of a participant (announcing, contributing, opening) has
// a mark of its own, because each begins once. Whatever is entered here is stored with the state of the same step, before it is sent.

import type { OpenContext } from '@sumus/secure-sum/context';
import { confirmEntry, type EnteredRound, type HighWater, proposeEntry } from '@sumus/secure-sum/high-water';
import type { Hashing } from '@sumus/secure-sum/primitives';
import type { Marks, SecretStanding } from './standing.ts';

/**
 * E_REPLAY for a round that this part has entered. The token is given before the mark is on a disk, because storing is the driver's: it stores
 * the state that comes with `persist`, mark and all, before it sends anything, or nothing was said and nothing was entered.
 */
export function enter(
  primitives: Hashing,
  standing: SecretStanding,
  part: keyof Marks,
  context: OpenContext,
): { readonly standing: SecretStanding; readonly entered: EnteredRound } {
  // A mark of its own for this step: a step that is refused leaves the standing as it was, and a standing is used once (machine.ts).
  const mark: HighWater = Object.freeze({ marks: standing.marks[part].marks });
  const proposed = proposeEntry(primitives, mark, context);
  const entered = confirmEntry(proposed, proposed.bytes);
  const marks = Object.freeze({ ...standing.marks, [part]: proposed.next });
  return { standing: Object.freeze({ ...standing, marks }), entered };
}
