// Who a server is, and what it takes. Said to anybody: nothing of it is believed but by who has the coordinator's key from elsewhere.

import { object, oneOf, type Shape, text, whole } from '../shape/shape.ts';
import { key, milliseconds } from './names.ts';

export interface ServerLimits {
  /** Of a frame in the body of a request; longer ones go as a blob. */
  readonly frameBytes: number;
  /** Of one piece of an upload. */
  readonly pieceBytes: number;
  readonly blobBytes: number;
  /** Of a message's body inside an event; longer ones are fetched. */
  readonly inlineBodyBytes: number;
}

export interface ServerInfo {
  readonly protocol: 'sumus/wire/1';
  readonly version: string;
  /** Its Ed25519 key, hexadecimal. */
  readonly coordinator: string;
  /** Its clock: who is far off finds out here. */
  readonly nowMs: number;
  readonly limits: ServerLimits;
}

export const serverInfo: Shape<ServerInfo> = object<ServerInfo>({
  protocol: oneOf('sumus/wire/1'),
  version: text({ atLeast: 1, atMost: 64 }),
  coordinator: key,
  nowMs: milliseconds,
  limits: object<ServerLimits>({
    frameBytes: whole(1, 2 ** 40),
    pieceBytes: whole(1, 2 ** 40),
    blobBytes: whole(1, 2 ** 40),
    inlineBodyBytes: whole(0, 2 ** 40),
  }),
});

/** What a server has where nothing else is said. */
export const USUAL_LIMITS: ServerLimits = Object.freeze({
  frameBytes: 2 ** 20,
  pieceBytes: 2 ** 22,
  blobBytes: 2 ** 30,
  inlineBodyBytes: 2 ** 16,
});
