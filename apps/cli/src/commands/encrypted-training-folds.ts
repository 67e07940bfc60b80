// Folds of a shuffle that follows from a seed.

export interface Fold {
  readonly train: readonly number[];
  /** Undefined: there is one fold, of all rows. */
  readonly test: readonly number[] | undefined;
}

export function foldsOf(count: number, folds: number, seed: number): readonly Fold[] {
  const order = shuffled(count, seed);
  if (folds === 1) return [{ train: order, test: undefined }];
  return Array.from({ length: folds }, (_, k) => ({
    train: order.filter((_row, place) => place % folds !== k),
    test: order.filter((_row, place) => place % folds === k),
  }));
}

/** Fisher and Yates with mulberry32: a split that can be made again, no secret. */
export function shuffled(count: number, seed: number): readonly number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  let state = (Math.imul(seed, 0x9e3779b1) + 0x7f4a7c15) >>> 0;
  for (let i = count - 1; i > 0; i -= 1) {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    const j = Math.floor((((x ^ (x >>> 14)) >>> 0) / 2 ** 32) * (i + 1));
    const held = order[i] ?? 0;
    order[i] = order[j] ?? 0;
    order[j] = held;
  }
  return order;
}
