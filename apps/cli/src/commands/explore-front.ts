// Which settings are worth choosing among: those that no other beats in accuracy, in ε and in what an attacker got back, all at once. And a
// picture of them, in characters.

export interface Explored {
  readonly label: string;
  /** In [0, 1]; more is better. */
  readonly accuracy: number;
  /** Less is better; infinity where nothing is promised. */
  readonly epsilon: number;
  /** The share of inputs that an attacker got back, in [0, 1]; less is better; null where the attack does not apply. */
  readonly inversion: number | null;
}

/** Whether each is on the front: nothing is at least as good in everything and better in something. */
export const front = (explored: readonly Explored[]): readonly boolean[] =>
  explored.map((one) => !explored.some((other) => isBetter(other, one)));

function isBetter(a: Explored, b: Explored): boolean {
  const gains = [
    a.accuracy - b.accuracy,
    a.epsilon === b.epsilon ? 0 : b.epsilon - a.epsilon,
    (b.inversion ?? 0) - (a.inversion ?? 0),
  ];
  return gains.every((gain) => gain >= 0) && gains.some((gain) => gain > 0);
}

/**
 * Accuracy upwards, ε (or, where nothing is promised, inversion) to the right. `●` is on the front, `○` is not; where two fall on one place,
 * the one on the front is shown.
 */
export function plotLines(
  explored: readonly Explored[],
  { width, height }: { width: number; height: number },
): readonly string[] {
  if (explored.length === 0) return [];
  const isPromised = explored.every(({ epsilon }) => Number.isFinite(epsilon));
  const across = (one: Explored): number => (isPromised ? one.epsilon : (one.inversion ?? 0));
  const best = front(explored);
  const [left, right] = spanOf(explored.map(across));
  const [low, high] = spanOf(explored.map(({ accuracy }) => accuracy));
  const label = 8;
  const columns = Math.max(8, width - label - 1);
  const grid = Array.from({ length: height }, () => new Array<string>(columns).fill(' '));
  const place = (value: number, from: number, to: number, steps: number): number =>
    to === from ? Math.floor((steps - 1) / 2) : Math.round(((value - from) / (to - from)) * (steps - 1));
  const drawn = explored
    .map((one, i) => ({ one, isBest: best[i] === true }))
    .sort((a, b) => Number(a.isBest) - Number(b.isBest));
  for (const { one, isBest } of drawn) {
    const row = grid[height - 1 - place(one.accuracy, low, high, height)];
    if (row !== undefined) row[place(across(one), left, right, columns)] = isBest ? '●' : '○';
  }
  const edge = (row: number): string => (row === 0 ? percentOf(high) : row === height - 1 ? percentOf(low) : '');
  const name = isPromised ? 'ε' : 'inversion';
  const scale = `${name} ${left.toPrecision(3)}`;
  const end = right.toPrecision(3);
  return [
    ...grid.map((row, at) => `${edge(at).padStart(label)}│${row.join('').trimEnd()}`),
    `${' '.repeat(label)}└${'─'.repeat(columns)}`,
    `${' '.repeat(label + 1)}${scale}${end.padStart(Math.max(1, columns - scale.length))}`,
  ];
}

const spanOf = (values: readonly number[]): readonly [number, number] => [Math.min(...values), Math.max(...values)];
const percentOf = (share: number): string => `${(100 * share).toFixed(1)} %`;
