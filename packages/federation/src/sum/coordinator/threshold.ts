// The coordinator's half of a sum under `threshold`: it keeps ciphertexts, asks a set of members to open, and takes the sum that more of them
// signed than may be corrupt. It opens nothing. How the key came about: founding.ts.

import { CanonicalReader, CanonicalWriter, sameBytes } from '@sumus/secure-sum/canonical';
import { ProtocolViolation } from '@sumus/secure-sum/errors';
import { type MemberId, memberId } from '@sumus/secure-sum/identity';
import { abort, done, type Output, PERSIST, type Send, send, TO_EVERYBODY, toMember } from '@sumus/secure-sum/machine';
import { decodeMessage, ENVELOPE_BYTES_AT_MOST, verifyMessage } from '@sumus/secure-sum/messages';
import { HASH_BYTES } from '@sumus/secure-sum/primitives';
import {
  ALARM,
  type Circle,
  type CoordinatedSum,
  decodeEpochCertificate,
  decodeSum,
  encodeSum,
  RESULT,
  requestAgain,
  type SumCoordinatorEvent,
  type SumCoordinatorSetting,
  type SumCoordinatorState,
  startSumCoordinator,
  stepSumCoordinator,
} from '@sumus/secure-sum/threshold/coordinator';
import { keyOf, trustAt } from '../agreement.ts';
import { ABSTAIN } from '../clear-words.ts';
import { type Drawn, decodeDrawn, encodeDrawn } from '../drawn.ts';
import { decodeList, encodeList, FRAME, type Frame, readText, textPart } from '../frame.ts';
import { circleIn, encodeResults, epochHashOf, roundOfKey } from '../shared-key.ts';
import { decodeSends, encodeSends } from './sends.ts';
import type { CoordinatorEpoch, CoordinatorStanding } from './standing.ts';
import type { CoordinatorEnvironment, CoordinatorProtocol, CoordinatorProtocolStep, ProtocolSum } from './state.ts';

const empty = new Uint8Array(0);
const MOST = 2 ** 30;
const CIPHERTEXT = 'threshold/ciphertext';

/** What lasts as long as the key. */
interface Serving {
  readonly drawn: Drawn;
  readonly circle: Circle;
  /** Certificate and place, as everybody was told. */
  readonly key: Uint8Array;
  /** The round of the key. */
  readonly ofRound: number;
  readonly setting: SumCoordinatorSetting;
}

export async function servingOf(env: CoordinatorEnvironment, at: Omit<Serving, 'setting'>): Promise<Serving> {
  const { setup, point } = env;
  const { primitives, engines } = setup;
  const { integers, proposal } = keyOf(setup);
  const [certificate = empty] = decodeList(at.key, 'a key and its place', 2);
  const epoch = epochHashOf(decodeEpochCertificate(certificate).signatures);
  const { threshold, corruptMembers, minimumContributors, maximumContributors, vectorLength } = proposal;
  const setting: SumCoordinatorSetting = {
    primitives,
    circle: at.circle,
    context: roundOfKey(primitives, setup, point, epoch).context,
    shape: { lattice: engines.lattice, integers, epoch, vectorLength },
    threshold,
    corruptMembers,
    minimumContributors,
    maximumContributors,
    contributionBytesAtMost: 2 ** 28,
  };
  return { ...at, setting };
}

export interface Summing {
  readonly state: SumCoordinatorState;
  readonly abstained: ReadonlySet<MemberId>;
  /** RESULTs, as they came. */
  readonly results: readonly Uint8Array[];
  /** The lists that the set was told last; its request the state has. */
  readonly lists: readonly Send[];
}

export const NOBODY: Pick<Summing, 'abstained' | 'results' | 'lists'> = {
  abstained: new Set<MemberId>(),
  results: [],
  lists: [],
};

