// The participant's end of the port to the worker that has the data.
import type { TrainingProgress, TrainingWorker } from '@sumus/client/worker';
import type { WorkResult } from '@sumus/federation/worker';
import type { WorkAnswered, WorkAsked } from './training-messages.ts';

interface UnderWay {
  readonly number: number;
  readonly tell: (progress: TrainingProgress) => void;
  readonly resolve: (result: WorkResult) => void;
  readonly reject: (cause: Error) => void;
}

export function portWorker(port: MessagePort): TrainingWorker {
  let asked = 0;
  let underWay: UnderWay | undefined;
  port.addEventListener('message', ({ data }: MessageEvent<WorkAnswered>) => {
    const one = underWay;
    // What nobody waits for any more.
    if (one === undefined || data.number !== one.number) return;
    if ('progress' in data) return one.tell(data.progress);
    underWay = undefined;
    if ('result' in data) one.resolve(data.result);
    else one.reject(new Error(data.failed));
  });
  port.start();
  return {
    train: ({ plan, work }, tell) =>
      new Promise((resolve, reject) => {
        asked += 1;
        underWay = { number: asked, tell, resolve, reject };
        const message: WorkAsked = { number: asked, plan: JSON.stringify(plan), work };
        port.postMessage(message);
      }),
    // The page ends the worker itself, where it is not wanted any more.
    close: () => {
      underWay = undefined;
    },
  };
}
