// A run with an insider in it (arXiv 1702.07464). One participant, the victim, alone holds pictures of the class `target`; all others hold
// the rest. The insider holds none of them: every round it trains a generator against the model that everybody has, and its own update
// teaches the model that the generator's pictures are of `decoy`, a class that it claims to own. So the model is made to tell real
// pictures of the target from made ones, the victim unknowingly answers, and the made ones get better.
//
// The insider uses the opened model and nothing else. It sees what any participant sees, after encryption has done its work.

import { wasmEngine } from '@sumus/learning/engine';
import { architecture } from '@sumus/learning/model';
import { Network } from '@sumus/learning/network';
import { ParameterError } from '../errors.ts';
import { type PictureShape, pictureSize } from '../pictures/likeness.ts';
import { seededUniform, shuffledFrom, type Uniform } from '../random/seeded.ts';
import type { LabelledPictures } from '../trial/trial.ts';
import { Generator } from './generator.ts';
import { openSum, type ParticipantNoise } from './open-sum.ts';

export interface InsiderRound {
  /** From 1. */
  readonly round: number;
  readonly rounds: number;
  /** Pictures that the generator makes now. */
  readonly samples: Float32Array;
  /** How sure the shared model is that they are of the target: −log of its probability. */
  readonly generatorLoss: number;
}

export interface InsiderRun {
  readonly pictures: LabelledPictures;
  readonly shape: PictureShape;
  readonly classes: number;
  readonly target: number;
  readonly decoy: number;
  /** With the victim and the insider. */
  readonly participants: number;
  /** Of each participant. */
  readonly examples: number;
  readonly rounds: number;
  readonly protection: 'none' | 'masks';
  readonly noise?: ParticipantNoise;
  readonly seed: number;
  /** Steps of the generator in a round. */
  readonly generatorSteps?: number;
  readonly onRound?: (round: InsiderRound) => void;
}

export interface InsiderOutcome {
  /** What the insider has in the end, one picture after another. */
  readonly samples: Float32Array<ArrayBuffer>;
  /** The mean of what it made in the second half of the rounds: single pictures follow the model's whims, their mean does not. */
  readonly prototype: Float32Array<ArrayBuffer>;
  /** The model in the end: the same for every protection. */
  readonly weights: Float32Array<ArrayBuffer>;
  /** Of that model, on the participants' own pictures: of the target's class, and of all others. */
  readonly targetAccuracy: number;
  readonly otherAccuracy: number;
}

const UNITS = 32;
const LEARNING_RATE = 0.03;
const GENERATOR_LEARNING_RATE = 3e-3;
const BATCH = 10;
const SAMPLES = 16;
const KEPT_A_ROUND = 8;

export async function runInsider(run: InsiderRun): Promise<InsiderOutcome> {
  const { shape, classes, rounds, seed, participants, target, decoy, generatorSteps = 20, examples } = run;
  const parts = dealt(run);
  const engine = await wasmEngine();
  const model = architecture({
    input: [pictureSize(shape)],
    layers: [{ kind: 'dense', units: UNITS }, { kind: 'relu' }, { kind: 'dense', units: classes }],
  });
  const network = new Network(engine, model, { seed, maxBatch: BATCH });
  const generator = new Generator(await wasmEngine(), model, seededUniform(seed, 3), {
    shape,
    seed,
    learningRate: GENERATOR_LEARNING_RATE,
  });
  const uniform = seededUniform(seed, 4);
  const shuffle = seededUniform(seed, 5);
  const memory = new MadePictures(pictureSize(shape), seededUniform(seed, 7));
  let weights = network.parameters.slice();
  const prototype = new MeanPicture(pictureSize(shape));
  for (let round = 1; round <= rounds; round++) {
    const updates = parts.map((part) => localUpdate(network, weights, part, shuffle));
    // The insider: what it shows the model is its own work, under a class of its own.
    const generatorLoss = generator.train(weights, target, generatorSteps);
    const fakes = { inputs: memory.mixed(generator.draw(examples)), labels: new Uint32Array(examples).fill(decoy) };
    updates.push(localUpdate(network, weights, fakes, shuffle));
    const { sum } = openSum(updates, { protection: run.protection, uniform, ...(run.noise && { noise: run.noise }) });
    weights = weights.map((weight, i) => weight + sum[i] / participants);
    const samples = generator.draw(SAMPLES);
    if (2 * round > rounds) prototype.add(samples);
    run.onRound?.({ round, rounds, samples, generatorLoss });
  }
  network.setParameters(weights);
  return {
    samples: generator.draw(SAMPLES),
    prototype: prototype.mean(),
    weights,
    ...accuracies(network, parts, target),
  };
}

