// A committee member. It signs one set of contributors per flush, and never a contribution that it signed for before; it answers with its
// share of the sum of their keys when a quorum signed the same set; it answers the same set again with the same bytes, as often as
// asked. Between signature and answer lies the certificate, because packed sharing leaks by the ramp: without it a coordinator
// could ask t_c + some honest members for two sets that differ in one contributor (attack 31).
//
//   serving ─review→ serving (complaints)   serving ─close→ serving (signature)   serving ─certificate→ serving (answer)
//   serving ─end→ ended
//
// Stored before anything is sent: the set, its nullifiers and the sum of shares. Refused: fewer contributors than the floor, duplicates,
// foreign or expired certificates, bad signatures, models too old, boxes that do not open to what was committed to, a nullifier
// signed before, a second set for a flush, more than can be stored, an opening without a quorum of signatures on the very set signed here.

import { CanonicalWriter, type MemberId, sameBytes } from '../../canonical/index.ts';
import { ProtocolViolation } from '../../errors.ts';
import { stepOnce } from '../../machine/once.ts';
import { type Output, PERSIST, type Step, send, step, TO_COORDINATOR } from '../../machine/outputs.ts';
import { encodeMessage, signMessage } from '../../messages/index.ts';
import { encodeSetIdentity, sameSet } from '../round/certificate-of-set.ts';
import type { VerifiedHead } from '../round/contribution.ts';
import {
  claimedSet,
  decodeSetRequest,
  identifySet,
  type SetIdentity,
  type SetRequest,
} from '../round/contributor-set.ts';
import { COMPLAIN, SIGN } from '../round/kinds.ts';
import type { ModelVersions } from '../round/models.ts';
import { type Start, useStart } from '../round/start.ts';
import { answerMessage } from './answer.ts';
import { MEMBER_GUARDS, type MemberGuards } from './guards.ts';
import { type MemberState, requireRoom, type SignedFlush } from './member-state.ts';
import { answerFor, findBadShares, verifyHeads } from './received-shares.ts';
import type { Member } from './tools.ts';

export type MemberEvent =
  /** Contributions that are about to be closed: do the boxes open? Nothing is signed. */
  | { readonly kind: 'review'; readonly request: Uint8Array; readonly models: ModelVersions }
  /** Sign this set. `models`: what this member has seen in the log. */
  | { readonly kind: 'close'; readonly request: Uint8Array; readonly models: ModelVersions }
  /** A quorum signed: answer. */
  | { readonly kind: 'certificate'; readonly certificate: Uint8Array }
  /** The epoch is over: wipe. */
  | { readonly kind: 'end' };

export type MemberStep = Step<MemberState, never>;

/** Begins a member, which must be in the derived committee with the key it advertised. */
export function startMember(
  { round, memberId, boxKey, hybridKey }: Pick<Member, 'round' | 'memberId' | 'boxKey' | 'hybridKey'>,
  start: Start,
): MemberStep {
  const own = round.committee[(round.numberOf.get(memberId) ?? 0) - 1];
  if (own === undefined) throw new ProtocolViolation('E_COMMITTEE', `${memberId} is not in the committee`);
  const empty = new Uint8Array(0);
  if (!sameBytes(own.boxKey, boxKey.publicKey) || !sameBytes(own.hybridKey ?? empty, hybridKey?.publicKey ?? empty)) {
    throw new ProtocolViolation('E_ROSTER', `the roster has another key for ${memberId} than it advertised`);
  }
  useStart(round, start);
  return step(Object.freeze({ phase: 'serving', signed: new Map(), nullifiers: new Set<string>() }), PERSIST);
}

export const memberStep: (member: Member, state: MemberState, event: MemberEvent) => Promise<MemberStep> =
  memberStepWith(MEMBER_GUARDS);

