import { wasmEngine } from '@sumus/learning/engine';
import { architecture } from '@sumus/learning/model';
import { Network } from '@sumus/learning/network';
import { describe, expect, it } from 'vitest';
import { firstLayerGradient, quotients } from '../first-layer/index.ts';
import { gradientOf, madePictures, network, numbers, type Pictures, part, SIZE } from '../made-pictures.contract.ts';
import { ACTIVE_TOLERANCE, recovered, recoveryRate } from '../matching/index.ts';
import { brightness, expectedAlone, imprint, isolated, thresholds } from './index.ts';

const K = 16;
const WIDE = 64;
const BATCH = 16;
const BATCHES = 400;
const tolerance = ACTIVE_TOLERANCE;

/** The attacker's sample is of the same kind as the victims' pictures, and none of them. */
const cutoffsFor = (k: number): Float64Array =>
  thresholds(brightness(madePictures(20_000, numbers(100)).inputs, SIZE), k);

async function imprinted(k: number, cutoffs = cutoffsFor(k)): Promise<Network> {
  const server = await network(k, 64);
  imprint(server, cutoffs);
  return server;
}

const rateOf = (server: Network, batch: Pictures): number =>
  recoveryRate(recovered(batch.inputs, isolated(firstLayerGradient(server, gradientOf(server, batch))), { tolerance }));

/** Mean of the batches' rates, and the standard error of that mean. */
function rates(server: Network, seed: number): { readonly mean: number; readonly error: number } {
  const pictures = madePictures(BATCH * BATCHES, numbers(seed));
  const each = Array.from({ length: BATCHES }, (_, i) => rateOf(server, part(pictures, i * BATCH, BATCH)));
  const mean = each.reduce((sum, rate) => sum + rate, 0) / BATCHES;
  const variance = each.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / (BATCHES - 1);
  return { mean, error: Math.sqrt(variance / BATCHES) };
}

// Two-sided 1e-6 of a normal, which a mean of 400 bounded numbers is.
const QUANTILE = 4.9;

describe('thresholds', () => {
  it('cut a sample into bins of equal size, the first from below everything', () => {
    const sample = Float64Array.from({ length: 1000 }, (_, i) => ((i * 7919) % 1000) / 1000);
    const cutoffs = thresholds(sample, 8);
    const counts = [...cutoffs].map(
      (cutoff, bin) => sample.filter((x) => x >= cutoff && x < (cutoffs[bin + 1] ?? 2)).length,
    );
    expect(counts).toEqual(new Array(8).fill(125));
    expect(cutoffs[0]).toBeLessThan(0);
  });

  it('refuse more bins than samples, and no bins', () => {
    expect(() => thresholds(new Float64Array(3), 4)).toThrow(/3 samples/);
    expect(() => thresholds(new Float64Array(3), 0)).toThrow(/positive/);
  });

  it('are of the mean of each input', () => {
    expect([...brightness(Float32Array.of(0, 1, 0.5, 0.25), 2)]).toEqual([0.5, 0.375]);
    expect(() => brightness(new Float32Array(3), 2)).toThrow(/no whole examples/);
  });
});

describe('an imprinting server', () => {
  it('recovers the share (1 - 1/k)^(B-1) that lies alone in a bin, and not that of bins 1.2 times as wide', async () => {
    const { mean, error } = rates(await imprinted(K), 5);
    expect(Math.abs(mean - expectedAlone(K, BATCH))).toBeLessThan(QUANTILE * error);
    expect(Math.abs(mean - expectedAlone(K / 1.2, BATCH))).toBeGreaterThan(QUANTILE * error);
  });

  it('recovers just the pictures whose brightness no other one shares a bin with', async () => {
    const cutoffs = cutoffsFor(K);
    const server = await imprinted(K, cutoffs);
    const pictures = madePictures(20 * BATCH, numbers(6));
    for (let first = 0; first < 20 * BATCH; first += BATCH) {
      const batch = part(pictures, first, BATCH);
      const bins = [...brightness(batch.inputs, SIZE)].map((b) => cutoffs.filter((cutoff) => cutoff < b).length - 1);
      const expected = bins.map((bin) => (bins.filter((other) => other === bin).length === 1 ? bin : -1));
      const candidates = isolated(firstLayerGradient(server, gradientOf(server, batch)));
      expect([...recovered(batch.inputs, candidates, { tolerance })]).toEqual(expected);
    }
  });

  it('reads most of a batch of 64 where a server that only looks reads a few', async () => {
    const batch = part(madePictures(64, numbers(8)), 0, 64);
    const honest = await network(400, 64);
    const looked = quotients(firstLayerGradient(honest, gradientOf(honest, batch)));
    expect(recoveryRate(recovered(batch.inputs, looked, { tolerance }))).toBeLessThan(0.2);
    expect(rateOf(await imprinted(400), batch)).toBeGreaterThan(0.7);
  });

  it('reads the opened sum of four participants as well as one batch of all their pictures', async () => {
    const server = await imprinted(64);
    const all = madePictures(16, numbers(9));
    const sum = new Float32Array(server.parameterCount);
    for (let participant = 0; participant < 4; participant++) {
      const own = gradientOf(server, part(all, 4 * participant, 4));
      for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + own[i]!;
    }
    const fromSum = recovered(all.inputs, isolated(firstLayerGradient(server, sum)), { tolerance });
    const fromBatch = isolated(firstLayerGradient(server, gradientOf(server, all)));
    expect([...fromSum]).toEqual([...recovered(all.inputs, fromBatch, { tolerance })]);
    expect(recoveryRate(fromSum)).toBeGreaterThan(0.5);
  });

  it('finds far less when a part of it is missing: equal weights behind the layer, spread thresholds, differences', async () => {
    const server = await imprinted(WIDE);
    const batch = part(madePictures(8, numbers(10)), 0, 8);
    const whole = rateOf(server, batch);
    expect(whole).toBeGreaterThan(0.7);

    const honest = await network(WIDE, 64);
    const next = server.slices[2]!;
    const weights = server.parameters.slice();
    weights.set(honest.parameters.subarray(next.offset, next.offset + next.length), next.offset);
    const unequal = await imprinted(WIDE);
    unequal.setParameters(weights);
    expect(rateOf(unequal, batch)).toBeLessThan(whole / 2);

    expect(rateOf(await imprinted(WIDE, new Float64Array(WIDE).fill(0.5)), batch)).toBeLessThan(whole / 2);

    const rows = quotients(firstLayerGradient(server, gradientOf(server, batch)));
    expect(recoveryRate(recovered(batch.inputs, rows, { tolerance }))).toBeLessThan(whole / 2);
  });

  it('refuses networks it cannot imprint and thresholds that are not one a neuron', async () => {
    expect(() => imprint(new Network(engine, tanh, { seed: 1, maxBatch: 1 }), new Float64Array(3))).toThrow(/relu/);
    const server = await network(K, 1);
    expect(() => imprint(server, new Float64Array(K - 1))).toThrow(/15 thresholds for 16 neurons/);
  });
});

const engine = await wasmEngine();
const tanh = architecture({
  input: [SIZE],
  layers: [{ kind: 'dense', units: 3 }, { kind: 'tanh' }, { kind: 'dense', units: 2 }],
});