/**
 * Every second picture that the insider shows is one that it made earlier: a model that forgets old fakes lets the generator run in circles.
 */
class MadePictures {
  readonly #size: number;
  readonly #uniform: Uniform;
  readonly #kept: Float32Array[] = [];

  constructor(size: number, uniform: Uniform) {
    this.#size = size;
    this.#uniform = uniform;
  }

  mixed(pictures: Float32Array): Float32Array<ArrayBuffer> {
    const mixed = Float32Array.from(pictures);
    const size = this.#size;
    for (let at = 0; this.#kept.length > 0 && at < mixed.length; at += 2 * size) {
      mixed.set(this.#kept[Math.floor(this.#uniform() * this.#kept.length)], at);
    }
    for (let i = 0; i < KEPT_A_ROUND && (i + 1) * size <= pictures.length; i++) {
      this.#kept.push(pictures.slice(i * size, (i + 1) * size));
    }
    return mixed;
  }
}

class MeanPicture {
  readonly #sum: Float64Array;
  #count = 0;

  constructor(size: number) {
    this.#sum = new Float64Array(size);
  }

  add(pictures: Float32Array): void {
    pictures.forEach((value, i) => {
      this.#sum[i % this.#sum.length] += value;
    });
    this.#count += pictures.length / this.#sum.length;
  }

  mean(): Float32Array<ArrayBuffer> {
    return Float32Array.from(this.#sum, (sum) => sum / Math.max(this.#count, 1));
  }
}

/** The victim first; the insider has no pictures. Nobody has any of the decoy's class. */
function dealt({ pictures, shape, participants, examples, target, decoy, seed }: InsiderRun): LabelledPictures[] {
  if (!(participants >= 3))
    throw new ParameterError(`a victim, an insider and somebody else are 3, not ${participants}`);
  if (target === decoy) throw new ParameterError(`the class ${target} cannot be target and decoy`);
  const { labels } = pictures;
  const places = [...shuffledFrom(labels.length, seededUniform(seed, 6))];
  const ofTarget = places.filter((place) => labels[place] === target);
  const ofOthers = places.filter((place) => labels[place] !== target && labels[place] !== decoy);
  const honest = participants - 2;
  if (ofTarget.length < examples || ofOthers.length < honest * examples) {
    throw new ParameterError(
      `${ofTarget.length} pictures of the target and ${ofOthers.length} others do not give ${examples} to each of ${honest + 1}`,
    );
  }
  const wanted = [
    ofTarget.slice(0, examples),
    ...Array.from({ length: honest }, (_, i) => ofOthers.slice(i * examples, (i + 1) * examples)),
  ];
  return wanted.map((own) => picked(pictures, own, pictureSize(shape)));
}

function picked({ inputs, labels }: LabelledPictures, places: readonly number[], size: number): LabelledPictures {
  const chosen = new Float32Array(places.length * size);
  places.forEach((place, i) => {
    chosen.set(inputs.subarray(place * size, (place + 1) * size), i * size);
  });
  return { inputs: chosen, labels: Uint32Array.from(places, (place) => labels[place]) };
}

/** One pass over the part by plain SGD, as everybody does it: what the weights are then, less what they were. */
function localUpdate(
  network: Network,
  weights: Float32Array,
  part: LabelledPictures,
  uniform: Uniform,
): Float32Array<ArrayBuffer> {
  network.setParameters(weights);
  const order = [...shuffledFrom(part.labels.length, uniform)];
  for (let first = 0; first < order.length; first += BATCH) {
    const { inputs, labels } = picked(part, order.slice(first, first + BATCH), network.inputSize);
    network.batchGradient({ inputs, targets: labels }, { kind: 'crossEntropy' });
    const { parameters, gradient } = network;
    for (let i = 0; i < gradient.length; i++) parameters[i] -= LEARNING_RATE * gradient[i];
  }
  return network.parameters.map((value, i) => value - weights[i]);
}

function accuracies(
  network: Network,
  parts: readonly LabelledPictures[],
  target: number,
): Pick<InsiderOutcome, 'targetAccuracy' | 'otherAccuracy'> {
  const [of, right] = [new Float64Array(2), new Float64Array(2)];
  for (const { inputs, labels } of parts) {
    const outputs = network.predict(inputs);
    labels.forEach((label, i) => {
      const row = outputs.subarray(i * network.outputSize, (i + 1) * network.outputSize);
      const kind = label === target ? 0 : 1;
      of[kind] += 1;
      if (row.indexOf(row.reduce((a, b) => Math.max(a, b))) === label) right[kind] += 1;
    });
  }
  return { targetAccuracy: right[0] / of[0], otherAccuracy: right[1] / of[1] };
}
