// tfjs 4.22 on its wasm backend, in Node, one thread: loads it; the step itself is tfjs-step.ts, which a page uses, too.

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type * as Wasm from '@tensorflow/tfjs-backend-wasm';
import type * as Core from '@tensorflow/tfjs-core';
import { tfjsStep } from './tfjs-step.ts';
import type { Competitor, Work } from './work.ts';

export async function tfjs(work: Work): Promise<Competitor> {
  const load = createRequire(import.meta.url);
  const tf: typeof Core = load('@tensorflow/tfjs-core');
  const backend: typeof Wasm = load('@tensorflow/tfjs-backend-wasm');
  backend.setWasmPaths(join(dirname(load.resolve('@tensorflow/tfjs-backend-wasm')), '/'));
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  await tf.setBackend('wasm');
  await tf.ready();
  return tfjsStep(tf, work, 'tfjs 4.22.0, wasm, one thread');
}
