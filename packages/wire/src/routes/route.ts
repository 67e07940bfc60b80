// A route as data: what is asked of what, by whom, with which body, and what is answered. The server serves this table, its OpenAPI document is
// written from it, and clients make their addresses by it.

import type { Method } from '../request/signed-request.ts';
import type { Shape } from '../shape/shape.ts';

/**
 * Who may ask, by the key that signed. `owner`: the key that signed the run's plan, or of the server's owners file; `participant`: certified and
 * not revoked; `observer`: named by the owner; `invited`: whoever names an invitation, or the key that asked under it; `anybody`: unsigned, too.
 */
export type Asker = 'owner' | 'participant' | 'observer' | 'invited' | 'anybody';

/** The shape of some message: it reads and describes itself. */
export type BodyShape = Omit<Shape<object>, 'exactly'>;

export type RequestBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'json'; readonly shape: BodyShape }
  /** Bytes of one of these kinds. */
  | { readonly kind: 'bytes'; readonly types: readonly string[]; readonly limit: 'frameBytes' | 'pieceBytes' };

export type AnswerBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'json'; readonly shape: BodyShape }
  | { readonly kind: 'bytes'; readonly type: string }
  | { readonly kind: 'text'; readonly type: string }
  /** Server-sent events; what the data of one is. */
  | { readonly kind: 'events'; readonly data: string };

export interface QueryParameter {
  readonly pattern: RegExp;
  readonly isRequired: boolean;
  readonly means: string;
}

export interface Route {
  readonly method: Method;
  /** Such as `/v1/runs/{run}`; what may stand for a name in braces: PARAMETERS. */
  readonly path: string;
  readonly askers: readonly Asker[];
  /** A sentence for people. */
  readonly means: string;
  readonly query: Readonly<Record<string, QueryParameter>>;
  readonly body: RequestBody;
  readonly status: 200 | 201 | 204;
  readonly answer: AnswerBody;
}

/** What stands in a path; none of it needs escaping, and an escaped one is refused. */
export const PARAMETERS: Readonly<Record<string, RegExp>> = Object.freeze({
  run: /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
  invitation: /^[0-9a-f]{32}$/,
  sha256: /^[0-9a-f]{64}$/,
});
