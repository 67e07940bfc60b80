// A participant's half of a sum under `threshold`: it encrypts its words to a key that it founded with the others (founding.ts), and as a member
// promises and answers once. The key serves many sums. What everybody takes for the sum is what more members signed than may be corrupt.

import { CanonicalReader, CanonicalWriter } from '@sumus/secure-sum/canonical';
import { ProtocolViolation } from '@sumus/secure-sum/errors';
import { done, type Output, PERSIST, type Send, send, TO_COORDINATOR } from '@sumus/secure-sum/machine';
import { encodeMessage, signMessage } from '@sumus/secure-sum/messages';
import {
  acceptedBy,
  type CertifiedEpoch,
  decodeBundle,
  decodeEpochCertificate,
  decodeMember,
  encodeMemberInTheClear,
  epochEntry,
  type MemberEvent,
  type MemberState,
  type OpenedSum,
  startEncryptor,
  stepEncryptor,
  stepMember,
  verifyEpoch,
} from '@sumus/secure-sum/threshold';
import { ALARM } from '@sumus/secure-sum/threshold/coordinator';
import { trustAt } from '../agreement.ts';
import { ABSTAIN } from '../clear-words.ts';
import { decodeDrawn, encodeDrawn } from '../drawn.ts';
import { decodeList, encodeList, FRAME, type Frame, readText, textPart } from '../frame.ts';
import { decodePlace, seenBefore } from '../log-place.ts';
import { decodeOpened, requireWords } from '../opened.ts';
import { type KeyRound, roundOfKey, verifyResults } from '../shared-key.ts';
import { enter } from './entering.ts';
import { claimedByRequest, helping } from './helped-sets.ts';
import { type KeyHolding, keyHolding, sendsIn } from './key-holding.ts';
import { requireWithin } from './own-words.ts';
import type { SecretEpoch, SecretStanding } from './standing.ts';
import type { OwnOpened, ProtocolStep, SecretProtocol, SumEnvironment } from './state.ts';

const empty = new Uint8Array(0);
const KEY_BYTES = 32;
const MOST = 2 ** 30;

/** What lasts as long as the key. */
export interface Serving extends KeyHolding {
  readonly epoch: CertifiedEpoch;
  /** Certificate and place, as they came. */
  readonly key: Uint8Array;
  readonly member: MemberState;
  /** The round of the key. */
  readonly ofRound: number;
}

/** What one sum adds. */
interface InSum {
  readonly hasSpoken: boolean;
  readonly own: Uint8Array | undefined;
  /** What it said in this sum: sent again as it is. */
  readonly said: readonly Send[];
  /** What it was asked to open: a restarted member is told again what it promised. */
  readonly request: Uint8Array | undefined;
}

export const FRESH: InSum = Object.freeze({ hasSpoken: false, own: undefined, said: [], request: undefined });

