// The table that packages/encrypted-learning must reach, its bounds verbatim. A row of the table with several bounds is several
// targets under one text.

import type { Target } from '../report.ts';

const HELR =
  'decisions equal to the plaintext polynomial run on ≥ 99.5 %; with refresh max weight difference ≤ 1e-3, without (single-limb levels, N = 2^16) ≤ 1e-2 and reported; accuracy / AUC within 1 point of: edin 90.66/.957, lbw 68.76/.688, pcs 66.75/.741';
const SECONDS =
  '≤ 60 s and reported beside the published 3.6 min (that one on more cores and weaker parameters): say both';
const DIGITS =
  'plaintext twin ≥ 96 % over ≥ 5 seeds (published 96.2–96.4 %); encrypted: one whole run, or 3 iterations timed and labelled extrapolated';
const PRIVATE =
  'no-clip within 1.0 point of clipped; Adult ≥ 82.0, MNIST 3v8 ≥ 94.5; output perturbation at its best λ on a stated grid, reported';
const DEPTH =
  'no-clip ≤ 9; the clipped variant made **as shallow as you can** at an approximation error that is stated; both depths and the time ratio reported (published: 24 against 9, 3–5 ×)';
const INTERVAL = 'refused, with the reason';
const BATCH =
  "same argmax as plaintext on every image of one batch; ≥ 98.5 % accuracy; ≥ 59,000 predictions/h (CryptoNets' headline) — aim at 10 × that";
const LATENCY = 'reported; aim ≤ 5 s on one core';
const MEMORY = 'reported; the HELR runs ≤ 4 GB';

type Row =
  | 'helrDecisions'
  | 'helrRefreshed'
  | 'helrUnrefreshed'
  | 'edinAccuracy'
  | 'edinArea'
  | 'lbwAccuracy'
  | 'lbwArea'
  | 'pcsAccuracy'
  | 'pcsArea'
  | 'edinSeconds'
  | 'digitsTwin'
  | 'digitsEncrypted'
  | 'adultGap'
  | 'digitsGap'
  | 'adultPrivate'
  | 'digitsPrivate'
  | 'adultOutput'
  | 'digitsOutput'
  | 'depthWithout'
  | 'depthClipped'
  | 'timeRatio'
  | 'intervalLeft'
  | 'batchArgmax'
  | 'batchAccuracy'
  | 'batchThroughput'
  | 'latency'
  | 'helrMemory'
  | 'digitsMemory'
  | 'batchMemory'
  | 'latencyMemory';

export const TARGETS: Readonly<Record<Row, Target>> = {
  helrDecisions: {
    name: 'HELR table, 5-fold, Nesterov, degree 5, 7 iterations: decisions equal to the plaintext run, worst set',
    target: HELR,
    unit: '%',
    bound: { atLeast: 99.5 },
  },
  helrRefreshed: {
    name: 'the same, with refresh: largest weight difference',
    target: HELR,
    unit: 'weight',
    bound: { atMost: 1e-3 },
  },
  helrUnrefreshed: {
    name: 'the same, without refresh (single-limb levels, N = 2^16): largest weight difference',
    target: HELR,
    unit: 'weight',
    bound: { atMost: 1e-2 },
  },
  edinAccuracy: { name: 'edin, encrypted: accuracy', target: HELR, unit: '%', bound: { atLeast: 89.66 } },
  edinArea: { name: 'edin, encrypted: AUC', target: HELR, unit: 'AUC', bound: { atLeast: 0.947 } },
  lbwAccuracy: { name: 'lbw, encrypted: accuracy', target: HELR, unit: '%', bound: { atLeast: 67.76 } },
  lbwArea: { name: 'lbw, encrypted: AUC', target: HELR, unit: 'AUC', bound: { atLeast: 0.678 } },
  pcsAccuracy: { name: 'pcs, encrypted: accuracy', target: HELR, unit: '%', bound: { atLeast: 65.75 } },
  pcsArea: { name: 'pcs, encrypted: AUC', target: HELR, unit: 'AUC', bound: { atLeast: 0.731 } },
  edinSeconds: {
    name: 'edin, one fold, 7 iterations, 128-bit, one core',
    target: SECONDS,
    unit: 's',
    bound: { atMost: 60 },
  },
  digitsTwin: {
    name: 'MNIST 3-versus-8, mini-batch 1,024, 32 iterations with refresh: plaintext twin, mean of the seeds',
    target: DIGITS,
    unit: '%',
    bound: { atLeast: 96 },
  },
  digitsEncrypted: { name: 'the same, encrypted: time of a whole run', target: DIGITS, unit: 'min', bound: 'reported' },
  adultGap: {
    name: 'DP, Adult, ε = 1: clipped minus no-clip degree 7',
    target: PRIVATE,
    unit: 'points',
    bound: { atMost: 1 },
  },
  digitsGap: {
    name: 'DP, MNIST 3v8, ε = 1: clipped minus no-clip degree 7',
    target: PRIVATE,
    unit: 'points',
    bound: { atMost: 1 },
  },
  adultPrivate: { name: 'DP, Adult, ε = 1: no-clip degree 7', target: PRIVATE, unit: '%', bound: { atLeast: 82 } },
  digitsPrivate: {
    name: 'DP, MNIST 3v8, ε = 1: no-clip degree 7',
    target: PRIVATE,
    unit: '%',
    bound: { atLeast: 94.5 },
  },
  adultOutput: { name: 'DP, Adult, ε = 1: output perturbation, best λ', target: PRIVATE, unit: '%', bound: 'reported' },
  digitsOutput: {
    name: 'DP, MNIST 3v8, ε = 1: output perturbation, best λ',
    target: PRIVATE,
    unit: '%',
    bound: 'reported',
  },
  depthWithout: {
    name: 'depth per iteration without clipping, degree 7',
    target: DEPTH,
    unit: 'levels',
    bound: { atMost: 9 },
  },
  depthClipped: {
    name: 'depth per iteration with clipping, degree 7',
    target: DEPTH,
    unit: 'levels',
    bound: 'reported',
  },
  timeRatio: {
    name: 'time per iteration, clipped over no-clip, both encrypted',
    target: DEPTH,
    unit: '×',
    bound: 'reported',
  },
  intervalLeft: {
    name: 'un-projected training on data that leaves the interval (a test set is easy to make; published example diverges to 1e257)',
    target: INTERVAL,
    unit: 'refusals of 2',
    bound: { atLeast: 2 },
  },
  batchArgmax: {
    name: 'CryptoNets-style MNIST, batch = slots, one core: same argmax as plaintext',
    target: BATCH,
    unit: '% of one batch',
    bound: { atLeast: 100 },
  },
  batchAccuracy: { name: 'the same: accuracy', target: BATCH, unit: '%', bound: { atLeast: 98.5 } },
  batchThroughput: { name: 'the same: throughput', target: BATCH, unit: 'predictions/h', bound: { atLeast: 59_000 } },
  latency: { name: 'LoLa-style single image latency', target: LATENCY, unit: 's', bound: 'reported' },
  helrMemory: { name: 'peak memory, HELR', target: MEMORY, unit: 'GB', bound: { atMost: 4 } },
  digitsMemory: { name: 'peak memory, MNIST 3-versus-8', target: MEMORY, unit: 'GB', bound: 'reported' },
  batchMemory: { name: 'peak memory, CryptoNets-style', target: MEMORY, unit: 'GB', bound: 'reported' },
  latencyMemory: { name: 'peak memory, LoLa-style', target: MEMORY, unit: 'GB', bound: 'reported' },
};
