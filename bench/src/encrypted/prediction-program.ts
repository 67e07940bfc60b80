// One prediction bench in a process of its own, so that its peak memory is its own: `node prediction-program.js batch|single|single-encrypted
// WEIGHTS [smoke]` prints one line of JSON. WEIGHTS is a file of float32 (digits-model.ts); with `smoke` a small network of made-up weights.
//
// Times are processor time of the whole process, encryption of the inputs apart: the client's work is measured and taken off.

import { readFileSync } from 'node:fs';
import { ckksExecutor, decryptOutput, encryptOwnInput, evaluationKeys } from '@sumus/encrypted-learning/execute';
import { type CircuitSource, type Plan, planFor } from '@sumus/encrypted-learning/parameters';
import {
  type BoundedNetwork,
  boundedNetwork,
  exampleOutputs,
  examplesOutputs,
  packExamples,
  packedDiagonals,
  packedExample,
  packedExamples,
  packOneExample,
  polynomialNetwork,
  precisionBitsFor,
} from '@sumus/encrypted-learning/prediction';
import { type Ciphertext, type CkksContext, ckksContext, expand, type SecretKey, secretKey } from '@sumus/lattice/ckks';
import { wasmEngine } from '@sumus/lattice/engine';
import { wasmEngine as learningEngine } from '@sumus/learning/engine';
import { type Architecture, architecture, parameterCount, sizeOf } from '@sumus/learning/model';
import { Network } from '@sumus/learning/network';
import { nodePrimitives } from '@sumus/platform/node';
import { cryptoNets, digits, largestAt } from './digits-model.ts';

const small = architecture({
  input: [4, 4, 1],
  layers: [
    { kind: 'conv2d', filters: 2, kernel: 3 },
    { kind: 'square' },
    { kind: 'flatten' },
    { kind: 'dense', units: 3 },
  ],
});

interface Task {
  readonly model: Architecture;
  readonly weights: Float32Array;
  readonly images: Float32Array;
  readonly labels: Uint32Array;
}

function task(file: string, smoke: boolean): Task {
  if (smoke) {
    const made = (count: number): Float32Array =>
      Float32Array.from({ length: count }, (_, i) => Math.sin(7 * i + 1) / 2);
    const weights = made(parameterCount(small));
    return { model: small, weights, images: made(8 * 16), labels: new Uint32Array(8) };
  }
  const bytes = readFileSync(file);
  const weights = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  return { model: cryptoNets, weights, ...digits('t10k') };
}

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
const peakGigabytes = (): number => process.resourceUsage().maxRSS / 2 ** 20;

interface Owner {
  readonly plan: Plan;
  readonly context: CkksContext;
  readonly secret: SecretKey;
}

interface Answer {
  readonly opened: ReadonlyMap<string, Float64Array>;
  readonly serverSeconds: number;
  readonly clientSeconds: number;
}

async function answered(
  owner: Owner,
  executor: ReturnType<typeof ckksExecutor>,
  values: ReadonlyMap<string, ArrayLike<number>>,
  weights: ReadonlyMap<string, Ciphertext>,
): Promise<Answer> {
  const { plan, context, secret } = owner;
  let clientSeconds = 0;
  const began = cpuSeconds();
  const outputs = await executor.run({
    encrypted: (name) => {
      const weight = weights.get(name);
      if (weight !== undefined) return weight;
      const before = cpuSeconds();
      const input = expand(encryptOwnInput(plan, context, secret, name, values.get(name) ?? []));
      clientSeconds += cpuSeconds() - before;
      return input;
    },
  });
  const serverSeconds = cpuSeconds() - began - clientSeconds;
  const opened = new Map([...outputs].map(([name, value]) => [name, decryptOutput(plan, secret, value)]));
  return { opened, serverSeconds, clientSeconds };
}

/**
 * Outputs may be off by 1e-4, as a rule: a thirtieth of the least distance between the two largest outputs of an image of the batch. The
 * plan's bound, which adds up worst cases, is reported beside it.
 */
async function made(source: CircuitSource, network: BoundedNetwork): Promise<Owner> {
  const plan = planFor(source, {
    encryptedWith: 'secret key',
    precisionBits: precisionBitsFor(network, 1e-4),
    noise: 'typical',
  });
  const context = ckksContext({ engine: await wasmEngine(), primitives: nodePrimitives() }, plan.parameters);
  return { plan, context, secret: secretKey(context) };
}

