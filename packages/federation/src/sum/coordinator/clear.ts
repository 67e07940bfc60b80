// The coordinator's half of a sum without protection: it adds what it sees. Each message is signed under the sum's context by a certified
// member; one a member; then the sum goes to everybody in the same form as every other.

import { CanonicalReader, CanonicalWriter, hexOf } from '@sumus/secure-sum/canonical';
import { MalformedMessage, ProtocolViolation } from '@sumus/secure-sum/errors';
import {
  CERTIFICATE_BYTES_AT_MOST,
  decodeCertificate,
  type MemberId,
  verifyCertificate,
} from '@sumus/secure-sum/identity';
import { abort, done, PERSIST } from '@sumus/secure-sum/machine';
import { decodeMessage, ENVELOPE_BYTES_AT_MOST, verifyMessage } from '@sumus/secure-sum/messages';
import { HASH_BYTES } from '@sumus/secure-sum/primitives';
import { contributionsInSum } from '../../plan/sums.ts';
import { fewestOf, SUM_ROLES, trustAt } from '../agreement.ts';
import { ABSTAIN, CLEAR_WORDS } from '../clear-words.ts';
import { decodeList, encodeList, FRAME, type Frame } from '../frame.ts';
import { requireRange, wordBytes, wordsOfBytes } from '../opened.ts';
import type { CoordinatorStanding } from './standing.ts';
import type { CoordinatorEnvironment, CoordinatorProtocol, CoordinatorProtocolStep } from './state.ts';

interface Heard {
  /** By member: the hash of its message. */
  readonly said: ReadonlyMap<MemberId, string>;
  readonly contributors: readonly MemberId[];
  readonly sum: Int32Array;
}

export function clearTotal(env: CoordinatorEnvironment, heard?: Heard): CoordinatorProtocol {
  const { setup, open } = env;
  const { primitives, encoding, admitted } = setup;
  const most = contributionsInSum(setup.plan).most;
  const nobody: Heard = { said: new Map(), contributors: [], sum: new Int32Array(encoding.words) };
  const { said, contributors, sum } = heard ?? nobody;
  const isComplete = contributors.length === most || (admitted !== undefined && said.size === admitted.size);

  async function received(
    standing: CoordinatorStanding,
    { type, body }: Frame,
    nowMs: number,
  ): Promise<CoordinatorProtocolStep> {
    if (type !== FRAME.words && type !== FRAME.abstain) {
      throw new ProtocolViolation('E_PHASE', `${type} in a sum without protection`);
    }
    const reader = new CanonicalReader(body, 'words without protection');
    const claimed = decodeCertificate(reader.blobView('certificate', CERTIFICATE_BYTES_AT_MOST));
    const bodyBytes = 4 * encoding.words;
    const message = decodeMessage(reader.blobView('message', ENVELOPE_BYTES_AT_MOST + bodyBytes), bodyBytes);
    reader.finish();
    const sender = await verifyCertificate(primitives, trustAt(setup, nowMs), claimed, SUM_ROLES);
    const { memberId } = sender;
    if (admitted?.has(memberId) === false) {
      throw new ProtocolViolation('E_ROSTER', `${memberId} is none of those who may be in this sum`);
    }
    const kind = type === FRAME.words ? CLEAR_WORDS : ABSTAIN;
    const verified = await verifyMessage(primitives, message, { ...kind, context: open, sender });
    const digest = hexOf(primitives.sha256(body));
    const before = said.get(memberId);
    if (before === digest) return { protocol: clearTotal(env, heard), standing, outputs: [] };
    if (before !== undefined) throw new ProtocolViolation('E_EQUIV', `${memberId} has spoken in this sum, otherwise`);
    const told = new Map(said).set(memberId, digest);
    if (type === FRAME.abstain) {
      if (verified.body.length !== 0) throw new MalformedMessage('E_LEN', `${memberId} abstains with words`);
      return { protocol: clearTotal(env, { said: told, contributors, sum }), standing, outputs: [PERSIST] };
    }
    if (contributors.length >= most)
      throw new ProtocolViolation('E_LATE', `${most} contributions are all that a sum holds`);
    const words = wordsOfBytes(verified.body, encoding.words);
    requireRange(words, 1, encoding.valueBits);
    const total = sum.map((word, i) => word + words[i]!);
    const next = clearTotal(env, { said: told, contributors: [...contributors, memberId], sum: total });
    return { protocol: next, standing, outputs: [PERSIST], contributor: memberId };
  }

  async function close(standing: CoordinatorStanding): Promise<CoordinatorProtocolStep> {
    const protocol = clearTotal(env, heard);
    const fewest = fewestOf(setup);
    if (contributors.length < fewest) {
      const left = abort('E_TOO_FEW', `${contributors.length} contributions, ${fewest} are needed`);
      return { protocol, standing, outputs: [PERSIST, left] };
    }
    return { protocol, standing, outputs: [PERSIST, done({ contributors, sum, carrier: wordBytes(sum) })] };
  }

  return Object.freeze<CoordinatorProtocol>({
    kind: 'clear',
    phase: 'contributing',
    isComplete,
    received,
    close,
    askAgain: async () => [],
    end: () => undefined,
    store: () => {
      const writer = new CanonicalWriter(64 * (said.size + 1)).u32('members', said.size);
      for (const [memberId, digest] of said) {
        writer.name('a member', memberId).name('what it said', digest);
        writer.u8('contributed', Number(contributors.includes(memberId)));
      }
      return encodeList(writer.finish(), wordBytes(sum));
    },
  });
}

export function restoreClearTotal(env: CoordinatorEnvironment, stored: Uint8Array): CoordinatorProtocol {
  const [list = new Uint8Array(0), words = new Uint8Array(0)] = decodeList(stored, 'a total without protection', 2);
  const reader = new CanonicalReader(list, 'who has spoken');
  const count = reader.count('members', 2 ** 20, 5 + 4 + 2 * HASH_BYTES);
  const said = new Map<MemberId, string>();
  const contributors: MemberId[] = [];
  for (let i = 0; i < count; i++) {
    const memberId = reader.member('a member');
    said.set(memberId, reader.name('what it said'));
    if (reader.within('contributed', 1, 0, 1) === 1) contributors.push(memberId);
  }
  reader.finish();
  return clearTotal(env, { said, contributors, sum: wordsOfBytes(words, env.setup.encoding.words) });
}
