// One attack against one setting, from pictures to pictures: computes what participants would, keeps of it what the server would see, attacks
// that, and lays what was found beside the truth. The only place of this room that holds both sides; the attacks get the view alone.
//
// Everything follows from the seed. Refuses too few pictures, shapes and labels that do not fit.

import { wasmEngine } from '@sumus/learning/engine';
import { Network } from '@sumus/learning/network';
import { ParameterError } from '../errors.ts';
import { firstLayerGradient } from '../first-layer/first-layer-gradient.ts';
import { type Candidates, quotients } from '../first-layer/quotients.ts';
import { brightness, imprint, isolated, thresholds } from '../imprint/imprint.ts';
import { matchDirection } from '../inversion/cosine.ts';
import { deepLeakage, type MatchingProgress } from '../inversion/deep-leakage.ts';
import { lastBiases, leakedLabels } from '../inversion/labels.ts';
import { ACTIVE_TOLERANCE, PASSIVE_TOLERANCE } from '../matching/recovered.ts';
import { type PictureShape, pictureSize } from '../pictures/likeness.ts';
import { type Nearest, nearest } from '../pictures/nearest.ts';
import { seededUniform } from '../random/seeded.ts';
import { type AttackName, modelFor } from './models.ts';
import { examplesIn, type TrialSetting, type View, viewOf } from './view.ts';

export interface LabelledPictures {
  /** Pictures one after another, in [0, 1]. */
  readonly inputs: Float32Array;
  readonly labels: Uint32Array;
}

export interface Trial {
  readonly attack: AttackName;
  readonly setting: TrialSetting;
  readonly shape: PictureShape;
  readonly classes: number;
  /** The first ones are the victims', as many as the setting needs. */
  readonly pictures: LabelledPictures;
  readonly seed: number;
  /** Of the first dense layer (quotients, imprint). */
  readonly units?: number;
  /** What an imprinting server knows of the kind of pictures, none of the victims': it chooses its thresholds by them. */
  readonly known?: Float32Array;
  /** Of a search. */
  readonly steps?: number;
  readonly attempts?: number;
  /** A search looks for at most so many pictures, however many there are. */
  readonly mostGuesses?: number;
  readonly onProgress?: (progress: MatchingProgress) => void;
}

export interface TrialPicture {
  readonly truth: Float32Array<ArrayBuffer>;
  readonly label: number;
  /** The nearest of what the attacker found; undefined where it found nothing at all. */
  readonly found: Nearest | undefined;
  /** Within the tolerance of an exact recovery. */
  readonly isExact: boolean;
}

export interface TrialOutcome {
  readonly pictures: readonly TrialPicture[];
  /** Share of all pictures in the view that were recovered exactly, and the mean similarity of what is nearest (0 where there is nothing). */
  readonly exactShare: number;
  readonly meanSsim: number;
  /** What the last layer's biases say of the labels, ascending. */
  readonly leakedLabels: Uint32Array<ArrayBuffer>;
  /** What a search says of itself: what remains of the comparison. Undefined for closed forms. */
  readonly distance: number | undefined;
  readonly candidateCount: number;
}

const STEPS = 200;
const MOST_GUESSES = 16;
const UNITS = 128;

export async function runTrial(trial: Trial): Promise<TrialOutcome> {
  const { attack, setting, shape, classes, pictures, seed, units = UNITS } = trial;
  const size = pictureSize(shape);
  const count = examplesIn(setting);
  if (pictures.labels.length < count || pictures.inputs.length !== pictures.labels.length * size) {
    const { inputs, labels } = pictures;
    throw new ParameterError(`${inputs.length} numbers and ${labels.length} labels for ${count} pictures of ${size}`);
  }
  const model = modelFor(attack, shape, { classes, units });
  const network = new Network(await wasmEngine(), model, { seed, maxBatch: Math.min(count, 64) });
  if (attack === 'imprint') imprintWith(network, trial, size, units);
  const truths = pictures.inputs.slice(0, count * size);
  const labels = pictures.labels.slice(0, count);
  const view = viewOf(network, { inputs: truths, targets: labels }, setting, seededUniform(seed, 1));
  const found = attackOn(network, view, trial);
  const tolerance = attack === 'imprint' ? ACTIVE_TOLERANCE : PASSIVE_TOLERANCE;
  const each = Array.from(labels, (label, i): TrialPicture => {
    const truth = truths.slice(i * size, (i + 1) * size);
    const closest = nearest(truth, found.candidates, shape);
    return { truth, label, found: closest, isExact: closest !== undefined && closest.absoluteError <= tolerance };
  });
  return {
    pictures: each,
    exactShare: each.filter(({ isExact }) => isExact).length / count,
    meanSsim: each.reduce((sum, one) => sum + (one.found?.ssim ?? 0), 0) / count,
    leakedLabels: found.labels,
    distance: found.distance,
    candidateCount: found.candidates.count,
  };
}

function imprintWith(network: Network, { known }: Trial, size: number, units: number): void {
  if (known === undefined) throw new ParameterError('an imprinting server needs known pictures for its thresholds');
  imprint(network, thresholds(brightness(known, size), units));
}

interface Found {
  readonly candidates: Candidates;
  readonly labels: Uint32Array<ArrayBuffer>;
  readonly distance: number | undefined;
}

/** From here on there is no truth, only the network, the view and what anybody knows. */
function attackOn(network: Network, { gradient, count }: View, trial: Trial): Found {
  const { attack, setting, shape, steps = STEPS, attempts = 1, mostGuesses = MOST_GUESSES, seed, onProgress } = trial;
  const { architecture: model } = network;
  const uniform = seededUniform(seed, 2);
  const meanPrediction = meanPredictionOf(network, uniform);
  const labels = leakedLabels(lastBiases(network, gradient), { count, meanPrediction });
  if (attack === 'quotients' || attack === 'imprint') {
    const view = firstLayerGradient(network, gradient);
    const candidates = attack === 'quotients' ? quotients(view) : isolated(view);
    return { candidates, labels, distance: undefined };
  }
  const guesses = Math.min(count, mostGuesses);
  const own = labels.filter((_, i) => Math.floor((i * guesses) / count) !== Math.floor(((i - 1) * guesses) / count));
  const problem = { model, weights: network.parameters.slice(), gradient, count: guesses, engine: network.engine };
  // Whether updates are clipped stands in the plan.
  const isClipped = setting.noise !== undefined;
  const options = { steps, attempts, labels: own, isClipped, ...(onProgress === undefined ? {} : { onProgress }) };
  const matched =
    attack === 'deepLeakage'
      ? deepLeakage(problem, uniform, options)
      : matchDirection(problem, uniform, { ...options, shape });
  return { candidates: matched.candidates, labels, distance: matched.distance };
}

/** The mean softmax over noise: a guess at the mean over pictures that nobody has seen. */
function meanPredictionOf(network: Network, uniform: () => number): Float64Array {
  const samples = 16;
  const outputs = network.predict(Float32Array.from({ length: samples * network.inputSize }, () => uniform()));
  const { outputSize } = network;
  const mean = new Float64Array(outputSize);
  for (let at = 0; at < outputs.length; at += outputSize) {
    const row = outputs.subarray(at, at + outputSize);
    const most = row.reduce((a, b) => Math.max(a, b));
    const total = row.reduce((sum, value) => sum + Math.exp(value - most), 0);
    for (let c = 0; c < outputSize; c++) mean[c] += Math.exp(row[c] - most) / total / samples;
  }
  return mean;
}