/** How often both argmaxes agree, in per cent, and how far the outputs are apart. */
function compared(got: Float64Array, expected: Float32Array, outputs: number): { same: number; difference: number } {
  const count = expected.length / outputs;
  let same = 0;
  let difference = 0;
  for (let i = 0; i < count; i += 1) {
    const rows = [got, expected].map((all) => all.subarray(i * outputs, (i + 1) * outputs));
    const [mine, theirs] = rows;
    if (mine === undefined || theirs === undefined) continue;
    if (largestAt(mine) === largestAt(theirs)) same += 1;
    theirs.forEach((y, o) => {
      difference = Math.max(difference, Math.abs(y - (mine[o] ?? Number.NaN)));
    });
  }
  return { same: (100 * same) / count, difference };
}

async function inTheClear({ model, weights }: Task, images: Float32Array): Promise<Float32Array> {
  const network = new Network(await learningEngine(), model, { seed: 1, maxBatch: 64 });
  network.setParameters(weights);
  return network.predict(images);
}

async function batch(work: Task, network: BoundedNetwork): Promise<object> {
  const owner = await made((slots) => packExamples(network, { slots }).circuit, network);
  const { slots } = owner.plan.circuit;
  const packing = packExamples(network, { slots });
  const count = Math.min(slots, work.labels.length);
  const images = work.images.subarray(0, count * sizeOf(work.model.input));
  const executor = ckksExecutor(owner.plan, owner.context, evaluationKeys(owner.plan, owner.context, owner.secret));
  const answer = await answered(owner, executor, new Map(packedExamples(packing, images)), new Map());
  const got = examplesOutputs(packing, answer.opened, count);
  const peak = peakGigabytes();
  const right = Array.from(work.labels.subarray(0, count)).filter(
    (label, i) => largestAt(got.subarray(i * network.outputs, (i + 1) * network.outputs)) === label,
  ).length;
  return {
    parameters: owner.plan.parameters.toString(),
    images: count,
    serverCpuSeconds: answer.serverSeconds,
    clientCpuSeconds: answer.clientSeconds,
    predictionsPerHour: (3600 * count) / answer.serverSeconds,
    ...compared(got, await inTheClear(work, images), network.outputs),
    accuracy: (100 * right) / count,
    boundBits: owner.plan.cost.precisionBits - Math.log2(network.outputFactor),
    typicalBits: owner.plan.cost.typicalPrecisionBits - Math.log2(network.outputFactor),
    keyMegabytes: owner.plan.cost.keyBytes / 1e6,
    plannedPeakGigabytes: owner.plan.cost.peakBytes / 2 ** 30,
    peakGigabytes: peak,
  };
}

const REPEATS = 5;

async function single(
  work: Task,
  network: BoundedNetwork,
  weights: 'plain' | 'encrypted',
  repeats: number,
): Promise<object> {
  const packing = packOneExample(network, { weights });
  const owner = await made(packing.circuit, network);
  const { plan, context, secret } = owner;
  const executor = ckksExecutor(plan, context, evaluationKeys(plan, context, secret), { encodings: 'all' });
  const encrypted = new Map(
    [...packedDiagonals(packing)].map(([name, values]) => [
      name,
      expand(encryptOwnInput(plan, context, secret, name, values)),
    ]),
  );
  const pixels = sizeOf(work.model.input);
  const images = work.images.subarray(0, repeats * pixels);
  const got: number[] = [];
  const answers: Answer[] = [];
  for (let i = 0; i < repeats; i += 1) {
    const values = packedExample(packing, images.subarray(i * pixels, (i + 1) * pixels));
    const answer = await answered(owner, executor, values, encrypted);
    answers.push(answer);
    got.push(...exampleOutputs(packing, answer.opened));
  }
  const peak = peakGigabytes();
  return {
    parameters: plan.parameters.toString(),
    images: repeats,
    firstCpuSeconds: answers[0]?.serverSeconds ?? 0,
    cpuSeconds: Math.min(...answers.map(({ serverSeconds }) => serverSeconds)),
    clientCpuSeconds: Math.min(...answers.map(({ clientSeconds }) => clientSeconds)),
    ...compared(Float64Array.from(got), await inTheClear(work, images), network.outputs),
    rotations: plan.keys.rotations.length,
    boundBits: plan.cost.precisionBits - Math.log2(network.outputFactor),
    typicalBits: plan.cost.typicalPrecisionBits - Math.log2(network.outputFactor),
    keyMegabytes: plan.cost.keyBytes / 1e6,
    peakGigabytes: peak,
  };
}

const [kind, file = '', mode] = process.argv.slice(2);
const work = task(file, mode === 'smoke');
const network = boundedNetwork(polynomialNetwork(work.model, work.weights));
const repeats = mode === 'smoke' ? 1 : REPEATS;
const finding =
  kind === 'batch'
    ? await batch(work, network)
    : await single(work, network, kind === 'single-encrypted' ? 'encrypted' : 'plain', repeats);
process.stdout.write(`${JSON.stringify(finding)}\n`);