export function serve(env: SumEnvironment, serving: Serving, at: InSum): SecretProtocol {
  const { setup, point, id } = env;
  const { primitives, certificate, signer, encoding } = setup;
  const { epoch, member, setting } = serving;
  const round: KeyRound = roundOfKey(primitives, setup, point, epoch.hash);

  const next = (
    standing: SecretStanding,
    changed: Partial<Serving>,
    now: Partial<InSum>,
    ...outputs: readonly Output<OwnOpened>[]
  ): ProtocolStep => ({
    protocol: serve(env, { ...serving, ...changed }, { ...at, ...now }),
    standing,
    outputs: [PERSIST, ...outputs],
  });

  function requireUnspoken(): void {
    if (at.hasSpoken) throw new ProtocolViolation('E_PHASE', `${certificate.memberId} has spoken in this sum`);
  }

  async function words(before: SecretStanding, values: Int32Array, nowMs: number): Promise<ProtocolStep> {
    requireUnspoken();
    requireWithin(values, encoding);
    const { standing, entered } = enter(primitives, before, 'contribute', round.context);
    const [bytes = empty, place = empty] = decodeList(serving.key, 'a key and its place', 2);
    const logged = await seenBefore(primitives, setup, epochEntry(epoch), decodePlace(place));
    if (bytes.length === 0) throw new ProtocolViolation('E_EPOCH', 'a key without its certificate');
    const accepted = acceptedBy(setup.floors, epoch.parameters);
    const encryptor = { primitives, certificate, signer, epoch, logged, accepted };
    const event = { kind: 'contribute' as const, entered, round, values, nowMs };
    const sends = sendsIn((await stepEncryptor(encryptor, startEncryptor(), event)).outputs);
    const [contribution] = sends;
    if (contribution === undefined) throw new ProtocolViolation('E_PHASE', 'nothing was contributed');
    const own = primitives.sha256(contribution.bytes);
    return next(standing, {}, { hasSpoken: true, own, said: [...at.said, ...sends] }, ...sends);
  }

  async function abstain(standing: SecretStanding): Promise<ProtocolStep> {
    requireUnspoken();
    const message = { ...ABSTAIN, sender: certificate.memberId, body: id };
    const bytes = encodeMessage(await signMessage(primitives, signer, env.open, message));
    const said = send(TO_COORDINATOR, FRAME.abstain, bytes);
    return next(standing, {}, { hasSpoken: true, said: [...at.said, said] }, said);
  }

  async function received(standing: SecretStanding, { type, body }: Frame, nowMs: number): Promise<ProtocolStep> {
    const trust = trustAt(setup, nowMs);
    switch (type) {
      case 'threshold/request':
        return stepped(
          helping(env, standing, claimedByRequest(body)),
          { kind: 'request', round, bytes: body, trust },
          { request: body.slice() },
        );
      case 'threshold/certified-set':
        return stepped(standing, { kind: 'certificate', messages: decodeBundle(body, 1)[0] ?? [], trust }, {});
      case 'threshold/answers':
        return stepped(standing, { kind: 'answers', messages: decodeBundle(body, 1)[0] ?? [] }, {});
      case ALARM.type:
        return stepped(standing, { kind: 'alarm', context: round.context, bytes: body }, {});
      case FRAME.key:
        return { protocol: serve(env, serving, at), standing, outputs: [] };
      case FRAME.opened: {
        const opened = decodeOpened(body);
        const { sum } = await verifyResults(primitives, setup, epoch.circle, round, opened.carrier);
        if (sum.length !== encoding.words) throw new ProtocolViolation('E_SUM', 'what was opened is no sum');
        requireWords(primitives, id, setup, opened, sum);
        return next(standing, {}, {}, done({ opened, sum }));
      }
      default:
        throw new ProtocolViolation('E_PHASE', `${type} in a sum under threshold`);
    }
  }

  async function stepped(standing: SecretStanding, event: MemberEvent, now: Partial<InSum>): Promise<ProtocolStep> {
    const { state, outputs } = await stepMember({ ...setting, epoch }, member, event);
    const others = outputs.filter((output): output is Exclude<Output<OpenedSum>, { kind: 'done' | 'persist' }> => {
      // Its own opening is one signature of those that everybody goes by.
      return output.kind !== 'done' && output.kind !== 'persist';
    });
    const said = [...at.said, ...sendsIn(others).map((one) => send(TO_COORDINATOR, one.type, one.bytes))];
    return next(standing, { member: state }, { ...now, said }, ...others);
  }

  return Object.freeze<SecretProtocol>({
    kind: 'threshold',
    phase: at.request === undefined ? 'contributing' : 'agreeing',
    wantsWords: !at.hasSpoken && member.phase === 'serving',
    own: at.own,
    received,
    words: (standing, values, _version, nowMs) => words(standing, values, nowMs),
    abstain,
    resume: async () => at.said,
    end: async () =>
      Object.freeze({ kind: 'threshold' as const, round: serving.ofRound, storedInTheClear: writeServing(serving) }),
    storeInTheClear: () => encodeList(writeServing(serving), writeInSum(at)),
  });
}

