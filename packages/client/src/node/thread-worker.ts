// A thread that trains, so that the line to the server is heard meanwhile. It has its own copy of the data, and of nothing else.

import { Worker } from 'node:worker_threads';
import type { WorkerData, WorkResult } from '@sumus/federation/worker';
import type { TrainingProgress, TrainingWorker } from '../worker/training-worker.ts';
import type { FromThread, ToThread } from './thread-messages.ts';

interface UnderWay {
  readonly tell: (progress: TrainingProgress) => void;
  readonly resolve: (result: WorkResult) => void;
  readonly reject: (error: unknown) => void;
}

/** The built module: Node 20 runs no TypeScript, and tests run from sources. */
const THREAD: URL = new URL(
  import.meta.url.endsWith('.ts') ? '../../dist/node/training-thread.js' : './training-thread.js',
  import.meta.url,
);

export function threadWorker(data: WorkerData): TrainingWorker {
  let thread: Worker | undefined;
  let underWay: UnderWay | undefined;
  let plan: { readonly value: object; readonly text: string } | undefined;
  const begin = (): Worker => {
    const fresh = new Worker(THREAD, { workerData: data, name: 'sumus training' });
    const failed = (error: unknown): void => {
      // It ends after it failed, when another may be at work.
      if (thread !== fresh) return;
      underWay?.reject(error);
      underWay = undefined;
      thread = undefined;
    };
    fresh.on('message', (message: FromThread) => {
      const asked = underWay;
      if (asked === undefined) return;
      if (message.kind === 'progress') return asked.tell(message.progress);
      underWay = undefined;
      if (message.kind === 'done') asked.resolve(message.result);
      else asked.reject(message.error);
    });
    fresh.on('error', failed);
    fresh.on('exit', (code) => failed(new Error(`the training thread ended with ${code}`)));
    return fresh;
  };
  return {
    train: ({ plan: value, work }, tell) =>
      new Promise((resolve, reject) => {
        underWay = { tell, resolve, reject };
        thread ??= begin();
        if (plan?.value !== value) plan = { value, text: JSON.stringify(value) };
        const message: ToThread = { plan: plan.text, work };
        thread.postMessage(message);
      }),
    close: () => {
      void thread?.terminate();
    },
  };
}
