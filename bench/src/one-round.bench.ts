// Learning MNIST from one sum: 30 participants send statistics of scattering features with their shares of discrete Gaussian noise, and a
// ridge is solved from the sum. The words that are summed are those of every protection; they are added in clear, for the same bits.

import { discreteGaussian } from '@sumus/differential-privacy/noise';
import { classesOf, featureMap, ridgeOf, statisticsOf } from '@sumus/federation/one-round';
import { type CheckedPlan, epsilonAfter, wordEncodingOf } from '@sumus/federation/plan';
import { randomSourceOf } from '@sumus/federation/training';
import { wasmEngine } from '@sumus/learning/engine';
import { nodePrimitives } from '@sumus/platform/node';
import { openContext } from '@sumus/secure-sum/context';
import { decode, encode, rotationOf } from '@sumus/secure-sum/encoding';
import { wasmEngine as sumEngine } from '@sumus/secure-sum/engine';
import { type Digits, digits, placeOfDigits, seededBytes } from './dssgd/digits.ts';
import { oneRoundPlan } from './one-round/plan.ts';
import { type Bench, composeReport, type Outcome, type Result, type Target } from './report.ts';

const ROW = '≥ 95.5 / 96.5 / 97.2 %';
const TARGETS: readonly (Target & { readonly epsilon: number })[] = [
  { epsilon: 1, atLeast: 95.5 },
  { epsilon: 3, atLeast: 96.5 },
  { epsilon: 8, atLeast: 97.2 },
].map(({ epsilon, atLeast }) => ({
  epsilon,
  name: `one-round ridge, MNIST over 30 participants, δ = 1e-5, record-level, ε = ${epsilon}`,
  target: ROW,
  unit: '%',
  bound: { atLeast },
}));

export const oneRound: Bench = {
  name: 'one-round',
  question: 'What does one noisy secure sum learn of MNIST at ε = 1, 3 and 8?',
  async run(options) {
    const results: Result[] = [];
    const outcomes = new Map<string, Outcome>();
    const targets: readonly Target[] = TARGETS.map(({ name, target, unit, bound }) => ({ name, target, unit, bound }));
    const report = (): ReturnType<typeof composeReport> =>
      composeReport({ bench: 'one-round', options, targets, results, outcomes });
    const sets = { train: digits('train'), test: digits('t10k') };
    if (sets.train === undefined || sets.test === undefined) {
      const reason = `there is no MNIST in ${placeOfDigits}`;
      for (const { name } of TARGETS) outcomes.set(name, { measured: null, reason });
      return report();
    }
    const participants = options.smoke ? 3 : 30;
    const shape = {
      participants,
      featureCount: options.smoke ? 40 : 512,
      records: options.smoke ? 600 : sets.train.targets.length,
    };
    const before = process.cpuUsage();
    const plan = oneRoundPlan({ ...shape, epsilon: 1, corrupt: 0 });
    const train = await featuresOf(plan, first(sets.train, shape.records));
    const test = await featuresOf(plan, first(sets.test, options.smoke ? 200 : sets.test.targets.length));
    options.say(`features of ${train.targets.length + test.targets.length} images`);
    const parts = Array.from({ length: participants }, (_, i) => contributionOf(plan, train, { i, participants }));
    for (const { name, epsilon } of options.smoke ? TARGETS.slice(0, 1) : TARGETS) {
      for (const corrupt of options.smoke ? [0] : [0, 9]) {
        const priced = oneRoundPlan({ ...shape, epsilon, corrupt });
        const accuracy = await learned(priced, parts, test, epsilon);
        options.say(`ε = ${epsilon}, ${corrupt} corrupt: ${accuracy.toFixed(2)} %`);
        results.push({
          name: `ε = ${epsilon}`,
          accuracyPercent: accuracy,
          corruptContributors: corrupt,
          ...sizes(priced),
        });
        if (corrupt === 0) outcomes.set(name, { measured: accuracy });
      }
    }
    const { user, system } = process.cpuUsage(before);
    results.push({ name: 'all of it', cpuSeconds: (user + system) / 1e6 });
    return report();
  },
};

