// States are used once: a step that went well leaves its state behind, and stepping from it again would answer twice. A crash goes
// on from what was stored, never from an older value in memory.

import { ParameterError } from '../errors.ts';

const leftBehind = new WeakSet<object>();

/** For what begins something and is used up by it, such as the end of a founding: refused the second time. */
export function useUp(state: object): void {
  if (leftBehind.has(state)) throw new ParameterError('this state was left behind by an earlier step');
  leftBehind.add(state);
}

/** Runs `act`, which takes one step from `state`. When it throws, the state may be used again: nothing was answered. */
export async function stepOnce<State extends object, Result extends { readonly state: object }>(
  state: State,
  act: () => Result | Promise<Result>,
): Promise<Result> {
  // From here on, also while `act` waits: two steps at once would be two answers.
  useUp(state);
  try {
    const result = await act();
    // An answer that changes nothing.
    if (result.state === state) leftBehind.delete(state);
    return result;
  } catch (error) {
    leftBehind.delete(state);
    throw error;
  }
}