export function summing(env: CoordinatorEnvironment, serving: Serving, at: Summing): CoordinatorProtocol {
  const { setup, open, id } = env;
  const { primitives } = setup;
  const { circle, setting } = serving;
  const { state, abstained, results } = at;
  const next = (
    standing: CoordinatorStanding,
    changed: Partial<Summing>,
    outputs: readonly Output<ProtocolSum>[],
    contributor?: MemberId,
  ): CoordinatorProtocolStep => ({
    protocol: summing(env, serving, { ...at, ...changed }),
    standing,
    outputs: outputs.some((one) => one.kind === 'persist') ? outputs : [PERSIST, ...outputs],
    contributor,
  });

  async function received(
    standing: CoordinatorStanding,
    { type, body }: Frame,
    nowMs: number,
  ): Promise<CoordinatorProtocolStep> {
    const bytes = body.slice();
    switch (type) {
      case FRAME.abstain:
        return takeAbstention(standing, bytes);
      case CIPHERTEXT: {
        const before = state.phase === 'collecting' ? state.contributions : new Map();
        const event = { kind: 'contribution' as const, bytes, trust: trustAt(setup, nowMs) };
        const answer = await stepSumCoordinator(setting, state, event);
        const now = answer.state.phase === 'collecting' ? [...answer.state.contributions.keys()] : [];
        const contributor = now.find((name) => !before.has(name));
        return ifComplete(standing, { state: answer.state }, told(answer.outputs, results), contributor);
      }
      case 'threshold/key':
      case 'threshold/dealing':
        return { protocol: summing(env, serving, at), standing, outputs: [] };
      case 'threshold/epoch': {
        // It signed the key, and missed that the key is in the log.
        const { sender } = decodeMessage(bytes, HASH_BYTES);
        const outputs = [send(toMember(sender), FRAME.key, serving.key)];
        return { protocol: summing(env, serving, at), standing, outputs };
      }
      case ALARM.type: {
        const { sender } = decodeMessage(bytes, HASH_BYTES);
        const member = circle.byName.get(sender);
        if (member === undefined) throw new ProtocolViolation('E_ROSTER', `${sender} is no member of this key`);
        const expected = { ...ALARM, context: setting.context, sender: member.certificate };
        await verifyMessage(primitives, decodeMessage(bytes, HASH_BYTES), expected);
        const left = abort('E_NOISE', `${sender} raised the alarm: nobody answers with this key any more`);
        return next(standing, {}, [PERSIST, send(TO_EVERYBODY, ALARM.type, bytes), left]);
      }
      default: {
        const answer = await stepSumCoordinator(setting, state, { kind: 'message', bytes });
        const heard = type === RESULT.type ? [...results, bytes] : results;
        const lists = answer.outputs.filter((one) => one.kind === 'send');
        const changed = { state: answer.state, results: heard, ...(lists.length === 0 ? {} : { lists }) };
        return next(standing, changed, told(answer.outputs, heard));
      }
    }
  }

  const told = (
    outputs: readonly Output<CoordinatedSum>[],
    heard: readonly Uint8Array[],
  ): readonly Output<ProtocolSum>[] =>
    outputs.map((output) => {
      if (output.kind !== 'done') return output;
      const { contributors, sum } = output.result;
      return done({ contributors, sum, carrier: encodeResults(agreeingWith(heard, sum)) });
    });

  async function takeAbstention(standing: CoordinatorStanding, bytes: Uint8Array): Promise<CoordinatorProtocolStep> {
    const message = decodeMessage(bytes, ENVELOPE_BYTES_AT_MOST + HASH_BYTES);
    const sender = circle.byName.get(message.sender)?.certificate;
    if (sender === undefined) throw new ProtocolViolation('E_ROSTER', `${message.sender} is no member of this key`);
    await verifyMessage(primitives, message, { ...ABSTAIN, context: open, sender });
    if (!sameBytes(message.body, id))
      throw new ProtocolViolation('E_CTX', `${message.sender} abstains from another sum`);
    return ifComplete(standing, { abstained: new Set(abstained).add(message.sender) }, [PERSIST]);
  }

  async function ifComplete(
    standing: CoordinatorStanding,
    changed: Partial<Summing>,
    outputs: readonly Output<ProtocolSum>[],
    contributor?: MemberId,
  ): Promise<CoordinatorProtocolStep> {
    const now = { ...at, ...changed };
    if (now.state.phase !== 'collecting') return next(standing, changed, outputs, contributor);
    if (now.state.contributions.size + now.abstained.size < circle.members.length) {
      return next(standing, changed, outputs, contributor);
    }
    const closed = await stepSumCoordinator(setting, now.state, closing(now));
    return next(
      standing,
      { ...changed, state: closed.state },
      [...outputs, ...told(closed.outputs, now.results)],
      contributor,
    );
  }

  /** Those who spoke are there: the first of them open. */
  function closing({ state: of, abstained: silent }: Summing): SumCoordinatorEvent {
    const spoke = (name: MemberId): boolean =>
      silent.has(name) || (of.phase === 'collecting' && of.contributions.has(name));
    const { threshold } = setting;
    const ranked = [...circle.members].sort(
      (a, b) => Number(spoke(b.memberId)) - Number(spoke(a.memberId)) || a.number - b.number,
    );
    return { kind: 'close', activeSet: ranked.slice(0, threshold).map(({ number }) => number) };
  }

  async function close(standing: CoordinatorStanding): Promise<CoordinatorProtocolStep> {
    const event: SumCoordinatorEvent = state.phase === 'collecting' ? closing(at) : { kind: 'timeout' };
    const answer = await stepSumCoordinator(setting, state, event);
    return next(standing, { state: answer.state }, told(answer.outputs, results));
  }

  const requested = (): readonly Send[] =>
    'asked' in state ? requestAgain(setting, state).filter((one) => one.kind === 'send') : [];

  return Object.freeze<CoordinatorProtocol>({
    kind: 'threshold',
    phase: state.phase === 'collecting' ? 'contributing' : state.phase === 'promising' ? 'agreeing' : 'opening',
    isComplete: false,
    received,
    close,
    askAgain: async () => {
      const key = send(TO_EVERYBODY, FRAME.key, serving.key);
      return [key, ...requested(), ...(state.phase === 'promising' ? [] : at.lists)];
    },
    end: () => Object.freeze({ kind: 'threshold', round: serving.ofRound, stored: writeServing(serving) }),
    store: () =>
      encodeList(
        writeServing(serving),
        encodeSum(state),
        encodeList(...[...abstained].map((name) => textPart(name))),
        encodeList(...results),
        encodeSends(at.lists),
      ),
  });
}

