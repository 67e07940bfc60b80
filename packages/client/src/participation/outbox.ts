// What this participant says, on its way to the server: one message after the other, each until the server has it on disk. Short ones go as
// they are, long ones in pieces that go on after a break. A message that is said again while it still waits here waits once.

import type { PublicPrimitives } from '@sumus/secure-sum/primitives';
import { BYTES_TYPE, FRAME_BLOB_TYPE, type ServerLimits } from '@sumus/wire/bodies';
import { Problem } from '@sumus/wire/problem';
import { hexOf, jsonBytes } from '@sumus/wire/text';
import type { Connection } from '../connection/connection.ts';
import { type Patience, patiently } from '../connection/patience.ts';
import { upload } from '../connection/upload.ts';
import type { Progress } from './progress.ts';

export interface OutboxSetup {
  readonly connection: Connection;
  readonly primitives: Pick<PublicPrimitives, 'sha256' | 'sha256OfMany'>;
  readonly run: string;
  readonly limits: () => ServerLimits;
  readonly patience: Patience;
  readonly tell: (progress: Progress) => void;
  /** The server does not take this key, or something is broken that waiting does not mend. */
  readonly onFailure: (error: unknown) => void;
}

interface Waiting {
  readonly type: string;
  readonly bytes: Uint8Array;
}

export class Outbox {
  readonly #setup: OutboxSetup;
  readonly #waiting: Waiting[] = [];
  #sending: Promise<void> | undefined;
  /** What the server has on disk, as far as this line tells. */
  #delivered = new WeakSet<Uint8Array>();

  constructor(setup: OutboxSetup) {
    this.#setup = setup;
  }

  post(type: string, bytes: Uint8Array): void {
    // The same message is the same bytes object: the participant keeps those that were not acknowledged.
    if (this.#delivered.has(bytes) || this.#waiting.some((one) => one.bytes === bytes)) return;
    // A later question makes an earlier one needless.
    const earlier = type === 'resume' ? this.#waiting.findIndex((one, at) => at > 0 && one.type === type) : -1;
    if (earlier > 0) this.#waiting.splice(earlier, 1);
    this.#waiting.push({ type, bytes });
    this.#sending ??= this.#sendAll();
  }

  /** A new line, perhaps to a server that was set back: what was not acknowledged is said again when it is asked for. */
  begin(): void {
    this.#delivered = new WeakSet();
  }

  /** Once nothing waits. */
  async empty(): Promise<void> {
    await this.#sending;
  }

  async #sendAll(): Promise<void> {
    // The caller has the promise before anything of this happens.
    await Promise.resolve();
    const { patience, onFailure } = this.#setup;
    try {
      for (let next = this.#waiting[0]; next !== undefined && !patience.isOver(); next = this.#waiting[0]) {
        const message = next;
        await patiently(patience, () => this.#send(message));
        this.#waiting.shift();
      }
    } catch (error) {
      onFailure(error);
    } finally {
      this.#sending = undefined;
    }
  }

  async #send({ type, bytes }: Waiting): Promise<void> {
    const { connection, primitives, run, limits, tell } = this.#setup;
    const { frameBytes, pieceBytes } = limits();
    const parameters = { run };
    try {
      if (bytes.length <= frameBytes) {
        await connection.tell('frames', { parameters, body: bytes, type: BYTES_TYPE });
      } else {
        const sha256 = hexOf((await primitives.sha256OfMany?.(bytes)) ?? primitives.sha256(bytes));
        const name = { sha256, bytes: bytes.length };
        const told = (sent: number): void => tell({ kind: 'sending', type, sent, bytes: bytes.length });
        await upload(connection, { run, name, bytes, pieceBytes, tell: told });
        await connection.tell('frames', { parameters, body: jsonBytes(name), type: FRAME_BLOB_TYPE });
      }
      this.#delivered.add(bytes);
      tell({ kind: 'sending', type, sent: bytes.length, bytes: bytes.length });
    } catch (error) {
      if (!(error instanceof Problem && isOfThisMessage(error.code))) throw error;
      // The protocol does not take it, and would not take it later: what follows from that, the coordinator says in its own messages.
      tell({ kind: 'refused', by: 'server', text: `${type}: ${error.message}` });
    }
  }
}

const isOfThisMessage = (code: Problem['code']): boolean =>
  code === 'refused' || code === 'conflict' || code === 'malformed' || code === 'wrong-hash' || code === 'too-large';
