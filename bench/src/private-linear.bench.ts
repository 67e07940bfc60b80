// A linear model on scattering features of MNIST by DP-SGD: 30 participants, one clipped step a round on Poisson batches of their own, noise
// in whole numbers that all make together. The words that are summed are those of every protection; they are added in clear.

import { featureMap } from '@sumus/federation/one-round';
import { type CheckedPlan, epsilonAfter, wordEncodingOf } from '@sumus/federation/plan';
import { wasmEngine } from '@sumus/learning/engine';
import { FEATURE_LENGTH } from '@sumus/learning/features';
import { Network } from '@sumus/learning/network';
import { nodePrimitives } from '@sumus/platform/node';
import { type Digits, digits, placeOfDigits } from './dssgd/digits.ts';
import { accuracyOf } from './dssgd/run.ts';
import { linear, type PrivateLinear, privateLinearPlan } from './private-linear/plan.ts';
import { trainPrivately } from './private-linear/run.ts';
import { type Bench, type BenchOptions, composeReport, type Outcome, type Result, type Target } from './report.ts';

const ROW = '≥ 97.5 / 98.2 / 98.5 %';
const VARIANTS: readonly { readonly epsilon: number; readonly atLeast: number; readonly learningRate: number }[] = [
  { epsilon: 1, atLeast: 97.5, learningRate: 30 },
  { epsilon: 3, atLeast: 98.2, learningRate: 80 },
  { epsilon: 8, atLeast: 98.5, learningRate: 160 },
];
const nameOf = (epsilon: number): string =>
  `linear on scattering features by DP-SGD, MNIST over 30 participants, δ = 1e-5, record-level, ε = ${epsilon}`;

/** 20 epochs of 4,096 records, clipped to 0.1 at features of length 63 (the reference's recipe, without its momentum). */
const RECIPE = { batch: 4096, rounds: 293, clippingNorm: 0.1, radius: 63 };

export const privateLinear: Bench = {
  name: 'private-linear',
  question: 'What does DP-SGD over 30 participants learn of MNIST at ε = 1, 3 and 8?',
  async run(options) {
    const targets = VARIANTS.map(
      ({ epsilon, atLeast }): Target => ({ name: nameOf(epsilon), target: ROW, unit: '%', bound: { atLeast } }),
    );
    const results: Result[] = [];
    const outcomes = new Map<string, Outcome>();
    const report = (): ReturnType<typeof composeReport> =>
      composeReport({ bench: 'private-linear', options, targets, results, outcomes });
    const [train, test] = [digits('train'), digits('t10k')];
    if (train === undefined || test === undefined) {
      for (const { name } of targets)
        outcomes.set(name, { measured: null, reason: `there is no MNIST in ${placeOfDigits}` });
      return report();
    }
    const participants = options.smoke ? 3 : 30;
    const records = options.smoke ? 200 : Math.floor(train.targets.length / participants);
    const featureCount = options.smoke ? 60 : FEATURE_LENGTH;
    const map = await mapOf(featureCount);
    const tested = featured(map, part(test, 0, options.smoke ? 100 : test.targets.length));
    const parts = Array.from({ length: participants }, (_, i) =>
      featured(map, part(train, i * records, (i + 1) * records)),
    );
    options.say(`features of ${participants * records + tested.targets.length} images`);
    for (const { epsilon, learningRate } of options.smoke ? VARIANTS.slice(1, 2) : VARIANTS) {
      const { batch, rounds, clippingNorm } = RECIPE;
      // The strictest once more with almost a third who may give their noise away: the rest then makes all of it.
      for (const corrupt of epsilon === 1 ? [0, 9] : [0]) {
        const wanted: PrivateLinear = {
          ...{ epsilon, participants, corrupt, featureCount, records, clippingNorm, learningRate },
          ...(options.smoke ? { batch: 60, rounds: 3 } : { batch, rounds }),
        };
        const result = await measured(options, wanted, { parts, tested });
        results.push(result);
        if (options.smoke || corrupt !== 0) continue;
        outcomes.set(nameOf(epsilon), { measured: Number(result['accuracyPercent']) });
      }
    }
    return report();
  },
};

async function measured(
  options: BenchOptions,
  wanted: PrivateLinear,
  { parts, tested }: { readonly parts: readonly Digits[]; readonly tested: Digits },
): Promise<Result> {
  const before = process.cpuUsage();
  const plan = privateLinearPlan(wanted);
  const { featureCount, epsilon, corrupt } = wanted;
  const network = new Network(await wasmEngine(), linear(featureCount), { seed: 1, maxBatch: 256 });
  const weights = await trainPrivately({
    plan,
    parts,
    featureCount,
    seed: epsilon,
    onRound: (round, now) => {
      if (round % 100 === 0)
        options.say(`ε = ${epsilon}, round ${round}: ${accuracyOf(network, now(), tested).toFixed(2)} %`);
    },
  });
  const accuracy = accuracyOf(network, weights, tested);
  const { user, system } = process.cpuUsage(before);
  options.say(`ε = ${epsilon}, ${corrupt} corrupt: ${accuracy.toFixed(2)} %`);
  return {
    name: `ε = ${epsilon}`,
    accuracyPercent: accuracy,
    corruptContributors: corrupt,
    ...promise(plan),
    cpuSeconds: (user + system) / 1e6,
  };
}

function promise(plan: CheckedPlan): Readonly<Record<string, number>> {
  const { privacy, stopping } = plan;
  const answer = epsilonAfter(plan, stopping.rounds);
  return {
    epsilon: answer?.kind === 'bound' ? answer.epsilon : Number.NaN,
    delta: privacy.kind === 'central' ? privacy.delta : Number.NaN,
    noiseMultiplier: privacy.kind === 'central' ? privacy.noiseMultiplier : Number.NaN,
    rounds: stopping.rounds,
    words: wordEncodingOf(plan).words,
  };
}

const part = ({ inputs, targets }: Digits, from: number, to: number): Digits => ({
  inputs: inputs.subarray(from * 784, to * 784),
  targets: targets.subarray(from, to),
});

async function mapOf(featureCount: number): Promise<(inputs: Float32Array) => Float32Array> {
  const { chacha20, sha256 } = nodePrimitives();
  const key = sha256(new TextEncoder().encode('sumus/bench/private-linear'));
  const features = { features: 'scattering', featureCount, radius: RECIPE.radius } as const;
  return featureMap(features, { inputSize: 784, key }, { engine: await wasmEngine(), chacha20 });
}

/** In pieces: the map makes a copy of what it maps. */
function featured(map: (inputs: Float32Array) => Float32Array, { inputs, targets }: Digits): Digits {
  const pieces: Float32Array[] = [];
  for (let at = 0; at < targets.length; at += 1000) pieces.push(map(inputs.subarray(at * 784, (at + 1000) * 784)));
  const all = new Float32Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return { inputs: all, targets };
}
