// What a round is, as one hash that is bound into every derivation, box, signature, MAC, mask and public polynomial. Participants
// who were told different things derive different contexts: their masks do not cancel, their boxes do not open, and nothing is
// revealed (model inconsistency, arXiv 2111.07380, fails here).
//
// Two messages precede the whole context (the specification's point 3): ADVERTISE, before roster and beacon exist, and an
// asynchronous CONTRIBUTE, which knows neither its flush nor one model. They are made under an open context:
//
//   ctx0 = SHA-256("sumus/1/open" ‖ suite ‖ project ‖ task ‖ round ‖ flush? ‖ modelHash? ‖ configHash ‖ "" ‖ "" ‖ policyHash)
//   ctx  = SHA-256("sumus/1"      ‖ suite ‖ project ‖ task ‖ round ‖ flush  ‖ modelHash  ‖ configHash ‖ rosterRoot ‖ beacon ‖ policyHash ‖ ctx0)
//
// where a field that is not known yet is empty (which no known one is). In one-shot, rosterRoot is the root of the directory of
// those who may contribute and of the committee, because contributors are not known when ctx is formed.

import { asciiBytes, delimited, requireName, sameBytes, u32Bytes, u64Bytes } from '../canonical/index.ts';
import { ParameterError } from '../errors.ts';
import { HASH_BYTES, type Hashing } from '../primitives.ts';
import { SUITE, SUITES, type Suite } from './suite.ts';

/** One attempt at a sum: an attempt that failed is followed by the next flush or the next round, never by itself. */
export interface RoundPoint {
  readonly round: number;
  readonly flush: number;
}

export interface OpenFields {
  /** SUITE unless told. */
  readonly suite?: Suite | undefined;
  readonly projectId: string;
  readonly taskId: string;
  /** In [0, 2^53). One-shot with flushes: the epoch. */
  readonly round: number;
  /** In [0, 2^32); undefined where the sender cannot know it. */
  readonly flush?: number | undefined;
  /** 32 bytes; undefined where several models are allowed: configHash covers which, and the sender says which was its own. */
  readonly modelHash?: Uint8Array | undefined;
  /** configurationHash() of configuration.ts. */
  readonly configHash: Uint8Array;
  /** The participants' policy: what a plan cannot weaken. */
  readonly policyHash: Uint8Array;
}

/** What became known after the open context; flush and modelHash only where the open context left them out. */
export interface LaterFields {
  readonly flush?: number | undefined;
  readonly modelHash?: Uint8Array | undefined;
  readonly rosterRoot: Uint8Array;
  readonly beacon: Uint8Array;
}

export interface OpenContext {
  readonly kind: 'open';
  /** 32 bytes, public. */
  readonly hash: Uint8Array;
  readonly fields: OpenFields;
}

export interface Context {
  readonly kind: 'whole';
  /** 32 bytes, public. */
  readonly hash: Uint8Array;
  readonly open: OpenContext;
  readonly point: RoundPoint;
  readonly modelHash: Uint8Array;
  readonly rosterRoot: Uint8Array;
  readonly beacon: Uint8Array;
}

/** Where either will do: what is bound to one is never accepted under the other, because the labels differ. */
export type AnyContext = OpenContext | Context;

const empty = new Uint8Array(0);

export function openContext(primitives: Hashing, fields: OpenFields): OpenContext {
  const { flush, modelHash, configHash, policyHash } = fields;
  const hash = primitives.sha256(
    delimited(
      'sumus/1/open',
      ...named(fields),
      flush === undefined ? empty : u32Bytes(flush),
      modelHash === undefined ? empty : requireHash('modelHash', modelHash),
      requireHash('configHash', configHash),
      empty,
      empty,
      requireHash('policyHash', policyHash),
    ),
  );
  const kept = {
    ...fields,
    configHash: configHash.slice(),
    policyHash: policyHash.slice(),
    modelHash: modelHash?.slice(),
  };
  return Object.freeze({ kind: 'open', hash, fields: Object.freeze(kept) });
}

export function wholeContext(primitives: Hashing, open: OpenContext, later: LaterFields): Context {
  const { fields } = open;
  const flush = once('flush', fields.flush, later.flush, (a, b) => a === b);
  const modelHash = once('modelHash', fields.modelHash, later.modelHash, sameBytes).slice();
  const rosterRoot = requireHash('rosterRoot', later.rosterRoot).slice();
  const beacon = requireHash('beacon', later.beacon).slice();
  const hash = primitives.sha256(
    delimited(
      'sumus/1',
      ...named(fields),
      u32Bytes(flush),
      requireHash('modelHash', modelHash),
      fields.configHash,
      rosterRoot,
      beacon,
      fields.policyHash,
      open.hash,
    ),
  );
  const point = Object.freeze({ round: fields.round, flush });
  return Object.freeze({ kind: 'whole', hash, open, point, modelHash, rosterRoot, beacon });
}

/** Which primitives a round is made with. */
export function suiteOf({ suite = SUITE }: Pick<OpenFields, 'suite'>): Suite {
  if (!SUITES.includes(suite)) throw new ParameterError(`${suite} is no suite`);
  return suite;
}

const named = ({ suite, projectId, taskId, round }: OpenFields): Uint8Array[] => [
  asciiBytes(suiteOf({ suite })),
  asciiBytes(requireName('a project', projectId)),
  asciiBytes(requireName('a task', taskId)),
  u64Bytes(round),
];

function requireHash(what: string, hash: Uint8Array): Uint8Array {
  if (hash.length !== HASH_BYTES) throw new ParameterError(`${what} is ${hash.length} bytes, not ${HASH_BYTES}`);
  return hash;
}

/** A field is said once; said twice, it is the same. */
function once<T>(what: string, before: T | undefined, later: T | undefined, same: (a: T, b: T) => boolean): T {
  const value = before ?? later;
  if (value === undefined)
    throw new ParameterError(`${what} is not known: neither the open context nor the later fields say it`);
  if (before !== undefined && later !== undefined && !same(before, later)) {
    throw new ParameterError(`${what} differs from what the open context says`);
  }
  return value;
}
