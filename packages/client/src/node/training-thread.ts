// What runs in the thread of threadWorker: the data came with it, tasks come as messages, and one aggregate a task goes back. Nothing here speaks
// to anybody else.

import { parentPort, workerData } from 'node:worker_threads';
import { ParameterError } from '@sumus/federation/errors';
import { checkPlan } from '@sumus/federation/plan';
import type { WorkerData } from '@sumus/federation/worker';
import { wasmEngine } from '@sumus/learning/engine';
import { nodePrimitives } from '@sumus/platform/node';
import { type WatchedWorker, watchedWorker } from '../worker/watched-worker.ts';
import type { FromThread, ToThread } from './thread-messages.ts';

const port = parentPort;
if (port === null) throw new ParameterError('this is the inside of a thread');
const answer = (message: FromThread): void => port.postMessage(message);
/** Told so often that a bar moves, not so often that telling is the work. */
const TELL_EVERY_MS = 100;

const data: WorkerData = workerData;
const platform = nodePrimitives();
const engine = await wasmEngine();
let made: { readonly text: string; readonly worker: WatchedWorker } | undefined;

function workerOfPlan(text: string): WatchedWorker {
  if (made?.text === text) return made.worker;
  const read = checkPlan(JSON.parse(text));
  if (read.kind === 'invalid') throw new ParameterError('the plan of a task is none');
  const worker = watchedWorker({ engine, platform }, read.plan, data, (length) => platform.randomBytes(length));
  made = { text, worker };
  return worker;
}

port.on('message', ({ plan, work }: ToThread) => {
  try {
    let toldAtMs = 0;
    const result = workerOfPlan(plan)(work, (progress) => {
      const nowMs = Date.now();
      if (nowMs - toldAtMs < TELL_EVERY_MS && progress.step < progress.steps) return;
      toldAtMs = nowMs;
      answer({ kind: 'progress', progress });
    });
    answer({ kind: 'done', result });
  } catch (error) {
    answer({ kind: 'failed', error });
  }
});
