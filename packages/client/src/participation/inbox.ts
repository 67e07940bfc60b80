// What the coordinator says to this participant: a stream of events, opened again whenever it breaks. The participant asks what it missed each
// time (its own `resume`), so nothing depends on a stream being whole.

import { MalformedMessage, ProtocolViolation } from '@sumus/federation/errors';
import type { Revocations } from '@sumus/secure-sum/identity';
import type { PublicPrimitives } from '@sumus/secure-sum/primitives';
import { revocationsBody, type ServerInfo, serverInfo } from '@sumus/wire/bodies';
import { Problem } from '@sumus/wire/problem';
import { type MessageOut, readMessageEvent } from '@sumus/wire/stream';
import type { Clock } from '../clock/clock.ts';
import type { Connection, Listening } from '../connection/connection.ts';
import { chanceFrom, type Patience, passes, pauseMs } from '../connection/patience.ts';
import { newerRevocations } from '../joining/joining.ts';
import type { Pinned } from '../joining/place.ts';
import { Unreachable } from '../transport/transport.ts';
import { joinedFrame } from './joined-frame.ts';

export interface InboxSetup {
  readonly connection: Connection;
  readonly primitives: PublicPrimitives;
  readonly pinned: Pinned;
  readonly patience: Patience;
  readonly clock: Clock;
  readonly messageBytesAtMost: number;
  readonly revocations: () => Revocations;
  /** Of the last numbered message that was taken; undefined before the first of a chapter. */
  readonly lastHeard: () => string | undefined;
  readonly onServer: (server: ServerInfo, revocations: Revocations) => void;
  readonly onOpen: (isAgain: boolean) => void;
  /** Answered before the next one is read. */
  readonly onMessage: (bytes: Uint8Array) => Promise<void>;
  readonly onBroken: (error: Error, nextTryMs: number) => void;
}

export class Inbox {
  readonly #setup: InboxSetup;
  #listening: Listening | undefined;

  constructor(setup: InboxSetup) {
    this.#setup = setup;
  }

  close(): void {
    this.#listening?.close();
  }

  /** Until it is over; throws what does not pass. */
  async listen(): Promise<void> {
    const { patience, onBroken } = this.#setup;
    let failures = 0;
    for (let isAgain = false; !patience.isOver(); isAgain = true) {
      try {
        await this.#listenOnce(isAgain, () => {
          failures = 0;
        });
      } catch (error) {
        if (patience.isOver()) return;
        if (!passes(error) && !isGarbled(error)) throw error;
        const ms = pauseMs(error, failures, chanceFrom(patience.randomBytes));
        failures += 1;
        onBroken(error, ms);
        await patience.pause(ms);
      }
    }
  }

  async #listenOnce(isAgain: boolean, onHeard: () => void): Promise<void> {
    const { connection, pinned, lastHeard, onOpen, onMessage, patience } = this.#setup;
    await this.#greet();
    const listening = await connection.listen('messages', {
      parameters: { run: pinned.runId },
      lastEventId: lastHeard(),
    });
    this.#listening = listening;
    try {
      if (patience.isOver()) return;
      onOpen(isAgain);
      for await (const event of listening.events) {
        onHeard();
        await onMessage(await this.#whole(readMessageEvent(event)));
        if (patience.isOver()) return;
      }
    } finally {
      listening.close();
      this.#listening = undefined;
    }
    throw new Unreachable('the server ended the stream');
  }

  /** Whether it is the server of the link, what it takes, and which certificates no longer hold. */
  async #greet(): Promise<void> {
    const { connection, primitives, pinned, clock, revocations, onServer } = this.#setup;
    const server = await connection.ask(serverInfo, 'server');
    if (server.coordinator !== pinned.coordinator) {
      throw new ProtocolViolation(
        `the server's key is ${server.coordinator}, and the invitation's ${pinned.coordinator}`,
      );
    }
    const before = revocations();
    const { list } = await connection.ask(revocationsBody, 'revocations', { parameters: { run: pinned.runId } });
    const { authority } = pinned;
    const nowMs = clock.nowMs();
    onServer(server, list === null ? before : await newerRevocations(primitives, { authority, before, nowMs }, list));
  }

  async #whole({ head, body }: MessageOut): Promise<Uint8Array> {
    if (body === null || body instanceof Uint8Array) return joinedFrame(head, body);
    const { connection, pinned, messageBytesAtMost } = this.#setup;
    // Nobody signed this length: the line is taken for broken, and the participant stays.
    if (head.length + body.bytes > messageBytesAtMost) {
      throw new MalformedMessage(`a message of ${head.length + body.bytes} bytes, at most ${messageBytesAtMost}`);
    }
    try {
      return joinedFrame(head, await connection.blob(pinned.runId, body));
    } catch (cause) {
      if (!(cause instanceof Problem && (cause.code === 'not-found' || cause.code === 'forbidden'))) throw cause;
      // The run went on meanwhile, and has it no more; what is missing, `resume` brings. Whose key is out, hears it there.
      throw new Unreachable('the body of a message is gone', { cause });
    }
  }
}

/** Whoever stands between may have cut or answered: the line is taken for broken. What a coordinator signs, the participant reads. */
const isGarbled = (error: unknown): error is Error => error instanceof MalformedMessage;
