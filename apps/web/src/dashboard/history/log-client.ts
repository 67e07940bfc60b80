// The page's end of the worker that holds the log.
import type { LogSource } from './log-source.ts';
import type { Answers, FromWorker, Request, ToWorker } from './worker-messages.ts';

export interface LogListener {
  readonly summary: (message: Extract<FromWorker, { type: 'summary' }>) => void;
  readonly damage: (text: string) => void;
  readonly failed: (text: string) => void;
}

export class LogClient {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve: (answer: never) => void; reject: (cause: Error) => void }>();
  #number = 0;

  constructor(listener: LogListener) {
    this.#worker = new Worker(new URL('./log.worker.ts', import.meta.url), { type: 'module', name: 'log' });
    this.#worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
      if (data.type === 'summary') listener.summary(data);
      else if (data.type === 'damage') listener.damage(data.text);
      else if (data.type === 'failed') listener.failed(data.text);
      else {
        const waiting = this.#waiting.get(data.number);
        this.#waiting.delete(data.number);
        // Which answer belongs to which request the number says, and the compiler cannot know.
        if (data.type === 'answer') waiting?.resolve(data.answer as never);
        else waiting?.reject(new Error(data.text));
      }
    });
    this.#worker.addEventListener('error', (event) => listener.failed(event.message));
  }

  open(source: LogSource): void {
    this.#tell({ type: 'open', source });
  }

  /** Of a live run, as they come: whole lines or parts of them. */
  bytes(bytes: Uint8Array<ArrayBuffer>): void {
    this.#tell({ type: 'bytes', bytes });
  }

  ask<K extends Request['kind']>(request: Extract<Request, { kind: K }>): Promise<Answers[K]> {
    this.#number += 1;
    const number = this.#number;
    return new Promise<Answers[K]>((resolve, reject) => {
      this.#waiting.set(number, { resolve, reject });
      this.#tell({ type: 'ask', number, request });
    });
  }

  #tell(message: ToWorker): void {
    this.#worker.postMessage(message);
  }
}
