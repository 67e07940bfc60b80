// The point with the least sum of distances to the cohorts' means, by Weiszfeld's iteration, smoothed near the points (Pillutla, Kakade and
// Harchaoui 2022, algorithm 2). A fixed number of steps in doubles: the same point everywhere. Fewer than half the shares, wherever
// they lie, move it by a bounded multiple of the spread of the others.

const STEPS = 64;
/** Of the mean distance: nearer than that, a point counts as if it were that far. */
const SMOOTHING = 1e-6;

export function geometricMedian(points: readonly Float32Array[], shares: readonly number[]): Float32Array<ArrayBuffer> {
  let centre = weightedMean(points, shares);
  for (let step = 0; step < STEPS; step++) {
    const distances = points.map((point) => distanceBetween(point, centre));
    const spread = distances.reduce((sum, distance, i) => sum + shares[i] * distance, 0);
    if (spread === 0) break;
    const pulls = distances.map((distance, i) => shares[i] / Math.max(distance, SMOOTHING * spread));
    const total = pulls.reduce((sum, pull) => sum + pull, 0);
    const moved = weightedMean(
      points,
      pulls.map((pull) => pull / total),
    );
    const settled = distanceBetween(moved, centre) <= 1e-9 * spread;
    centre = moved;
    if (settled) break;
  }
  return Float32Array.from(centre);
}

function weightedMean(points: readonly Float32Array[], shares: readonly number[]): Float64Array {
  const mean = new Float64Array(points[0].length);
  points.forEach((point, at) => {
    const share = shares[at];
    for (let i = 0; i < mean.length; i++) mean[i] += share * point[i];
  });
  return mean;
}

function distanceBetween(a: Float32Array | Float64Array, b: Float64Array): number {
  let squares = 0;
  for (let i = 0; i < b.length; i++) {
    const difference = a[i] - b[i];
    squares += difference * difference;
  }
  return Math.sqrt(squares);
}
