// ONE ANSWER PER CIPHERTEXT, EVER: what a member keeps so that it never answers twice for one ciphertext, whatever set it is asked
// for, and never for more ciphertexts than its share of what the flooding of its key was made for.
//
// WHAT IS BOUNDED. A ledger knows its own member's answers only. Each member answers for at most Q ciphertexts (answersPerMember), so
// all active sets together open at most Q·(n − t + 1), even where t − 1 members do not count; that is what the flooding is made for.
//
// Every answer is flooded afresh, so a second one would halve what the flooding hides, and without pair masks two answers for different
// sets give the key share (pair-masks.ts; partial-decryption.attack.test.ts runs it). There is no retry: an active set that
// stalls has cost the ciphertext, and whoever encrypted encrypts anew.
//
// Write `token.record` to durable storage BEFORE the answer leaves: a member that forgets answers again. The ledger belongs to the
// SECRET, not to the epoch: when members change, every member of the new epoch takes over the records of the old one (carryOn), of
// all its members that can be asked. Every result had t answers, so the records of any n − t + 1 name them all; those of the dealers
// alone do not.

import { toHex } from '../bytes.ts';
import { MalformedMessage, ParameterError, ProtocolViolation } from '../errors.ts';
import { requireCiphertext, type SharedCiphertext, spentName } from './ciphertext.ts';
import type { KeyEpoch } from './epoch.ts';
import { type ActiveSet, requireActiveSet, requireMember, requireMemberNumber } from './roster.ts';
import { sumOf } from './sum-of-polynomials.ts';
import { DIGEST_BYTES } from './transcript.ts';

/** Known only here: nobody else makes tokens. */
const issuer: unique symbol = Symbol('decryption ledger');

/**
 * An active set opens, or gives a ciphertext new levels without opening it (refreshing.ts); all members together certify that their
 * shares fit (certification.ts).
 */
export type TokenPurpose = 'opening' | 'refresh' | 'certification';

/** The right to answer once for one ciphertext in one active set. Consumed by partialDecrypt or switchToReceiver. */
export class DecryptionToken {
  readonly epoch: KeyEpoch;
  readonly member: number;
  readonly ciphertext: SharedCiphertext;
  readonly activeSet: ActiveSet;
  readonly purpose: TokenPurpose;
  /** What is new in the ledger: append it to durable storage before the answer is sent. */
  readonly record: Uint8Array;
  #used = false;

  constructor(
    key: typeof issuer,
    of: Pick<DecryptionToken, 'epoch' | 'member' | 'ciphertext' | 'activeSet' | 'purpose' | 'record'>,
  ) {
    if (key !== issuer) throw new ParameterError('tokens are issued by a decryption ledger only');
    this.epoch = of.epoch;
    this.member = of.member;
    this.ciphertext = of.ciphertext;
    this.activeSet = of.activeSet;
    this.purpose = of.purpose;
    this.record = of.record;
  }

  /** For the answering functions: refuses another purpose, and the second time. */
  consume(purpose: TokenPurpose): void {
    if (this.purpose !== purpose) throw new ParameterError(`this token is for ${this.purpose}, not for ${purpose}`);
    if (this.#used) throw new ProtocolViolation('this token has been used: one answer per ciphertext');
    this.#used = true;
  }

  toJSON(): never {
    throw new ParameterError('a token is used where it was issued and is not serialised');
  }
}

export interface DecryptionRequest {
  readonly ciphertext: SharedCiphertext;
  readonly summands?: readonly SharedCiphertext[];
}

export class DecryptionLedger {
  readonly member: number;
  /** Name in hex → whether it was opened itself, or as part of a sum only. */
  readonly #spent = new Map<string, RecordKind>();

  constructor(member: number) {
    this.member = requireMemberNumber(member);
  }

