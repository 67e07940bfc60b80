// The coordinator's running sum of masked vectors. A long one lies in a memory of its own, where kernels add to it and take masks off
// without copying it; a short one is an ordinary array. What is in it is nobody's secret: masked vectors, and in the end their sum.

import type { Engine, MaskBench } from '../engine/index.ts';
import { SCRATCH_BYTES } from './key-stream.ts';

export interface RunningSum {
  /** Modulo 2^32. Changed by the step that answers with the next state. */
  readonly words: Uint32Array;
  /** What works on them. */
  readonly bench: MaskBench;
}

/** Below this, copies cost less than a memory. */
const OWN_MEMORY_FROM_WORDS = 65_536;

/** Zeros. */
export function runningSum(engine: Engine, count: number): RunningSum {
  if (count < OWN_MEMORY_FROM_WORDS) return Object.freeze({ words: new Uint32Array(count), bench: engine });
  const bench = engine.masksBeside(4 * count + SCRATCH_BYTES);
  const at = bench.memory.reserve(4 * count);
  return Object.freeze({ words: bench.memory.u32(at, count), bench });
}
