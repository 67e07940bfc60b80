// Learning MNIST from one sum: 30 participants send statistics of scattering features with their shares of discrete Gaussian noise, and a
// ridge is solved from the sum. The words that are summed are those of every protection; they are added in clear, for the same bits.

import { contribute, NOTHING_KEPT } from '@sumus/federation/contribution';
import { classesOf, featureMap, statisticsOf } from '@sumus/federation/one-round';
import { type CheckedPlan, epsilonAfter, wordEncodingOf } from '@sumus/federation/plan';
import { release, startPublished, supportOfRelease } from '@sumus/federation/release';
import { wasmEngine } from '@sumus/learning/engine';
import { nodePrimitives } from '@sumus/platform/node';
import { openContext } from '@sumus/secure-sum/context';
import { rotationOf } from '@sumus/secure-sum/encoding';
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

/** What is summed: contributions of the participants' statistics, with their noise; and what comes of the release. */
async function learned(plan: CheckedPlan, parts: readonly Float32Array[], test: Digits, seed: number): Promise<number> {
  const primitives = nodePrimitives();
  const engine = await sumEngine();
  const encoding = wordEncodingOf(plan);
  const hash = new Uint8Array(32).fill(1);
  const point = { projectId: 'bench', taskId: 'one-round', round: 1, flush: 0 };
  const context = openContext(primitives, { ...point, modelHash: hash, configHash: hash, policyHash: hash });
  const rotation = rotationOf(primitives, context, encoding.windows);
  const published = startPublished(plan, undefined);
  const support = supportOfRelease(primitives, plan, { published, earlier: undefined });
  const sum = new Int32Array(encoding.words);
  parts.forEach((values, i) => {
    const tools = { engine, primitives, randomBytes: seededBytes(seed, 1 + i) };
    const work = { kind: 'statistics', values, units: plan.batching.minimumUnits } as const;
    const given = { work, kept: NOTHING_KEPT, from: published, support, rotation, versionsOld: 0 };
    const made = contribute(tools, plan, given);
    if (made.kind !== 'contribution') throw new Error(`too few: ${made.found}`);
    for (let word = 0; word < sum.length; word += 1) sum[word] = ((sum[word] ?? 0) + (made.words[word] ?? 0)) | 0;
  });
  const sums = [{ words: sum, contributors: parts.length, rotation }];
  const result = release(engine, plan, { published, support, sums, memberCount: parts.length });
  if (result.kind === 'rejected') throw new Error(`${result.code}: ${result.reason}`);
  if (result.published.kind !== 'statistics' || result.published.classifier === undefined) throw new Error('no ridge');
  const found = classesOf(result.published.classifier, test.inputs);
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
