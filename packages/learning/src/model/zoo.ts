// Known architectures by name, with the layers their papers state. Parameter counts are tests.

import { ParameterError } from '../errors.ts';
import { type Architecture, type ArchitectureLiteral, architecture } from './architecture.ts';
import type { LayerSpec } from './layer-spec.ts';

const mlp = (input: number, ...widths: readonly number[]): ArchitectureLiteral => ({
  input: [input],
  layers: widths.flatMap((units, index): LayerSpec[] =>
    index === widths.length - 1 ? [{ kind: 'dense', units }] : [{ kind: 'dense', units }, { kind: 'relu' }],
  ),
});

/** One block of a residual network with group normalisation instead of batch normalisation: examples stay independent. */
const block = (filters: number, step: number): LayerSpec => ({
  kind: 'residual',
  layers: [
    { kind: 'conv2d', filters, kernel: 3, step, padding: 'same', bias: false },
    { kind: 'groupNorm', groups: 8 },
    { kind: 'relu' },
    { kind: 'conv2d', filters, kernel: 3, padding: 'same', bias: false },
    { kind: 'groupNorm', groups: 8 },
  ],
  shortcut:
    step === 1
      ? []
      : [
          { kind: 'conv2d', filters, kernel: 1, step, bias: false },
          { kind: 'groupNorm', groups: 8 },
        ],
});

export type ZooName =
  | 'logistic'
  | 'mlp'
  | 'lenet'
  | 'shokri-mnist-mlp'
  | 'shokri-mnist-cnn'
  | 'phong-mlp'
  | 'resnet8-groupnorm';

const literals: Readonly<Record<ZooName, ArchitectureLiteral>> = {
  logistic: mlp(784, 10),
  mlp: mlp(784, 128, 10),
  /** The CNN of federated averaging (arXiv 1602.05629 §3). */
  lenet: {
    input: [28, 28, 1],
    layers: [
      { kind: 'conv2d', filters: 32, kernel: 5, padding: 'same' },
      { kind: 'relu' },
      { kind: 'maxPool', window: 2 },
      { kind: 'conv2d', filters: 64, kernel: 5, padding: 'same' },
      { kind: 'relu' },
      { kind: 'maxPool', window: 2 },
      { kind: 'flatten' },
      { kind: 'dense', units: 512 },
      { kind: 'relu' },
      { kind: 'dense', units: 10 },
    ],
  },
  /** Shokri and Shmatikov, CCS 2015, on digits padded to 32×32. */
  'shokri-mnist-mlp': mlp(1024, 128, 64, 10),
  'shokri-mnist-cnn': {
    input: [32, 32, 1],
    layers: [
      { kind: 'conv2d', filters: 32, kernel: 5, initialiser: 'glorot' },
      { kind: 'tanh' },
      { kind: 'maxPool', window: 3 },
      { kind: 'conv2d', filters: 64, kernel: 5, initialiser: 'glorot' },
      { kind: 'tanh' },
      { kind: 'maxPool', window: 2 },
      { kind: 'flatten' },
      { kind: 'dense', units: 200, initialiser: 'glorot' },
      { kind: 'tanh' },
      { kind: 'dense', units: 10, initialiser: 'glorot' },
    ],
  },
  /** Phong, Aono, Hayashi, Wang and Moriai 2018. */
  'phong-mlp': mlp(784, 128, 64, 10),
  'resnet8-groupnorm': {
    input: [32, 32, 3],
    layers: [
      { kind: 'conv2d', filters: 16, kernel: 3, padding: 'same', bias: false },
      { kind: 'groupNorm', groups: 8 },
      { kind: 'relu' },
      block(16, 1),
      { kind: 'relu' },
      block(32, 2),
      { kind: 'relu' },
      block(64, 2),
      { kind: 'relu' },
      { kind: 'globalAveragePool' },
      { kind: 'dense', units: 10 },
    ],
  },
};

export const zooNames: readonly string[] = Object.keys(literals);

export function zoo(name: string): Architecture {
  const literal = new Map<string, ArchitectureLiteral>(Object.entries(literals)).get(name);
  if (literal === undefined) {
    throw new ParameterError(`there is no architecture ${JSON.stringify(name)}; there are ${zooNames.join(', ')}`);
  }
  return architecture(literal);
}
