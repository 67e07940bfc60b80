// Deep leakage from gradients (arXiv 1906.08935): inputs and labels are searched for together, from noise, until their gradient is the one
// that was seen. With labels read off the biases first (iDLG, arXiv 2001.02610) only inputs are searched for. L-BFGS, as in the paper.
//
// Where the gradient was clipped, one less the cosine takes the place of the squared distance. It works where the network is smooth and the
// batch small; it says itself whether it did: the distance that remains is part of the answer.

import type { Candidates } from '../first-layer/quotients.ts';
import type { Uniform } from '../random/seeded.ts';
import { minimise } from './limited-memory.ts';
import { GradientDistance, type MatchingProblem } from './matching-problem.ts';

export interface MatchingProgress {
  readonly attempt: number;
  readonly step: number;
  readonly steps: number;
  /** What remains of the comparison. */
  readonly distance: number;
  /** The guess as it is, a view. */
  readonly inputs: Float64Array;
}

export interface MatchingOptions {
  readonly steps: number;
  /** Known or leaked ones; without them they are searched for. */
  readonly labels?: Uint32Array;
  /** Starts from other noise; the best is kept. */
  readonly attempts?: number;
  /** The gradient was clipped, and by how much is not known: only its direction is compared (`deepLeakage`; the cosine never asks). */
  readonly isClipped?: boolean;
  readonly onProgress?: (progress: MatchingProgress) => void;
}

/** What an attack by search believes. */
export interface Matched {
  readonly candidates: Candidates;
  readonly labels: Uint32Array<ArrayBuffer>;
  /** What remains: of the squared distance, relative to the observed gradient's square; or one less the cosine. */
  readonly distance: number;
}

/** Good enough to stop: a billionth of the gradient's square. */
const GOAL = 1e-10;

export function deepLeakage(problem: MatchingProblem, uniform: Uniform, options: MatchingOptions): Matched {
  const { isClipped = false } = options;
  const distance = new GradientDistance(problem, isClipped ? 'cosine' : 'squared');
  const { network } = distance;
  const scale = isClipped ? 1 : 1 / Math.max(distance.observedNorm ** 2, Number.MIN_VALUE);
  const inputCount = problem.count * network.inputSize;
  const { labels, steps, attempts = 1, onProgress } = options;
  const known = labels === undefined ? undefined : oneHot(labels, network.classes);
  let best: Matched | undefined;
  for (let attempt = 0; attempt < attempts && !(best !== undefined && best.distance <= GOAL); attempt++) {
    // Softmax of `targets`' logits; without labels they follow the inputs in what is searched.
    const start = Float64Array.from(
      { length: inputCount + (known?.length === undefined ? problem.count * network.classes : 0) },
      () => uniform(),
    );
    const found = minimise(
      (at) => {
        const targets = known ?? softmaxRows(at.subarray(inputCount), network.classes);
        const guess = distance.at(at.subarray(0, inputCount), targets);
        const gradient = new Float64Array(at.length);
        for (let i = 0; i < inputCount; i++) gradient[i] = scale * guess.inputs[i];
        if (known === undefined)
          throughSoftmax(gradient.subarray(inputCount), guess.targets, targets, { classes: network.classes, scale });
        return { value: scale * guess.value, gradient };
      },
      start,
      {
        steps,
        goal: GOAL,
        onStep: (step, value, at) =>
          onProgress?.({ attempt, step, steps, distance: value, inputs: at.subarray(0, inputCount) }),
      },
    );
    if (best === undefined || found.value < best.distance) {
      best = {
        candidates: asCandidates(found.at.slice(0, inputCount), network.inputSize),
        labels:
          labels === undefined ? largest(found.at.subarray(inputCount), network.classes) : Uint32Array.from(labels),
        distance: found.value,
      };
    }
  }
  return (
    best ?? {
      candidates: asCandidates(new Float64Array(0), network.inputSize),
      labels: new Uint32Array(0),
      distance: 1,
    }
  );
}

export function asCandidates(values: Float64Array, size: number): Candidates {
  const count = values.length / size;
  return { count, size, values, sources: Uint32Array.from({ length: count }, (_, i) => i) };
}

export function oneHot(labels: Uint32Array, classes: number): Float64Array<ArrayBuffer> {
  const targets = new Float64Array(labels.length * classes);
  labels.forEach((label, i) => {
    targets[i * classes + label] = 1;
  });
  return targets;
}

function softmaxRows(logits: Float64Array, classes: number): Float64Array<ArrayBuffer> {
  const rows = Float64Array.from(logits);
  for (let at = 0; at < rows.length; at += classes) {
    const own = rows.subarray(at, at + classes);
    const most = own.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    let total = 0;
    for (let c = 0; c < classes; c++) total += own[c] = Math.exp(own[c] - most);
    for (let c = 0; c < classes; c++) own[c] /= total;
  }
  return rows;
}

/** gradient_c = t_c·(h_c − Σ t·h), h being what the targets' gradient is. */
function throughSoftmax(
  gradient: Float64Array,
  ofTargets: Float64Array,
  targets: Float64Array,
  { classes, scale }: { readonly classes: number; readonly scale: number },
): void {
  for (let at = 0; at < targets.length; at += classes) {
    let mean = 0;
    for (let c = at; c < at + classes; c++) mean += targets[c] * ofTargets[c];
    for (let c = at; c < at + classes; c++) gradient[c] = scale * targets[c] * (ofTargets[c] - mean);
  }
}

function largest(logits: Float64Array, classes: number): Uint32Array<ArrayBuffer> {
  return Uint32Array.from({ length: logits.length / classes }, (_, i) => {
    const own = logits.subarray(i * classes, (i + 1) * classes);
    return own.indexOf(own.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY));
  });
}