function writeServing({ drawn, secretBoxKey, setting, epoch, key, member, ofRound }: Serving): Uint8Array {
  const own = secretBoxKey.expose();
  const writer = new CanonicalWriter(8192)
    .blob('drawn', encodeDrawn(drawn))
    .fixed('a key', own, KEY_BYTES)
    .blob('the key', key)
    .u64('of round', ofRound)
    .blob('member', encodeMemberInTheClear({ ...setting, epoch }, member));
  own.fill(0);
  return writer.finish();
}

async function readServing(env: SumEnvironment, stored: Uint8Array, nowMs: number): Promise<Serving> {
  const { setup, open } = env;
  const { primitives } = setup;
  const reader = new CanonicalReader(stored, 'a key that stands');
  const drawn = decodeDrawn(primitives, setup, open, reader.blobView('drawn', MOST));
  const own = reader.fixed('a key', KEY_BYTES);
  const key = reader.blob('the key', MOST);
  const ofRound = reader.u64('of round');
  const member = reader.blobView('member', MOST);
  reader.finish();
  const at = await keyHolding(env, drawn, primitives.secretKeys.fromBytes('x25519', own), nowMs);
  own.fill(0);
  const [certificate = empty] = decodeList(key, 'a key and its place', 2);
  const epoch = await verifyEpoch(primitives, at.setting, decodeEpochCertificate(certificate));
  return { ...at, epoch, key, ofRound, member: decodeMember({ ...at.setting, epoch }, member) };
}

function writeInSum({ hasSpoken, own, said, request }: InSum): Uint8Array {
  return new CanonicalWriter(4096)
    .u8('has spoken', Number(hasSpoken))
    .blob('own', own ?? empty)
    .blob('said', encodeList(...said.flatMap(({ type, bytes }) => [textPart(type), bytes])))
    .blob('request', request ?? empty)
    .finish();
}

function readInSum(stored: Uint8Array): InSum {
  const reader = new CanonicalReader(stored, 'a sum under threshold');
  const hasSpoken = reader.within('has spoken', 1, 0, 1) === 1;
  const own = reader.blob('own', KEY_BYTES);
  const parts = decodeList(reader.blobView('said', MOST), 'what was said');
  const request = reader.blob('request', MOST);
  reader.finish();
  const said: Send[] = [];
  for (let i = 0; i + 1 < parts.length; i += 2) {
    said.push(send(TO_COORDINATOR, readText(parts[i]!), parts[i + 1]!.slice()));
  }
  const some = (bytes: Uint8Array): Uint8Array | undefined => (bytes.length === 0 ? undefined : bytes);
  return { hasSpoken, own: some(own), said, request: some(request) };
}

/** The next sum of a key that stands. */
export async function continueThreshold(
  env: SumEnvironment,
  epoch: SecretEpoch,
  nowMs: number,
): Promise<SecretProtocol> {
  return serve(env, await readServing(env, epoch.storedInTheClear, nowMs), FRESH);
}

export async function restoreThreshold(
  env: SumEnvironment,
  stored: Uint8Array,
  nowMs: number,
): Promise<SecretProtocol> {
  const [servingBytes = empty, inSum = empty] = decodeList(stored, 'a sum under threshold', 2);
  const serving = await readServing(env, servingBytes, nowMs);
  const at = readInSum(inSum);
  const { request } = at;
  if (request === undefined || serving.member.phase !== 'serving') return serve(env, serving, at);
  // It looks again at what it promised, and says the same.
  const { setup, point } = env;
  const round = roundOfKey(setup.primitives, setup, point, serving.epoch.hash);
  const event = { kind: 'request' as const, round, bytes: request, trust: trustAt(setup, nowMs) };
  const { state } = await stepMember({ ...serving.setting, epoch: serving.epoch }, serving.member, event);
  return serve(env, { ...serving, member: state }, at);
}
