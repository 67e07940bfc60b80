// Small networks that together use every layer and every loss in every combination of options, with seeded batches for them.

import { seededFloats } from '../engine/agreement.contract.ts';
import type { LossSpec, Targets } from '../losses/loss.ts';
import { type Architecture, architecture, outputShape } from '../model/architecture.ts';
import type { LayerSpec } from '../model/layer-spec.ts';
import { type Shape, sizeOf } from '../model/shapes.ts';
import type { Batch } from './network.ts';

export interface Sample {
  readonly name: string;
  readonly model: Architecture;
  readonly loss: LossSpec;
}

const crossEntropy: LossSpec = { kind: 'crossEntropy' };

const sample = (name: string, input: Shape, layers: readonly LayerSpec[], loss: LossSpec = crossEntropy): Sample => ({
  name,
  model: architecture({ input, layers }),
  loss,
});

const activated = (activation: LayerSpec): Sample =>
  sample(
    `${activation.kind} after dense, and after pooling`,
    [4, 4, 1],
    [
      { kind: 'conv2d', filters: 3, kernel: 2 },
      { kind: 'maxPool', window: 2, step: 1 },
      activation,
      { kind: 'flatten' },
      { kind: 'dense', units: 5 },
      activation,
      { kind: 'dense', units: 3 },
    ],
  );

export const samples: readonly Sample[] = [
  sample('dense', [5], [{ kind: 'dense', units: 4 }]),
  sample('dense without bias', [5], [{ kind: 'dense', units: 3, bias: false }], { kind: 'squaredError' }),
  sample(
    'two dense layers, binary cross-entropy',
    [6],
    [{ kind: 'dense', units: 5 }, { kind: 'relu' }, { kind: 'dense', units: 2 }],
    { kind: 'binaryCrossEntropy' },
  ),
  sample('Huber', [4], [{ kind: 'dense', units: 3 }], { kind: 'huber', delta: 0.3 }),
  sample(
    'same padding, pooling, dense',
    [6, 6, 1],
    [
      { kind: 'conv2d', filters: 3, kernel: 3, padding: 'same' },
      { kind: 'relu' },
      { kind: 'maxPool', window: 2 },
      { kind: 'conv2d', filters: 4, kernel: 3, padding: 'same' },
      { kind: 'relu' },
      { kind: 'averagePool', window: 3, step: 1 },
      { kind: 'flatten' },
      { kind: 'dense', units: 3 },
    ],
  ),
  sample(
    'steps and one-sided padding',
    [7, 6, 2],
    [
      { kind: 'conv2d', filters: 4, kernel: 3, padding: 'same' },
      { kind: 'conv2d', filters: 3, kernel: 2, step: 2, padding: 'same' },
      { kind: 'conv2d', filters: 2, kernel: 3, step: 2, padding: 1 },
      { kind: 'flatten' },
      { kind: 'dense', units: 2 },
    ],
  ),
  sample(
    'a step that leaves a remainder',
    [6, 6, 1],
    [
      { kind: 'conv2d', filters: 2, kernel: 3 },
      { kind: 'conv2d', filters: 9, kernel: 1, step: 2, bias: false },
      { kind: 'globalAveragePool' },
      { kind: 'dense', units: 3 },
    ],
  ),
  sample(
    'groups',
    [5, 5, 4],
    [
      { kind: 'conv2d', filters: 6, kernel: 3, groups: 2, padding: 1 },
      { kind: 'tanh' },
      { kind: 'conv2d', filters: 6, kernel: 2, groups: 6 },
      { kind: 'flatten' },
      { kind: 'dense', units: 2 },
    ],
  ),
  sample(
    'layer normalisation',
    [6],
    [{ kind: 'dense', units: 5 }, { kind: 'layerNorm' }, { kind: 'relu' }, { kind: 'dense', units: 3 }],
  ),
  sample(
    'group normalisation',
    [4, 4, 2],
    [
      { kind: 'conv2d', filters: 4, kernel: 3, padding: 'same', bias: false },
      { kind: 'groupNorm', groups: 2 },
      { kind: 'relu' },
      { kind: 'flatten' },
      { kind: 'dense', units: 2 },
    ],
  ),
  sample(
    'embedding',
    [5],
    [{ kind: 'embedding', vocabulary: 4, width: 3 }, { kind: 'flatten' }, { kind: 'dense', units: 2 }],
  ),
  sample(
    'a block whose shortcut is the input, first and later, with a relu at its end',
    [6],
    [
      { kind: 'residual', layers: [{ kind: 'dense', units: 6 }, { kind: 'relu' }] },
      { kind: 'tanh' },
      { kind: 'residual', layers: [{ kind: 'tanh' }, { kind: 'dense', units: 6 }, { kind: 'sigmoid' }] },
      { kind: 'dense', units: 3 },
    ],
  ),
  sample(
    'a block with layers on both sides',
    [4, 4, 2],
    [
      { kind: 'conv2d', filters: 2, kernel: 1 },
      {
        kind: 'residual',
        layers: [
          { kind: 'conv2d', filters: 3, kernel: 3, step: 2, padding: 'same' },
          { kind: 'relu' },
          { kind: 'conv2d', filters: 3, kernel: 3, padding: 'same' },
        ],
        shortcut: [{ kind: 'conv2d', filters: 3, kernel: 1, step: 2 }],
      },
      { kind: 'relu' },
      { kind: 'globalAveragePool' },
      { kind: 'dense', units: 2 },
    ],
  ),
  activated({ kind: 'relu' }),
  activated({ kind: 'tanh' }),
  activated({ kind: 'sigmoid' }),
  activated({ kind: 'softplus' }),
  activated({ kind: 'gelu' }),
  activated({ kind: 'square' }),
  activated({ kind: 'leakyRelu', slope: 0.2 }),
  activated({ kind: 'polynomial', coefficients: [0.1, 0.5, 0.2, -0.1] }),
];

/** Wide enough for minimal filtering, forward and back, with tiles that stick out; too wide for central differences. */
export const wide: Sample = sample(
  'wide convolutions',
  [7, 6, 32],
  [
    { kind: 'conv2d', filters: 32, kernel: 3, padding: 'same' },
    { kind: 'relu' },
    { kind: 'conv2d', filters: 36, kernel: 5, padding: 2 },
    { kind: 'tanh' },
    { kind: 'conv2d', filters: 64, kernel: 3, groups: 1 },
    { kind: 'conv2d', filters: 64, kernel: 3, groups: 2, padding: 1 },
    { kind: 'globalAveragePool' },
    { kind: 'dense', units: 3 },
  ],
);

export function seededBatch({ model, loss }: Sample, count: number, seed: number): Batch {
  const outputs = sizeOf(outputShape(model));
  const [first] = model.layers;
  const inputs = seededFloats(count * sizeOf(model.input), seed).map((v) =>
    first.kind === 'embedding' ? Math.floor(((v + 1) / 2) * first.vocabulary) : v,
  );
  const targets: Targets =
    loss.kind === 'crossEntropy'
      ? Uint32Array.from({ length: count }, (_, i) => (i * 5 + seed) % outputs)
      : seededFloats(count * outputs, seed + 1).map((v) => (v + 1) / 2);
  return { inputs, targets };
}

/** Row `i` of a batch's inputs and targets. */
export function exampleOf({ inputs, targets }: Batch, i: number, count: number): readonly [number[], number[]] {
  const [m, n] = [inputs.length / count, targets.length / count];
  return [Array.from(inputs.subarray(i * m, (i + 1) * m)), Array.from(targets.subarray(i * n, (i + 1) * n))];
}
