import { describe, expect, it } from 'vitest';
import {
  aliasTable,
  ERROR_PRECISION,
  type GaussianTable,
  gaussianMasses,
  gaussianTable,
  type Precision,
  WIDE_PRECISION,
} from './discrete-gaussian.ts';

const POINT = 512n;

/** e^−(numerator/denominator) in units of 2^−512, each value on its own: halve the argument 64 times, sum a series, square back. */
function exponential(numerator: bigint, denominator: bigint): bigint {
  const guard = POINT + 160n;
  const x = ((numerator << guard) / denominator) >> 64n;
  let sum = 0n;
  let term = 1n << guard;
  for (let k = 1n; term !== 0n; k++) {
    sum += term;
    term = ((-term * x) >> guard) / k;
    // Shifting rounds down: a negative term ends as −1, which is as good as zero.
    if (term === -1n) break;
  }
  for (let i = 0; i < 64; i++) sum = (sum * sum) >> guard;
  return sum >> 160n;
}

/** Masses of the magnitudes from the definition, for σ exactly the given double. */
function naiveMasses(stddev: number, count: number): bigint[] {
  const [significand, scale] = exactly(stddev);
  const masses = Array.from({ length: count }, (_, x) => {
    const e = exponential(BigInt(x * x) * scale * scale, 2n * significand * significand);
    return x === 0 ? e : 2n * e;
  });
  const total = masses.reduce((a, b) => a + b, 0n);
  return masses.map((m) => (m << POINT) / total);
}

function exactly(x: number): [bigint, bigint] {
  let scale = 1n;
  let value = x;
  while (!Number.isInteger(value)) {
    value *= 2;
    scale *= 2n;
  }
  return [BigInt(value), scale];
}

/** What the kernel draws with this table, exactly, in units of 2^−512: threshold bytes and aliases read back. */
function massesOf({ columns, planes, bytes }: GaussianTable): bigint[] {
  const masses = new Array<bigint>(columns).fill(0n);
  const share = (1n << POINT) / BigInt(columns);
  for (let j = 0; j < columns; j++) {
    let threshold = 0n;
    for (let plane = 0; plane < planes; plane++) threshold = (threshold << 8n) | BigInt(bytes[plane * columns + j]);
    const kept = (share * threshold) >> BigInt(8 * planes);
    masses[j] += kept;
    masses[bytes[planes * columns + j]] += share - kept;
  }
  return masses;
}

/** log2 of the statistical distance of the table from the Gaussian on all integers. */
function distanceLog2(stddev: number, table: GaussianTable): number {
  const exact = naiveMasses(stddev, 2 * table.columns);
  const drawn = massesOf(table);
  const sum = exact.reduce((total, mass, x) => {
    const difference = mass - (drawn[x] ?? 0n);
    return total + (difference < 0n ? -difference : difference);
  }, 0n);
  return Math.log2(Number(sum)) - 1 - Number(POINT);
}

const cases: readonly [string, Precision, number, readonly number[]][] = [
  ['errors', ERROR_PRECISION, -64, [1, 1.5, 3.2, 4.5, 6.364, 9.1, 12.34, 20]],
  ['smudging', WIDE_PRECISION, -120, [1, 1.7, 4, 4.66, 5.27, 6.364, 7.999]],
];

describe.each(cases)('the tables for %s', (_, precision, bits, deviations) => {
  it.each(deviations)('for σ = %d keep the stated distance, by exact arithmetic', (stddev) => {
    const table = gaussianTable(stddev, precision);
    expect(table.columns - 1).toBeGreaterThanOrEqual(12 * stddev);
    expect(distanceLog2(stddev, table)).toBeLessThan(bits);
    // The measure itself can fail: one byte of precision less, or a deviation that is off by 2^−50 of itself, shows.
    const coarse = aliasTable(gaussianMasses(stddev, table.columns), precision.planes - 1);
    expect(distanceLog2(stddev, coarse)).toBeGreaterThan(bits);
    expect(distanceLog2(stddev * (1 + 2 ** -50), table)).toBeGreaterThan(bits);
  });
});

describe('an alias table', () => {
  it('draws exactly what it was given when the masses are multiples of the precision', () => {
    const share = (1n << 256n) / 64n;
    const masses = new Array<bigint>(64).fill(0n);
    masses[3] = 40n * share + share / 4n;
    masses[17] = 23n * share;
    masses[63] = (3n * share) / 4n;
    expect(massesOf(aliasTable(masses, 2))).toEqual(masses.map((m) => m << 256n));
  });

  it('keeps the last bit of every threshold clear, where the sign is drawn', () => {
    const { bytes, columns, planes } = gaussianTable(6.364, ERROR_PRECISION);
    expect([...bytes.subarray((planes - 1) * columns, planes * columns)].every((byte) => byte % 2 === 0)).toBe(true);
  });

  it('is made once and is frozen', () => {
    expect(gaussianTable(3.2, ERROR_PRECISION)).toBe(gaussianTable(3.2, ERROR_PRECISION));
    expect(Object.isFrozen(gaussianTable(3.2, ERROR_PRECISION))).toBe(true);
  });
});
