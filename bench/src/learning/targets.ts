// The table that packages/learning must reach, its bounds verbatim. A row with several bounds is several targets under one text.

import type { Target } from '../report.ts';

const MLP = '≥ 10 × tfjs-wasm, ≥ 2.0 × jax-js; PyTorch ratio reported, aim ≥ 0.75';
const CNN = '≥ 10 × tfjs, ≥ 5 × jax-js; PyTorch ratio reported, aim ≥ 0.48 (beyond it: Winograd, threads)';
const CLIPPED =
  '≤ 1.15 × the cost of the plain batch gradient; ≥ 5 × functorch; ≥ 0.9 × the best hand-written PyTorch (aim 1.0)';
const ACCURACY = '`lenet`, 3 epochs ≥ 98.8 %; `phong-mlp`, 10 epochs ≥ 97.5 %';
const SIZE = '≤ 40 KB; ≤ 30 ms';

const atLeast = (bound: number): Pick<Target, 'unit' | 'bound'> => ({ unit: '×', bound: { atLeast: bound } });
const reported: Pick<Target, 'unit' | 'bound'> = { unit: '×', bound: 'reported' };

type Row =
  | 'mlpTfjs'
  | 'mlpJax'
  | 'mlpTorch'
  | 'cnnTfjs'
  | 'cnnJax'
  | 'cnnTorch'
  | 'clippedCnn'
  | 'clippedFunctorch'
  | 'clippedTorch'
  | 'clippedMlp'
  | 'workers'
  | 'lenetAccuracy'
  | 'mlpAccuracy'
  | 'moduleSize'
  | 'importTime';

export const TARGETS: Readonly<Record<Row, Target>> = {
  mlpTfjs: { name: 'MLP 784-128-10, batch 64, one SGD step, against tfjs-wasm', target: MLP, ...atLeast(10) },
  mlpJax: { name: 'MLP 784-128-10, batch 64, one SGD step, against jax-js', target: MLP, ...atLeast(2) },
  mlpTorch: { name: 'MLP 784-128-10, batch 64, one SGD step, against PyTorch', target: MLP, ...reported },
  cnnTfjs: { name: 'LeNet-like CNN, batch 64, one SGD step, against tfjs-wasm', target: CNN, ...atLeast(10) },
  cnnJax: { name: 'LeNet-like CNN, batch 64, one SGD step, against jax-js', target: CNN, ...atLeast(5) },
  cnnTorch: { name: 'LeNet-like CNN, batch 64, one SGD step, against PyTorch', target: CNN, ...reported },
  clippedCnn: {
    name: 'per-example clipped gradient sum, same CNN, beside the plain gradient',
    target: CLIPPED,
    unit: '×',
    bound: { atMost: 1.15 },
  },
  clippedFunctorch: {
    name: 'per-example clipped gradient sum, same CNN, against functorch',
    target: CLIPPED,
    ...atLeast(5),
  },
  clippedTorch: {
    name: 'per-example clipped gradient sum, same CNN, against hand-written PyTorch',
    target: CLIPPED,
    ...atLeast(0.9),
  },
  clippedMlp: {
    name: 'per-example clipped gradient sum, MLP, beside the plain gradient',
    target: '≤ 1.15 × the plain batch gradient',
    unit: '×',
    bound: { atMost: 1.15 },
  },
  workers: {
    name: 'two workers on two cores, CNN',
    target: '≥ 1.6 × one, on an idle machine',
    unit: '×',
    bound: { atLeast: 1.6 },
  },
  lenetAccuracy: {
    name: 'MNIST test accuracy of lenet after 3 epochs',
    target: ACCURACY,
    unit: '%',
    bound: { atLeast: 98.8 },
  },
  mlpAccuracy: {
    name: 'MNIST test accuracy of phong-mlp after 10 epochs',
    target: ACCURACY,
    unit: '%',
    bound: { atLeast: 97.5 },
  },
  moduleSize: { name: 'module size of all kernels', target: SIZE, unit: 'KB', bound: { atMost: 40 } },
  importTime: { name: 'import time, kernels instantiated', target: SIZE, unit: 'ms', bound: { atMost: 30 } },
};
