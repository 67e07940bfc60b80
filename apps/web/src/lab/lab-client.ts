// The page's end of the lab's worker: one question after another, each with how far it is. Stopping ends the worker and all that waits.
import { digitsAddress } from '../digits/load-digits.ts';
import type { LabAnswer, LabAnswered, LabAsked, LabRequest } from './lab-messages.ts';

interface Waiting {
  readonly resolve: (answer: LabAnswer) => void;
  readonly reject: (cause: Error) => void;
  readonly onProgress: (share: number) => void;
}

let worker: Worker | undefined;
let asked = 0;
const waiting = new Map<number, Waiting>();

export class Stopped extends Error {
  override readonly name = 'Stopped';
}

function started(): Worker {
  if (worker !== undefined) return worker;
  worker = new Worker(new URL('./lab.worker.ts', import.meta.url), { type: 'module', name: 'lab' });
  worker.addEventListener('message', ({ data }: MessageEvent<LabAnswered>) => {
    const one = waiting.get(data.number);
    if ('progress' in data) return one?.onProgress(data.progress);
    waiting.delete(data.number);
    if ('answer' in data) one?.resolve(data.answer);
    else one?.reject(new Error(data.refused));
  });
  return worker;
}

export function askLab<K extends LabAnswer['kind']>(
  request: Extract<LabRequest, { kind: K }>,
  onProgress: (share: number) => void = () => undefined,
): Promise<Extract<LabAnswer, { kind: K }>> {
  asked += 1;
  const number = asked;
  return new Promise((resolve, reject) => {
    waiting.set(number, {
      // Which answer belongs to which request the number says, and the compiler cannot know.
      resolve: (answer) => resolve(answer as Extract<LabAnswer, { kind: K }>),
      reject,
      onProgress,
    });
    const message: LabAsked = { number, digits: digitsAddress(), request };
    started().postMessage(message);
  });
}

export function stopLab(): void {
  worker?.terminate();
  worker = undefined;
  const all = [...waiting.values()];
  waiting.clear();
  for (const { reject } of all) reject(new Stopped('stopped'));
}
