// Losses and their gradients with respect to the network's output, one row an example. losses[r] is a float; the gradient is that
// of the example's own loss (no division by the batch). Targets are labels (u32) or floats.

import { exp4, log4, sigmoid4, softplus4 } from './elementary/exponential';

function exp1(x: f32): f32 {
  return v128.extract_lane<f32>(exp4(v128.splat<f32>(x)), 0);
}

/**
 * loss = log Σ e^(z_j - m) - (z_label - m), m the largest; gradient = softmax(z) - e_label.
 */
export function crossEntropy(
  losses: usize,
  gradient: usize,
  logits: usize,
  labels: usize,
  rows: u32,
  classes: u32,
): void {
  const bytes: usize = (classes as usize) << 2;
  for (let r: u32 = 0; r < rows; r++) {
    let largest: f32 = load<f32>(logits);
    for (let j: usize = 4; j < bytes; j += 4) {
      const z: f32 = load<f32>(logits + j);
      largest = largest < z ? z : largest;
    }
    let total: f32 = 0;
    let j: usize = 0;
    const m: v128 = v128.splat<f32>(largest);
    for (; j + (16 as usize) <= bytes; j += 16) {
      const e: v128 = exp4(v128.sub<f32>(v128.load(logits + j), m));
      v128.store(gradient + j, e);
      total += v128.extract_lane<f32>(e, 0);
      total += v128.extract_lane<f32>(e, 1);
      total += v128.extract_lane<f32>(e, 2);
      total += v128.extract_lane<f32>(e, 3);
    }
    for (; j < bytes; j += 4) {
      const e: f32 = exp1(load<f32>(logits + j) - largest);
      store<f32>(gradient + j, e);
      total += e;
    }
    const share: f32 = (1 as f32) / total;
    for (j = 0; j < bytes; j += 4) store<f32>(gradient + j, load<f32>(gradient + j) * share);
    const at: usize = (load<u32>(labels) as usize) << 2;
    const log: f32 = v128.extract_lane<f32>(log4(v128.splat<f32>(total)), 0);
    // A logit that is not finite shows in the loss: the difference is then NaN or infinite.
    store<f32>(losses, log - (load<f32>(logits + at) - largest));
    store<f32>(gradient + at, load<f32>(gradient + at) - 1);
    logits += bytes;
    gradient += bytes;
    labels += 4;
    losses += 4;
  }
}

/** loss = mean_j (softplus(z_j) - t_j·z_j); gradient = (sigmoid(z) - t)/columns. */
export function binaryCrossEntropy(
  losses: usize,
  gradient: usize,
  logits: usize,
  targets: usize,
  rows: u32,
  columns: u32,
): void {
  const share: f32 = (1 as f32) / (columns as f32);
  for (let r: u32 = 0; r < rows; r++) {
    let total: f32 = 0;
    for (let j: u32 = 0; j < columns; j++) {
      const z: f32 = load<f32>(logits);
      const t: f32 = load<f32>(targets);
      const wide: v128 = v128.splat<f32>(z);
      total += v128.extract_lane<f32>(softplus4(wide), 0) - t * z;
      store<f32>(gradient, (v128.extract_lane<f32>(sigmoid4(wide), 0) - t) * share);
      logits += 4;
      targets += 4;
      gradient += 4;
    }
    store<f32>(losses, total * share);
    losses += 4;
  }
}

/** loss = mean_j (z_j - t_j)²; gradient = 2(z - t)/columns. */
export function squaredError(
  losses: usize,
  gradient: usize,
  outputs: usize,
  targets: usize,
  rows: u32,
  columns: u32,
): void {
  const share: f32 = (1 as f32) / (columns as f32);
  for (let r: u32 = 0; r < rows; r++) {
    let total: f32 = 0;
    for (let j: u32 = 0; j < columns; j++) {
      const e: f32 = load<f32>(outputs) - load<f32>(targets);
      total += e * e;
      store<f32>(gradient, (2 as f32) * e * share);
      outputs += 4;
      targets += 4;
      gradient += 4;
    }
    store<f32>(losses, total * share);
    losses += 4;
  }
}

/** loss = mean_j (½e² where |e| ≤ δ, else δ(|e| - ½δ)), e = z - t; gradient = clamp(e, -δ, δ)/columns (Huber 1964). */
export function huber(
  losses: usize,
  gradient: usize,
  outputs: usize,
  targets: usize,
  rows: u32,
  columns: u32,
  delta: f32,
): void {
  const share: f32 = (1 as f32) / (columns as f32);
  for (let r: u32 = 0; r < rows; r++) {
    let total: f32 = 0;
    for (let j: u32 = 0; j < columns; j++) {
      const e: f32 = load<f32>(outputs) - load<f32>(targets);
      const size: f32 = e < 0 ? -e : e;
      const inside: boolean = size <= delta;
      total += inside ? (0.5 as f32) * e * e : delta * (size - (0.5 as f32) * delta);
      store<f32>(gradient, max<f32>(min<f32>(e, delta), -delta) * share);
      outputs += 4;
      targets += 4;
      gradient += 4;
    }
    store<f32>(losses, total * share);
    losses += 4;
  }
}
