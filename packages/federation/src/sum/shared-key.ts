// A shared key as both sides of a sum see it: who holds it, under which context, and the rounds that it opens. Public.

import { hexOf } from '@sumus/secure-sum/canonical';
import { configurationHash, type OpenContext, type RoundConfiguration, wholeContext } from '@sumus/secure-sum/context';
import { MalformedMessage, ProtocolViolation } from '@sumus/secure-sum/errors';
import { decodeMessage, verifyMessage } from '@sumus/secure-sum/messages';
import { HASH_BYTES, type PublicPrimitives } from '@sumus/secure-sum/primitives';
import {
  type Circle,
  circleOf,
  decodeResultBody,
  RESULT,
  type ResultBody,
  resultHash,
} from '@sumus/secure-sum/threshold/coordinator';
import { contextAt, keyOf, thresholdConfiguration, trustAt } from './agreement.ts';
import type { Drawn } from './drawn.ts';
import { decodeList, encodeList, readText, textPart } from './frame.ts';
import type { SumAgreement, SumPoint } from './sum.ts';

/** Everybody in the roster holds a share, certificates and keys checked. */
export async function circleIn(
  primitives: PublicPrimitives,
  agreement: SumAgreement,
  open: OpenContext,
  { roster, beacon }: Drawn,
  nowMs: number,
): Promise<Circle> {
  const { members } = keyOf(agreement).proposal;
  if (roster.members.length !== members) {
    throw new ProtocolViolation('E_ROSTER', `${roster.members.length} take part, the key has ${members} members`);
  }
  const context = wholeContext(primitives, open, { rosterRoot: roster.root, beacon: beacon.value });
  return circleOf(primitives, trustAt(agreement, nowMs), { context, roster });
}

export interface KeyRound {
  readonly context: OpenContext;
  readonly configuration: RoundConfiguration;
}

/** A round that the key opens: its configuration names the key. */
export function roundOfKey(
  primitives: PublicPrimitives,
  agreement: SumAgreement,
  point: SumPoint,
  epochHash: Uint8Array,
): KeyRound {
  const own = Object.freeze({ ...keyOf(agreement).own, epoch: epochHash });
  const configuration = thresholdConfiguration(primitives, agreement, point, own);
  const configHash = configurationHash(primitives, configuration);
  const { round, flush, modelHash } = point;
  return { configuration, context: contextAt(primitives, agreement, round, { configHash, flush, modelHash }) };
}

const RESULT_BYTES_AT_MOST = 2 ** 28;

/** RESULTs that say the same: the body once, and who signed it. Undefined for none. */
export function encodeResults(messages: readonly Uint8Array[]): Uint8Array {
  const decoded = messages.map((bytes) => decodeMessage(bytes, RESULT_BYTES_AT_MOST));
  const [first] = decoded;
  if (first === undefined) throw new MalformedMessage('E_LEN', 'a sum without the results of members');
  const same = decoded.filter(({ body }) => hexOf(body) === hexOf(first.body));
  return encodeList(first.body, ...same.flatMap(({ sender, signature }) => [textPart(sender), signature]));
}

/** A sum that more members signed than may be corrupt: one of them is honest. */
export async function verifyResults(
  primitives: PublicPrimitives,
  agreement: SumAgreement,
  circle: Circle,
  { context }: KeyRound,
  carrier: Uint8Array,
): Promise<ResultBody> {
  const [body, ...signed] = decodeList(carrier, 'the results of members');
  if (body === undefined || signed.length % 2 !== 0) throw new MalformedMessage('E_LEN', 'no results of members');
  const signers = new Set<string>();
  for (let i = 0; i + 1 < signed.length; i += 2) {
    const name = readText(signed[i]!);
    const member = circle.members.find(({ memberId }) => memberId === name);
    if (member === undefined) throw new ProtocolViolation('E_ROSTER', `${name} is no member of this key`);
    const { memberId, certificate } = member;
    const sender = { memberId, publicKey: certificate.publicKey };
    const message = { ...RESULT, contextHash: context.hash, sender: memberId, body, signature: signed[i + 1]! };
    await verifyMessage(primitives, message, { ...RESULT, context, sender });
    signers.add(memberId);
  }
  const { corruptMembers } = keyOf(agreement).proposal;
  if (signers.size <= corruptMembers) {
    throw new ProtocolViolation('E_QUORUM', `${signers.size} members signed the sum, ${corruptMembers} may be corrupt`);
  }
  const result = decodeResultBody(body);
  if (hexOf(result.hash) !== hexOf(resultHash(primitives, result.statement, result.sum))) {
    throw new ProtocolViolation('E_SHARE', 'the members signed another sum than they sent');
  }
  return result;
}

/** The hash of an epoch as its members signed it: the same of all, HASH_BYTES each. */
export function epochHashOf(signatures: readonly Uint8Array[]): Uint8Array {
  const bodies = signatures.map((bytes) => decodeMessage(bytes, HASH_BYTES).body);
  const [first] = bodies;
  if (first === undefined || bodies.some((body) => hexOf(body) !== hexOf(first))) {
    throw new ProtocolViolation('E_EPOCH', 'the members signed different keys');
  }
  return first;
}
