// Seeded numbers and trigonometric functions for tests of the embedding; Math.sin is good enough for comparisons with a tolerance.

export interface Numbers {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

/** Numbers in (−magnitude, magnitude) from a multiplicative generator: the same on every runtime. */
export function numbers(count: number, magnitude: number, seed: number): Numbers {
  let state = (seed * 2654435761 + 12345) >>> 0;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const high = state;
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return ((high + state / 2 ** 32) / 2 ** 31 - 1) * magnitude;
  };
  const real = Float64Array.from({ length: count }, next);
  return { real, imaginary: Float64Array.from({ length: count }, next) };
}

/** cos(2π·turns) and sin(2π·turns), turns in [0, 1). */
export function cosineTurns(turns: number): number {
  return Math.cos(2 * Math.PI * turns);
}

export function sineTurns(turns: number): number {
  return Math.sin(2 * Math.PI * turns);
}