/** What is summed: statistics of the participants' records, with noise; and what comes of the sum. */
async function learned(plan: CheckedPlan, parts: readonly Float32Array[], test: Digits, seed: number): Promise<number> {
  const { exchange } = plan;
  if (exchange.schedule !== 'one-round') throw new Error('rounds');
  const primitives = nodePrimitives();
  const engine = await sumEngine();
  const encoding = wordEncodingOf(plan);
  const hash = new Uint8Array(32).fill(1);
  const point = { projectId: 'bench', taskId: 'one-round', round: 1, flush: 0 };
  const context = openContext(primitives, { ...point, modelHash: hash, configHash: hash, policyHash: hash });
  const rotation = rotationOf(primitives, context, encoding.windows);
  const sum = new Int32Array(encoding.words);
  parts.forEach((values, i) => {
    const bytes = seededBytes(seed, 1 + i);
    const randomBytes = (length: number): Uint8Array<ArrayBuffer> => Uint8Array.from(bytes(length));
    const stddev = Math.sqrt(encoding.noise?.variance ?? 0);
    const noise = discreteGaussian(stddev * (1 + 1e-9), randomSourceOf(bytes));
    const { words, clipped } = encode(engine, { ...primitives, randomBytes }, encoding, rotation, { values, noise });
    if (clipped) throw new Error('statistics were clipped: the encoding is too narrow');
    for (let word = 0; word < words.length; word += 1) sum[word] = ((sum[word] ?? 0) + (words[word] ?? 0)) | 0;
  });
  const { mean } = decode(engine, encoding, rotation, { words: sum, contributors: parts.length });
  const found = classesOf(ridgeOf(mean, exchange), test.inputs);
  return (100 * test.targets.filter((label, i) => label === found[i]).length) / test.targets.length;
}

async function featuresOf(plan: CheckedPlan, { inputs, targets }: Digits): Promise<Digits> {
  const { exchange } = plan;
  if (exchange.schedule !== 'one-round') throw new Error('rounds');
  const { chacha20, sha256 } = nodePrimitives();
  // The key of the bench: one projection for all of its plans, so that features are computed once.
  const key = sha256(new TextEncoder().encode('sumus/bench/one-round'));
  const map = featureMap(exchange, { inputSize: 784, key }, { engine: await wasmEngine(), chacha20 });
  return { inputs: map(inputs), targets };
}

function contributionOf(
  { exchange }: CheckedPlan,
  { inputs, targets }: Digits,
  { i, participants }: { readonly i: number; readonly participants: number },
): Float32Array {
  if (exchange.schedule !== 'one-round') throw new Error('rounds');
  const [from, to] = [i, i + 1].map((at) => Math.floor((at * targets.length) / participants));
  const { featureCount } = exchange;
  return statisticsOf(
    inputs.subarray((from ?? 0) * featureCount, (to ?? 0) * featureCount),
    targets.subarray(from, to),
    exchange,
  );
}

const first = ({ inputs, targets }: Digits, count: number): Digits => ({
  inputs: inputs.subarray(0, count * 784),
  targets: targets.subarray(0, count),
});

function sizes(plan: CheckedPlan): Readonly<Record<string, number>> {
  const answer = epsilonAfter(plan, 1);
  const { privacy, exchange } = plan;
  return {
    epsilon: answer?.kind === 'bound' ? answer.epsilon : Number.NaN,
    noiseMultiplier: privacy.kind === 'central' ? privacy.noiseMultiplier : Number.NaN,
    ridge: exchange.schedule === 'one-round' ? exchange.ridge : Number.NaN,
    words: wordEncodingOf(plan).words,
  };
}
