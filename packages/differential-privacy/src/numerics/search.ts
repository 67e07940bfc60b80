// Searches on one variable that keep a bracket and say which side they return.

/**
 * The crossing of a decreasing function with zero inside [low, high], where f(low) > 0 ≥ f(high): an argument on the upper side, at
 * which f ≤ 0 was seen, within `relative` of the crossing. False position where it converges, bisection where it does not.
 */
export function upperCrossing(
  f: (x: number) => number,
  bracket: { readonly low: number; readonly high: number },
  relative = 1e-13,
): number {
  let { low, high } = bracket;
  let atLow = f(low);
  let atHigh = f(high);
  if (atLow <= 0) return low;
  if (atHigh > 0) return high;
  let side = 0;
  for (let round = 0; round < 200; round += 1) {
    if (high - low <= relative * Math.abs(high)) break;
    let middle = (low * atHigh - high * atLow) / (atHigh - atLow);
    if (round % 3 === 2 || !(middle > low && middle < high)) middle = 0.5 * (low + high);
    if (!(middle > low && middle < high)) break;
    const value = f(middle);
    if (value > 0) {
      low = middle;
      atLow = value;
      // The Illinois rule: an end that stays put counts half, so that the other end moves too.
      if (side === 1) atHigh *= 0.5;
      side = 1;
    } else {
      high = middle;
      atHigh = Math.min(value, -Number.MIN_VALUE);
      if (side === -1) atLow *= 0.5;
      side = -1;
    }
  }
  return high;
}

/** The argument of the smallest value seen on [low, high]: a scan of `points`, then golden sections around the best of it. */
export function smallest(
  f: (x: number) => number,
  range: { readonly low: number; readonly high: number; readonly points: number; readonly sections?: number },
): { readonly argument: number; readonly value: number } {
  const { low, high, points, sections = 60 } = range;
  const width = (high - low) / (points - 1);
  let best = { argument: low, value: Number.POSITIVE_INFINITY };
  for (let at = 0; at < points; at += 1) {
    const argument = low + at * width;
    const value = f(argument);
    if (value < best.value) best = { argument, value };
  }
  let left = Math.max(low, best.argument - width);
  let right = Math.min(high, best.argument + width);
  const golden = (Math.sqrt(5) - 1) / 2;
  let a = right - golden * (right - left);
  let b = left + golden * (right - left);
  let atA = f(a);
  let atB = f(b);
  for (
    let round = 0;
    round < sections && right - left > 1e-9 * (Math.abs(left) + Math.abs(right)) + 1e-12;
    round += 1
  ) {
    if (atA < atB) {
      [right, b, atB] = [b, a, atA];
      a = right - golden * (right - left);
      atA = f(a);
    } else {
      [left, a, atA] = [a, b, atB];
      b = left + golden * (right - left);
      atB = f(b);
    }
    if (atA < best.value) best = { argument: a, value: atA };
    if (atB < best.value) best = { argument: b, value: atB };
  }
  return best;
}
