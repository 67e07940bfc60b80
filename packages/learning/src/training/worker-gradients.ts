// Gradients computed by workers, through endpoints that the application hands in (worker_threads in Node, Worker in a browser): a
// message channel each, nothing else of the platform. One worker keeps the caller's thread free; several work on the micro-batches of a
// batch side by side. The bits do not depend on how many there are.
//
// serveGradients runs in the worker, workerGradients where the training loop is.

import type { Engine } from '../engine/engine.ts';
import { ParameterError } from '../errors.ts';
import type { LossSpec } from '../losses/loss.ts';
import type { ArchitectureLiteral } from '../model/architecture.ts';
import { architecture } from '../model/architecture.ts';
import { type Batch, Network } from '../network/network.ts';
import { type GradientSource, localGradients, type MicroBatch, type MicroGradient } from './gradient-source.ts';

/** One side of a message channel. */
export interface Endpoint {
  /** `transfer`: buffers that may be moved instead of copied. */
  post(message: unknown, transfer: readonly ArrayBuffer[]): void;
  /** Called once, with what to do with every message from the other side. */
  listen(handler: (message: unknown) => void): void;
}

interface Prepare {
  readonly kind: 'prepare';
  readonly model: ArchitectureLiteral;
  readonly maxBatch: number;
  readonly loss: LossSpec;
}

interface Compute {
  readonly kind: 'compute';
  readonly weights: Float32Array<ArrayBuffer>;
  readonly microBatches: readonly { readonly index: number; readonly microBatch: MicroBatch }[];
}

type Request = Prepare | Compute;

type Answer =
  | ({ readonly kind: 'gradient'; readonly index: number } & MicroGradient)
  | { readonly kind: 'failed'; readonly message: string };

/** Answers requests until the endpoint is closed by its owner. */
export function serveGradients(endpoint: Endpoint, engine: Engine): void {
  let prepared: { readonly network: Network; readonly source: GradientSource } | undefined;
  endpoint.listen((message) => {
    void (async () => {
      try {
        if (!isRequest(message)) throw new ParameterError('a worker got a message that is no request');
        const request = message;
        if (request.kind === 'prepare') {
          const network = new Network(engine, architecture(request.model), { seed: 0, maxBatch: request.maxBatch });
          prepared = { network, source: localGradients(network, request.loss) };
          return;
        }
        if (prepared === undefined) throw new ParameterError('a worker was asked for gradients before it was prepared');
        const { network, source } = prepared;
        network.setParameters(request.weights);
        for (const { index, microBatch } of request.microBatches) {
          await source.gradients(request.weights, [microBatch], ({ gradient, losses }) => {
            const own = gradient.slice();
            endpoint.post({ kind: 'gradient', index, gradient: own, losses } satisfies Answer, [own.buffer]);
          });
        }
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        endpoint.post({ kind: 'failed', message: text } satisfies Answer, []);
      }
    })();
  });
}

/** A source that spreads micro-batches over these workers in turn. */
export function workerGradients(
  endpoints: readonly Endpoint[],
  network: Pick<Network, 'architecture' | 'maxBatch'>,
  loss: LossSpec,
): GradientSource {
  if (endpoints.length === 0) throw new ParameterError('gradients by workers need at least one worker');
  let receive: (answer: Answer) => void = () => {};
  for (const endpoint of endpoints) {
    endpoint.listen((message) => {
      if (isAnswer(message)) receive(message);
      else receive({ kind: 'failed', message: 'it sent something that is no answer' });
    });
    const { architecture: model, maxBatch } = network;
    endpoint.post({ kind: 'prepare', model, maxBatch, loss } satisfies Prepare, []);
  }
  return {
    gradients(weights, microBatches, take): Promise<void> {
      return new Promise((resolve, reject) => {
        const waiting = new Map<number, MicroGradient>();
        let next = 0;
        receive = (answer) => {
          if (answer.kind === 'failed') {
            receive = () => {};
            reject(new ParameterError(`a worker failed: ${answer.message}`));
            return;
          }
          waiting.set(answer.index, answer);
          for (let ready = waiting.get(next); ready !== undefined; ready = waiting.get(next)) {
            waiting.delete(next);
            take(ready);
            next += 1;
          }
          if (next === microBatches.length) resolve();
        };
        endpoints.forEach((endpoint, worker) => {
          const own = microBatches
            .map((microBatch, index) => ({ index, microBatch }))
            .filter(({ index }) => index % endpoints.length === worker);
          if (own.length === 0) return;
          const copy = weights.slice();
          const buffers = own.flatMap(({ microBatch }) => batchBuffers(microBatch.batch));
          endpoint.post({ kind: 'compute', weights: copy, microBatches: own } satisfies Compute, [
            copy.buffer,
            ...buffers,
          ]);
        });
      });
    },
  };
}

/** Both sides are this file; the kinds tell its messages from anything else that might come through a channel. */
function isRequest(message: unknown): message is Request {
  return hasKind(message, ['prepare', 'compute']);
}

function isAnswer(message: unknown): message is Answer {
  return hasKind(message, ['gradient', 'failed']);
}

function hasKind(message: unknown, kinds: readonly string[]): boolean {
  if (typeof message !== 'object' || message === null || !('kind' in message)) return false;
  return typeof message.kind === 'string' && kinds.includes(message.kind);
}

/** Micro-batches are gathered afresh for every step, so their buffers may move. */
function batchBuffers({ inputs, targets }: Batch): ArrayBuffer[] {
  return [inputs, targets].flatMap(({ buffer }) => (buffer instanceof ArrayBuffer ? [buffer] : []));
}
