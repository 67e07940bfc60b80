// A participant founds a shared key with the others: it commits, reveals, deals, tests and signs, each once, and sees the finished key in the
// log before it serves it.

import { ProtocolViolation } from '@sumus/secure-sum/errors';
import { PERSIST } from '@sumus/secure-sum/machine';
import type { SecretKey } from '@sumus/secure-sum/secret-primitives';
import {
  acceptedBy,
  beginFounding,
  beginServing,
  decodeBundle,
  decodeEpochCertificate,
  decodeFounding,
  encodeFoundingInTheClear,
  epochEntry,
  type FoundingEvent,
  type FoundingState,
  sendAgain,
  stepFounding,
  verifyEpoch,
  wipeFounding,
} from '@sumus/secure-sum/threshold';
import { keyConfiguration } from '../agreement.ts';
import { type Drawn, decodeDrawn, encodeDrawn, entryOf } from '../drawn.ts';
import { decodeList, encodeList, FRAME, type Frame } from '../frame.ts';
import { decodePlace, seeInLog, seenBefore } from '../log-place.ts';
import { enter } from './entering.ts';
import { type KeyHolding, keyHolding, sendsIn } from './key-holding.ts';
import type { SecretStanding } from './standing.ts';
import type { ProtocolStep, SecretProtocol, SumEnvironment } from './state.ts';
import { FRESH, type Serving, serve } from './threshold.ts';

const empty = new Uint8Array(0);

export async function beginThreshold(
  env: SumEnvironment,
  before: SecretStanding,
  drawn: Drawn,
  secretBoxKey: SecretKey<'x25519'>,
  nowMs: number,
): Promise<ProtocolStep> {
  const { setup, open } = env;
  const { primitives, floors } = setup;
  const at = await keyHolding(env, drawn, secretBoxKey, nowMs);
  const { parameters } = at.setting;
  const { standing, entered } = enter(primitives, before, 'open', open);
  const logged = await seenBefore(primitives, setup, entryOf(primitives, setup, open, drawn), drawn.place);
  const configuration = keyConfiguration(primitives, setup);
  const accepted = acceptedBy(floors, parameters);
  const { beacon } = drawn;
  const { state, outputs } = await beginFounding(at.setting, { entered, logged, beacon, accepted, configuration });
  return { protocol: founding(env, at, state), standing, outputs };
}

function founding(env: SumEnvironment, at: KeyHolding, state: FoundingState): SecretProtocol {
  const { setup } = env;
  const wrong = (what: string): never => {
    throw new ProtocolViolation('E_PHASE', `${what} where the key is ${state.phase}`);
  };

  async function received(standing: SecretStanding, { type, body }: Frame): Promise<ProtocolStep> {
    if (type === FRAME.key) return takeKey(standing, body);
    const event = foundingEvent(type, body);
    // The bare certificate: it comes again with its place in the log.
    if (event === undefined) return { protocol: founding(env, at, state), standing, outputs: [] };
    const answer = await stepFounding(at.setting, state, event);
    return { protocol: founding(env, at, answer.state), standing, outputs: answer.outputs };
  }

  async function takeKey(standing: SecretStanding, body: Uint8Array): Promise<ProtocolStep> {
    if (state.phase !== 'founded') return wrong('a key');
    const [certificate = empty, place = empty] = decodeList(body, 'a key and its place', 2);
    const epoch = await verifyEpoch(setup.primitives, at.setting, decodeEpochCertificate(certificate));
    const entry = epochEntry(epoch);
    const { view, logged } = await seeInLog(setup.primitives, setup, standing.view, entry, decodePlace(place));
    const member = beginServing(state, epoch, logged);
    const serving: Serving = { ...at, epoch, key: body.slice(), member, ofRound: env.point.epoch };
    return {
      protocol: serve(env, serving, FRESH),
      standing: Object.freeze({ ...standing, view }),
      outputs: [PERSIST],
    };
  }

  return Object.freeze<SecretProtocol>({
    kind: 'founding',
    phase: state.phase === 'founded' ? 'logging the key' : 'founding',
    wantsWords: false,
    own: undefined,
    received,
    words: async () => wrong('words'),
    abstain: async () => wrong('abstaining'),
    resume: async () => sendsIn(await sendAgain(at.setting, state)),
    end: async () => {
      wipeFounding(state);
      at.secretBoxKey.wipe();
      return undefined;
    },
    storeInTheClear: () => {
      const key = at.secretBoxKey.expose();
      const stored = encodeList(encodeDrawn(at.drawn), key, encodeFoundingInTheClear(at.setting, state));
      key.fill(0);
      return stored;
    },
  });
}

export async function restoreFounding(env: SumEnvironment, stored: Uint8Array, nowMs: number): Promise<SecretProtocol> {
  const [drawnBytes = empty, key = empty, state = empty] = decodeList(stored, 'a key that is being founded', 3);
  const { primitives } = env.setup;
  const drawn = decodeDrawn(primitives, env.setup, env.open, drawnBytes);
  const at = await keyHolding(env, drawn, primitives.secretKeys.fromBytes('x25519', key), nowMs);
  return founding(env, at, decodeFounding(at.setting, state));
}

function foundingEvent(type: string, bytes: Uint8Array): FoundingEvent | undefined {
  switch (type) {
    case 'threshold/commitments':
      return { kind: 'commitments', messages: decodeBundle(bytes, 1)[0] ?? [] };
    case 'threshold/reveals': {
      const [messages = [], boxes = []] = decodeBundle(bytes, 2);
      return { kind: 'reveals', messages, boxes };
    }
    case 'threshold/receipts':
      return { kind: 'receipts', messages: decodeBundle(bytes, 1)[0] ?? [] };
    case 'threshold/tests':
      return { kind: 'tests', messages: decodeBundle(bytes, 1)[0] ?? [] };
    case 'threshold/certificate':
      return undefined;
    default:
      throw new ProtocolViolation('E_PHASE', `${type} while a key is founded`);
  }
}