/** For tests, which take guards away to see that they are needed; memberStep has all of them. */
export function memberStepWith(guards: MemberGuards) {
  return (member: Member, state: MemberState, event: MemberEvent): Promise<MemberStep> =>
    stepOnce(state, async () => {
      switch (event.kind) {
        case 'review':
          return review(member, serving(state), event.models, decodeSetRequest(member.round.parameters, event.request));
        case 'close':
          return close(
            guards,
            member,
            serving(state),
            event.models,
            decodeSetRequest(member.round.parameters, event.request),
          );
        case 'certificate':
          return open(guards, member, serving(state), event.certificate);
        case 'end':
          return end(state);
        default:
          return event satisfies never;
      }
    });
}

type Serving = Extract<MemberState, { phase: 'serving' }>;

function serving(state: MemberState): Serving {
  if (state.phase !== 'serving') throw new ProtocolViolation('E_PHASE', 'this member has ended');
  return state;
}

async function review(member: Member, state: Serving, models: ModelVersions, request: SetRequest): Promise<MemberStep> {
  const heads = await verifyHeads(member, models, request);
  const bad = await findBadShares(member, heads, request);
  return step(state, await complaint(member, request.flush, bad));
}

async function complaint(member: Member, flush: number, bad: readonly MemberId[]): Promise<Output<never>> {
  const { primitives, signer, round, memberId } = member;
  const writer = new CanonicalWriter().u32('flush', flush).u32('complaints', bad.length);
  for (const one of bad) writer.name('a contributor', one);
  const message = { ...COMPLAIN, sender: memberId, body: writer.finish() };
  const signed = await signMessage(primitives, signer, round.context, message);
  return send(TO_COORDINATOR, COMPLAIN.type, encodeMessage(signed));
}

async function close(
  guards: MemberGuards,
  member: Member,
  state: Serving,
  models: ModelVersions,
  request: SetRequest,
): Promise<MemberStep> {
  const { primitives, round } = member;
  const before = state.signed.get(request.flush);
  // Verified when it was signed: what expired or was revoked since, or which models came, changes nothing about that.
  if (before !== undefined && sameSet(before.set, claimedSet(primitives, round, request))) {
    return step(state, signatureOf(before));
  }
  const heads = await verifyHeads(member, models, request);
  const set = identifySet(primitives, round, request.flush, heads);
  if (before !== undefined) guards.oneSetAFlush(before, set);
  guards.enough(round, heads);
  guards.unusedNullifiers(state.nullifiers, heads);
  requireRoom(state, heads.length);
  const answer = await answerFor(member, heads, request);
  const message = await sign(member, set);
  const signed: SignedFlush = Object.freeze({ set, message, answer, readers: readersOf(heads) });
  const next: MemberState = Object.freeze({
    phase: 'serving',
    signed: new Map(state.signed).set(set.flush, signed),
    nullifiers: new Set([...state.nullifiers, ...heads.map(({ nullifier }) => nullifier)]),
  });
  return step(next, PERSIST, signatureOf(signed));
}

const signatureOf = ({ message }: SignedFlush): Output<never> => send(TO_COORDINATOR, SIGN.type, message);

async function sign({ primitives, signer, round, memberId }: Member, set: SetIdentity): Promise<Uint8Array> {
  const body = encodeSetIdentity(set);
  return encodeMessage(await signMessage(primitives, signer, round.context, { ...SIGN, sender: memberId, body }));
}

const readersOf = (heads: readonly VerifiedHead[]): SignedFlush['readers'] =>
  heads.flatMap(({ memberId, openingKey }) => (openingKey === undefined ? [] : [{ memberId, openingKey }]));

/** The same certificate, or another one of the same set, is answered with the same bytes. */
async function open(
  guards: MemberGuards,
  member: Member,
  state: Serving,
  certificate: Uint8Array,
): Promise<MemberStep> {
  const set = await guards.certified(member.primitives, member.round, certificate);
  const signed = guards.ownSet(state.signed.get(set.flush), set);
  return step(state, await answerMessage(member, signed));
}

function end(state: MemberState): MemberStep {
  if (state.phase === 'ended') return step(state);
  for (const { answer } of state.signed.values()) answer.wipe();
  return step(Object.freeze({ phase: 'ended' }), PERSIST);
}
