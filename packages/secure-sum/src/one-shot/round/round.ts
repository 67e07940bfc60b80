// What everybody knows before a one-shot round begins, checked: the parameters are those in the context, the directory is that of
// the context, the committee follows from roster and beacon, and every member of it was vouched for. Contributors and members make
// this themselves from what they verified; nothing of it is taken from the coordinator (attacks 11, 18 and 36).
//
// Where a context has several flushes (an epoch), the whole context is formed with flush 0 and the model the epoch begins with:
// docs/decisions/one-shot-epochs.md.

import { type Beacon, rosterEntry } from '../../beacon/index.ts';
import { hexOf, type MemberId, memberId as memberIdOf, sameBytes } from '../../canonical/index.ts';
import { type Context, derive, HYBRID_SUITE, suiteOf } from '../../context/index.ts';
import { ParameterError, ProtocolViolation } from '../../errors.ts';
import type { Role, Trust } from '../../identity/index.ts';
import { encodeEntry, type LoggedEntry } from '../../log/index.ts';
import type { PublicPrimitives } from '../../primitives.ts';
import { type Directory, type RosterMember, vouchFor } from '../../roster/index.ts';
import { chooseCommittee } from './committee.ts';
import { type EncodingFields, type OneShotParameters, parametersHash } from './parameters.ts';

declare const checked: unique symbol;

export interface CommitteeMember {
  /** 1 … m: the point at which its shares stand. */
  readonly number: number;
  readonly memberId: MemberId;
  readonly member: RosterMember;
  /** X25519, of this epoch. */
  readonly boxKey: Uint8Array;
  /** X-Wing, under the hybrid suite. */
  readonly hybridKey: Uint8Array | undefined;
}

export interface OneShotRound {
  readonly [checked]: true;
  readonly context: Context;
  readonly parameters: OneShotParameters;
  readonly directory: Directory;
  readonly committee: readonly CommitteeMember[];
  readonly numberOf: ReadonlyMap<MemberId, number>;
  /** 32 public bytes that the public polynomials a_j are expanded from: derived by everybody from the context. */
  readonly polynomialSeed: Uint8Array;
}

export interface RoundInput {
  readonly context: Context;
  readonly parameters: OneShotParameters;
  readonly encoding: EncodingFields;
  readonly directory: Directory;
  /** That the directory's root is in the log, and the beacon that was drawn after it. */
  readonly logged: LoggedEntry;
  readonly beacon: Beacon;
  /** The role that the committee's certificates must have; undefined where silos are the committee. */
  readonly committeeRole?: Role;
}

export async function oneShotRound(
  primitives: PublicPrimitives,
  trust: Trust,
  input: RoundInput,
): Promise<OneShotRound> {
  const { context, parameters, encoding, directory, committeeRole } = input;
  const { open } = context;
  if (!sameBytes(parametersHash(primitives, parameters, encoding), open.fields.configHash)) {
    throw new ProtocolViolation('E_CTX', 'the parameters are not those that the context was formed with');
  }
  if (!sameBytes(directory.root, context.rosterRoot)) {
    throw new ProtocolViolation('E_ROSTER', `the directory ${short(directory.root)} is not that of the context`);
  }
  requireDrawnAfterLogged(primitives, input);
  if ((parameters.boxes === 'hybrid') !== (suiteOf(open.fields) === HYBRID_SUITE)) {
    throw new ParameterError(`boxes are ${parameters.boxes} under the suite ${suiteOf(open.fields)}`);
  }
  if (!sameBytes(directory.committee.context.hash, open.hash)) {
    throw new ProtocolViolation('E_CTX', 'the committee advertised its keys under another context');
  }
  if (parameters.isEpoch !== (open.fields.flush === undefined)) {
    throw new ParameterError(
      'an epoch of flushes has an open context without a flush, and a single sum has one with it',
    );
  }
  if (parameters.isEpoch && context.point.flush !== 0) {
    throw new ProtocolViolation('E_CTX', `the context of an epoch is formed with flush 0, not ${context.point.flush}`);
  }
  const indices = chooseCommittee(primitives, context, directory.committee, parameters);
  const committee: CommitteeMember[] = [];
  for (const index of indices) {
    const member = await vouchFor(primitives, trust, directory.committee, index, committeeRole);
    committee.push(
      Object.freeze({
        number: committee.length + 1,
        memberId: member.memberId,
        member,
        boxKey: member.keys[0]!,
        hybridKey: member.hybridKey,
      }),
    );
  }
  const polynomialSeed = derive(primitives, context.beacon, { context, label: 'one-shot/polynomial', lengthBytes: 32 });
  const numberOf = new Map(committee.map(({ memberId, number }) => [memberId, number]));
  return asChecked({ context, parameters, directory, committee: Object.freeze(committee), numberOf, polynomialSeed });
}

/** Roster first, then beacon: or whoever fixes the roster chooses the committee (attack 11). */
function requireDrawnAfterLogged(
  primitives: PublicPrimitives,
  { context, directory, logged, beacon }: RoundInput,
): void {
  const expected = rosterEntry(context.open, directory.root);
  if (!sameBytes(primitives.sha256(encodeEntry(logged)), primitives.sha256(encodeEntry(expected)))) {
    throw new ProtocolViolation(
      'E_LOG',
      `what the log is shown to have is not directory ${short(directory.root)} of this round`,
    );
  }
  if (!sameBytes(beacon.rosterRoot, directory.root) || !sameBytes(beacon.value, context.beacon)) {
    throw new ProtocolViolation(
      'E_BEACON',
      'the beacon was drawn for another directory, or the context has another one',
    );
  }
}

/** A member's name at its end of the boxes: a silo that contributes and sits in the committee boxes a share to itself. */
export const committeeName = (number: number): MemberId => memberIdOf(`committee:${number}`);

const short = (bytes: Uint8Array): string => `${hexOf(bytes.subarray(0, 8))}…`;

const asChecked = (round: Omit<OneShotRound, typeof checked>): OneShotRound => Object.freeze(round) as OneShotRound;