/** Whoever signed this very sum. */
function agreeingWith(results: readonly Uint8Array[], sum: Int32Array): readonly Uint8Array[] {
  return results.filter((bytes) => {
    const { body } = decodeMessage(bytes, bytes.length);
    const words = new DataView(body.buffer, body.byteOffset + body.length - 4 * sum.length, 4 * sum.length);
    return sum.every((word, i) => words.getInt32(4 * i, true) === word);
  });
}

const writeServing = ({ drawn, key, ofRound }: Serving): Uint8Array =>
  new CanonicalWriter(8192).blob('drawn', encodeDrawn(drawn)).blob('key', key).u64('of round', ofRound).finish();

async function readServing(env: CoordinatorEnvironment, stored: Uint8Array, nowMs: number): Promise<Serving> {
  const { setup, open } = env;
  const reader = new CanonicalReader(stored, 'a key that stands');
  const drawn = decodeDrawn(setup.primitives, setup, open, reader.blobView('drawn', MOST));
  const key = reader.blob('key', MOST);
  const ofRound = reader.u64('of round');
  reader.finish();
  const circle = await circleIn(setup.primitives, setup, open, drawn, nowMs);
  return servingOf(env, { drawn, circle, key, ofRound });
}

export async function continueThreshold(
  env: CoordinatorEnvironment,
  epoch: CoordinatorEpoch,
  nowMs: number,
): Promise<CoordinatorProtocol> {
  const serving = await readServing(env, epoch.stored, nowMs);
  return summing(env, serving, { state: startSumCoordinator(), ...NOBODY });
}

export async function restoreSumming(
  env: CoordinatorEnvironment,
  stored: Uint8Array,
  nowMs: number,
): Promise<CoordinatorProtocol> {
  const [servingBytes = empty, state = empty, names = empty, results = empty, lists = empty] = decodeList(
    stored,
    'a sum',
    5,
  );
  const serving = await readServing(env, servingBytes, nowMs);
  return summing(env, serving, {
    state: await decodeSum(serving.setting, trustAt(env.setup, nowMs), state),
    abstained: new Set(decodeList(names, 'names').map((name) => memberId(readText(name)))),
    results: decodeList(results, 'results').map((bytes) => bytes.slice()),
    lists: decodeSends(lists),
  });
}
