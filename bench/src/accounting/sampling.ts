// How fast exact discrete Gaussian noise is drawn, from ChaCha20, and whether a test tells it from noise that is not what it says.
import { discreteGaussian } from '@sumus/differential-privacy/noise';
import { nodePrimitives } from '@sumus/platform/node';
import { type Contestant, measure, once } from '../measure.ts';
import type { BenchOptions, Outcome } from '../report.ts';
import type { Findings } from './cases.ts';
import { TARGETS } from './targets.ts';

/** ChaCha20 under one key, one nonce a buffer. The key is fixed: a bench draws nothing that anybody must not know. */
function chachaSource(seed: number): { fill(out: Uint8Array): void } {
  const platform = nodePrimitives();
  const key = new Uint8Array(32).fill(seed);
  const nonce = new Uint8Array(12);
  const counter = new DataView(nonce.buffer);
  let drawn = 0;
  return {
    fill(out) {
      drawn += 1;
      counter.setUint32(0, drawn);
      platform.chacha20(key, nonce, 0, out);
    },
  };
}

const narrow = [1, 10, 100];
const wide = [2 ** 10, 2 ** 15, 2 ** 20];

export async function samplingRows(options: BenchOptions): Promise<Findings> {
  const count = options.smoke ? 1 << 8 : 1 << 17;
  const out = new Int32Array(count);
  const bytes = new Uint8Array(4 * count);
  const source = chachaSource(9);
  const contestants: Contestant[] = [...narrow, ...wide].map((stddev) => {
    const sampler = discreteGaussian(stddev, chachaSource(1));
    return { name: `discrete Gaussian, σ = ${stddev}`, work: () => sampler.sampleInto(out) };
  });
  // What binds: the random bytes alone, four to a sample.
  contestants.push({ name: 'ChaCha20 alone, 4 bytes a sample', work: () => source.fill(bytes) });
  options.say(`drawing ${count} samples, ${contestants.length} ways`);
  const timings = await measure(contestants, options.smoke ? once : { rounds: 7, sampleMs: 30 });
  const rates = timings.map(({ name, cpuMs }) => ({
    name,
    millionSamplesPerCpuSecond: count / Math.max(cpuMs.minimum, 1e-6) / 1e3,
  }));
  const slowest = (from: number, to: number): Outcome => ({
    measured: Math.min(...rates.slice(from, to).map((rate) => rate.millionSamplesPerCpuSecond)),
  });
  const verdicts = wrongVerdicts(options.smoke ? 1 << 10 : 1 << 21);
  return {
    results: rates,
    outcomes: [
      [TARGETS.samples.name, slowest(0, narrow.length)],
      [TARGETS.wideSamples.name, slowest(narrow.length, narrow.length + wide.length)],
      [TARGETS.verdicts.name, { measured: verdicts }],
    ],
  };
}

/** A support moved by one is σ/100 away at σ = 100: two million draws tell it. The right law must be accepted; σ × 1.05, and a support moved by one, rejected. */
function wrongVerdicts(count: number): number {
  let wrong = 0;
  for (const stddev of narrow) {
    const right = new Int32Array(count);
    discreteGaussian(stddev, chachaSource(2)).sampleInto(right);
    const wider = new Int32Array(count);
    discreteGaussian(stddev * 1.05, chachaSource(3)).sampleInto(wider);
    const moved = right.map((value) => value + 1);
    if (!fits(right, stddev)) wrong += 1;
    if (fits(wider, stddev)) wrong += 1;
    if (fits(moved, stddev)) wrong += 1;
  }
  return wrong;
}

/**
 * Pearson's statistic over cells of the line of at least 50 expected draws each, against the quantile of chi-squared at 1 - 1e-7
 * (Wilson, Hilferty 1931, good to a percent for ten cells and more).
 */
function fits(sample: Int32Array, stddev: number): boolean {
  const reach = Math.ceil(9 * stddev);
  const weights = Float64Array.from({ length: 2 * reach + 1 }, (_, at) =>
    Math.exp(-0.5 * ((at - reach) / stddev) ** 2),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const observed = new Float64Array(2 * reach + 1);
  for (const value of sample) observed[Math.min(2 * reach, Math.max(0, value + reach))]! += 1;
  // At most some hundred cells: wide ones see a moved support better than one cell an integer does.
  const least = Math.max(50, sample.length / 100);
  let [cells, statistic, expected, seen] = [0, 0, 0, 0];
  for (let at = 0; at <= 2 * reach; at += 1) {
    expected += (weights[at]! / total) * sample.length;
    seen += observed[at]!;
    if (expected >= least || at === 2 * reach) {
      if (expected > 0) statistic += (seen - expected) ** 2 / Math.max(expected, 1);
      cells += 1;
      expected = 0;
      seen = 0;
    }
  }
  const freedom = Math.max(1, cells - 1);
  const share = 2 / (9 * freedom);
  return statistic <= freedom * (1 - share + 5.2 * Math.sqrt(share)) ** 3;
}
