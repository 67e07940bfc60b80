// What may be accounted together: a history that is not empty, under one adjacency and for one unit, with a δ.
import { ParameterError } from '../errors.ts';
import type { Adjacency, Mechanism, Unit } from '../mechanisms/mechanism.ts';

export type History<A extends Adjacency = Adjacency, U extends Unit = Unit> = readonly Mechanism<A, U>[];

export function frameOf(history: History): { readonly adjacency: Adjacency; readonly unit: Unit } {
  const first = history[0];
  if (first === undefined)
    throw new ParameterError('an empty history has no ε: nothing was released, and nothing follows from that');
  for (const mechanism of history) {
    if (mechanism.adjacency !== first.adjacency) {
      throw new ParameterError(`one history mixes the adjacencies ${first.adjacency} and ${mechanism.adjacency}`);
    }
    if (mechanism.unit !== first.unit) {
      throw new ParameterError(`one history mixes the units ${first.unit} and ${mechanism.unit}`);
    }
  }
  return { adjacency: first.adjacency, unit: first.unit };
}

/** Below it the formulas lose their digits to what a double can hold; sampled mechanisms are known for larger δ only (cutMassOf). */
export const leastDelta = 1e-200;

export function requireDelta(delta: number): void {
  if (typeof delta !== 'number' || !(delta > 0 && delta < 1)) {
    throw new ParameterError(`δ must be in (0, 1), not ${String(delta)}; an ε without its δ says nothing`);
  }
  if (delta < leastDelta) {
    throw new ParameterError(
      `δ = ${delta} is below ${leastDelta}, the least that is accounted for; ask for ε at δ = 0 instead`,
    );
  }
}