  /** Results that count against this member: its own answers, and those of earlier epochs that it took over. */
  get results(): number {
    return [...this.#spent.values()].filter((kind) => kind === RESULT).length;
  }

  /**
   * The right to answer for this ciphertext in this set. `summands`: the ciphertexts it is the sum of, where it is one; then the sum is
   * checked and none of them may occur in another (sums that overlap are subtracted from each other by anybody).
   * Refused, and nothing recorded: a ciphertext or summand answered before, a key that has opened all it may, a foreign set.
   */
  authorise(
    epoch: KeyEpoch,
    ciphertext: SharedCiphertext,
    activeSet: ActiveSet,
    summands: readonly SharedCiphertext[] = [],
  ): DecryptionToken {
    const { tokens } = this.authoriseAll(epoch, [{ ciphertext, summands }], activeSet);
    return tokens[0];
  }

  /** As authorise for several ciphertexts at once: all or none, and one record of all. */
  authoriseAll(
    epoch: KeyEpoch,
    requests: readonly DecryptionRequest[],
    activeSet: ActiveSet,
  ): { readonly tokens: readonly DecryptionToken[]; readonly record: Uint8Array } {
    requireActiveSet(epoch, activeSet);
    requireMember(activeSet, this.member);
    return this.#issue(epoch, requests, activeSet, 'opening');
  }

  /** Ciphertexts that this member has refreshed, and those of earlier epochs that it took over. */
  get refreshes(): number {
    return [...this.#spent.values()].filter((kind) => kind === REFRESH).length;
  }

  /**
   * For refreshing.ts: the right to answer for a refresh of this ciphertext. No result, since nobody sees the numbers, but an answer like any
   * other: one for a ciphertext, ever, and no more than `most` of them by this member.
   */
  authoriseRefresh(epoch: KeyEpoch, ciphertext: SharedCiphertext, activeSet: ActiveSet, most: number): DecryptionToken {
    requireActiveSet(epoch, activeSet);
    requireMember(activeSet, this.member);
    if (this.refreshes >= most) {
      throw new ParameterError(
        `member ${this.member} has answered for ${this.refreshes} refreshes, the masks are made for ${most}`,
      );
    }
    return this.#issue(epoch, [{ ciphertext }], activeSet, 'refresh').tokens[0];
  }

  /** For certification.ts: the right to answer with all other members for the epoch's test ciphertext. */
  authoriseCertification(epoch: KeyEpoch, ciphertext: SharedCiphertext): DecryptionToken {
    const { roster } = epoch;
    requireMember(roster, this.member);
    const everybody = { roster, members: roster.members };
    return this.#issue(epoch, [{ ciphertext }], everybody, 'certification').tokens[0];
  }

  #issue(
    epoch: KeyEpoch,
    requests: readonly DecryptionRequest[],
    activeSet: ActiveSet,
    purpose: TokenPurpose,
  ): { readonly tokens: readonly DecryptionToken[]; readonly record: Uint8Array } {
    const { answersPerMember, flooding } = epoch.parameters;
    if (purpose !== 'refresh' && this.results + requests.length > answersPerMember) {
      throw new ParameterError(
        `member ${this.member} has answered for ${this.results} results and is asked for ${requests.length}; it answers for ` +
          `${answersPerMember}, the flooding is made for ${flooding.decryptions} by all members`,
      );
    }
    const fresh = new Map<string, RecordKind>();
    const kind = purpose === 'refresh' ? REFRESH : RESULT;
    const named = requests.map((request) => ({ request, names: namesOf(epoch, request, kind) }));
    for (const { names } of named) {
      for (const [name, kind] of names) {
        if (this.#spent.has(name) || fresh.has(name)) {
          throw new ProtocolViolation(
            `member ${this.member} has answered for ciphertext ${name.slice(0, 16)}… before: one answer per ciphertext, ever`,
          );
        }
        fresh.set(name, kind);
      }
    }
    for (const [name, kind] of fresh) this.#spent.set(name, kind);
    const { member } = this;
    const tokens = named.map(
      ({ request: { ciphertext }, names }) =>
        new DecryptionToken(issuer, { epoch, member, ciphertext, activeSet, purpose, record: encode(names) }),
    );
    return { tokens, record: encode(fresh) };
  }

  /** All records, for durable storage. Public: hashes of ciphertexts. */
  toBytes(): Uint8Array {
    return encode(this.#spent);
  }

  /**
   * For a member of an epoch that follows `before`: takes over its members' records, by member, before it answers. Of all that can be
   * asked, and of n − t + 1 at least.
   */
  carryOn(before: KeyEpoch, records: ReadonlyMap<number, Uint8Array>): void {
    const { members, threshold } = before.roster;
    const needed = members.length - threshold + 1;
    for (const member of records.keys()) requireMember(before.roster, member);
    if (records.size < needed) {
      throw new ParameterError(
        `the records of ${records.size} members do not name every result that any ${threshold} of ${members.length} opened: ${needed} are needed`,
      );
    }
    const decoded = [...records.values()].map(decode);
    for (const names of decoded) this.#include(names);
  }

  /** Takes over what was recorded elsewhere: storage after a restart. */
  include(records: Uint8Array): void {
    this.#include(decode(records));
  }

  #include(names: ReadonlyMap<string, RecordKind>): void {
    for (const [name, kind] of names) {
      if (this.#spent.get(name) !== RESULT) this.#spent.set(name, kind);
    }
  }
}

const RESULT = 1;
const SUMMAND = 2;
const REFRESH = 3;
type RecordKind = typeof RESULT | typeof SUMMAND | typeof REFRESH;
const RECORD_BYTES = 1 + DIGEST_BYTES;

/** Checks a request and names everything it spends. */
function namesOf(
  epoch: KeyEpoch,
  { ciphertext, summands = [] }: DecryptionRequest,
  kind: RecordKind,
): Map<string, RecordKind> {
  requireCiphertext(epoch, ciphertext);
  for (const summand of summands) requireCiphertext(epoch, summand);
  if (summands.length > 0) requireSum(ciphertext, summands);
  const names = new Map<string, RecordKind>();
  for (const summand of summands) {
    const name = toHex(spentName(epoch, summand));
    if (names.has(name)) throw new ProtocolViolation(`ciphertext ${name.slice(0, 16)}… is in the sum twice`);
    names.set(name, SUMMAND);
  }
  names.set(toHex(spentName(epoch, ciphertext)), kind);
  return names;
}

/** One byte of kind and the 32 of the name, record after record. */
function encode(names: ReadonlyMap<string, RecordKind>): Uint8Array {
  const bytes = new Uint8Array(RECORD_BYTES * names.size);
  let at = 0;
  for (const [name, kind] of names) {
    bytes[at] = kind;
    for (let i = 0; i < DIGEST_BYTES; i++) bytes[at + 1 + i] = Number.parseInt(name.slice(2 * i, 2 * i + 2), 16);
    at += RECORD_BYTES;
  }
  return bytes;
}

function decode(bytes: Uint8Array): Map<string, RecordKind> {
  if (bytes.length % RECORD_BYTES !== 0) {
    throw new MalformedMessage(`${bytes.length} bytes are not records of ${RECORD_BYTES} bytes`);
  }
  const names = new Map<string, RecordKind>();
  for (let at = 0; at < bytes.length; at += RECORD_BYTES) {
    const kind = bytes[at];
    if (kind !== RESULT && kind !== SUMMAND && kind !== REFRESH)
      throw new MalformedMessage(`a ledger record of kind ${kind}`);
    names.set(toHex(bytes.subarray(at + 1, at + RECORD_BYTES)), kind);
  }
  return names;
}

function requireSum(sum: SharedCiphertext, summands: readonly SharedCiphertext[]): void {
  for (const half of ['c0', 'c1'] as const) {
    const { ring, residues } = sum[half];
    if (summands.some((summand) => summand[half].ring !== ring)) {
      throw new ParameterError('the summands are not all over the ring of the sum');
    }
    const total = sumOf(summands.map((summand) => summand[half])).residues;
    if (residues.some((x, i) => x !== total[i])) {
      throw new ProtocolViolation('the ciphertext is not the sum of the summands it was presented with');
    }
  }
}
