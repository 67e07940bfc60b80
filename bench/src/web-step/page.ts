// What runs in the page: both engines with the same work, round by round in turn, and the losses that show that both did it.
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { ours } from '../learning/ours.ts';
import { tfjsStep } from '../learning/tfjs-step.ts';
import { type Competitor, workOf } from '../learning/work.ts';
import { STEP_BATCH, type StepTimes } from './step-times.ts';

/** One thread for both: bundled, tfjs waits for its threads' workers for ever. */
async function times(rounds: number): Promise<StepTimes> {
  setWasmPaths('/tfjs/');
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  await tf.setBackend('wasm');
  await tf.ready();
  const work = workOf('lenet', STEP_BATCH);
  const [sumus, other] = [await ours(work, 'plain'), tfjsStep(tf, work, 'tfjs')];
  const losses = [await sumus.loss(), await other.loss()];
  const [mine, theirs]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds + 1; round += 1) {
    const [a, b] = [await stepMs(sumus), await stepMs(other)];
    // The first warms both up.
    if (round === 0 && rounds > 1) continue;
    mine.push(a);
    theirs.push(b);
  }
  const [sumusLoss = Number.NaN, tfjsLoss = Number.NaN] = losses;
  const after = [await sumus.loss(), await other.loss()];
  return {
    sumusMs: Math.min(...mine),
    tfjsMs: Math.min(...theirs),
    lossDifference: Math.max(Math.abs(sumusLoss - tfjsLoss), Math.abs((after[0] ?? 0) - (after[1] ?? 1))),
    isIsolated: globalThis.crossOriginIsolated,
  };
}

async function stepMs(competitor: Competitor): Promise<number> {
  const began = performance.now();
  await competitor.step();
  // A backend that works later has not done it yet.
  await competitor.loss();
  return performance.now() - began;
}

Object.assign(globalThis, { stepTimes: times });
