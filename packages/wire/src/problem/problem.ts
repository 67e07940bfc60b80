// What a server answers with when it does not do what was asked: a problem in JSON (RFC 9457), reduced to a code that a program acts on and a
// sentence for people, under the status that HTTP has for it. Never a stack, a path of the disk, or a secret.

import { object, oneOf, type Shape, text } from '../shape/shape.ts';

export const PROBLEM_TYPE = 'application/problem+json';

export type ProblemCode =
  | 'malformed'
  | 'unsigned'
  | 'clock'
  | 'replayed'
  | 'forbidden'
  | 'not-found'
  | 'method'
  | 'too-slow'
  | 'conflict'
  | 'offset'
  | 'spent'
  | 'no-length'
  | 'too-large'
  | 'media-type'
  | 'wrong-hash'
  | 'refused'
  | 'too-many'
  | 'large-headers'
  | 'internal'
  | 'unavailable'
  | 'no-space';

/** By code: the status of HTTP, and what it means. */
export const PROBLEMS: Readonly<Record<ProblemCode, { readonly status: number; readonly means: string }>> = {
  malformed: { status: 400, means: 'the request does not read as what it should be' },
  unsigned: { status: 401, means: 'the request is not signed, or its signature does not fit' },
  clock: { status: 401, means: 'the request was signed too long ago, or too far ahead' },
  replayed: { status: 401, means: 'the request was seen before' },
  forbidden: { status: 403, means: 'this key may not do that' },
  'not-found': { status: 404, means: 'there is nothing of that name' },
  method: { status: 405, means: 'that is not done to this' },
  'too-slow': { status: 408, means: 'the request did not arrive in time' },
  conflict: { status: 409, means: 'what is there does not allow it' },
  offset: { status: 409, means: 'the blob goes on elsewhere: ask for its state' },
  spent: { status: 410, means: 'the invitation was used, or its time is over' },
  'no-length': { status: 411, means: 'the request does not say how long it is' },
  'too-large': { status: 413, means: 'more bytes than are taken' },
  'media-type': { status: 415, means: 'a kind of body that is not taken here' },
  'wrong-hash': { status: 422, means: 'the bytes are not those of that hash' },
  refused: { status: 422, means: 'the protocol does not allow this message' },
  'too-many': { status: 429, means: 'too many requests: again after what retry-after says' },
  'large-headers': { status: 431, means: 'headers of more bytes than are taken' },
  internal: { status: 500, means: 'a mistake of the server' },
  unavailable: { status: 503, means: 'not now: again after what retry-after says' },
  'no-space': { status: 507, means: 'the server has no room left' },
};

/** What an answer of an error says. */
export interface ProblemBody {
  readonly code: ProblemCode;
  readonly message: string;
}

const codes = Object.keys(PROBLEMS) as readonly ProblemCode[];

export const problemShape: Shape<ProblemBody> = object<ProblemBody>({
  code: oneOf(...codes),
  message: text({ atLeast: 1, atMost: 2000 }),
});

export const statusOf = (code: ProblemCode): number => PROBLEMS[code].status;

/** Whether the same request may succeed later, unchanged. */
export const isPassing = (code: ProblemCode): boolean =>
  code === 'too-many' || code === 'unavailable' || code === 'too-slow' || code === 'internal';

/** Thrown by servers, which answer with it, and by clients, whom it was answered. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  /** Seconds; undefined where nothing is said. */
  readonly retryAfter: number | undefined;

  constructor(code: ProblemCode, message: string, options: ErrorOptions & { readonly retryAfter?: number } = {}) {
    super(message, options);
    this.code = code;
    this.retryAfter = options.retryAfter;
  }

  get status(): number {
    return statusOf(this.code);
  }

  get body(): ProblemBody {
    return { code: this.code, message: this.message.slice(0, 2000) };
  }
}
