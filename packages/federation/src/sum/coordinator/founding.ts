// The coordinator while a key is founded: it carries what members say, and brings the finished key into the log. A restarted one goes through
// what it took again.

import { CanonicalReader } from '@sumus/secure-sum/canonical';
import { abort, type Output, PERSIST, type Send, send, TO_EVERYBODY, toMember } from '@sumus/secure-sum/machine';
import { SIGNATURE_BYTES } from '@sumus/secure-sum/primitives';
import {
  type Circle,
  type EpochCertificate,
  encodeEpochCertificate,
  type FoundingCoordinatorState,
  startFoundingCoordinator,
  startSumCoordinator,
  stepFoundingCoordinator,
} from '@sumus/secure-sum/threshold/coordinator';
import { type Drawn, decodeDrawn, encodeDrawn } from '../drawn.ts';
import { decodeList, encodeList, FRAME, type Frame, readText, textPart } from '../frame.ts';
import { decodePlace, encodePlace, encodeProposedHead } from '../log-place.ts';
import { circleIn, epochHashOf } from '../shared-key.ts';
import { isCosigned, logEntry, type PendingEntry, placeOf, takeCosignature } from './log-book.ts';
import type { BeginProtocol } from './preparing.ts';
import type { CoordinatorStanding } from './standing.ts';
import type { CoordinatorEnvironment, CoordinatorProtocol, CoordinatorProtocolStep } from './state.ts';
import { NOBODY, servingOf, summing } from './threshold.ts';

const empty = new Uint8Array(0);

interface Founding {
  readonly drawn: Drawn;
  readonly circle: Circle;
  readonly state: FoundingCoordinatorState;
  /** Every frame that was taken, in its order: a restarted coordinator goes through them again. */
  readonly taken: readonly Frame[];
  readonly certificate: EpochCertificate | undefined;
  /** The lists that members were told last. */
  readonly told: readonly Send[];
  readonly pending: PendingEntry | undefined;
}

export function beginThreshold(env: CoordinatorEnvironment): BeginProtocol {
  return async (standing, drawn, nowMs) => {
    const { setup, open } = env;
    const circle = await circleIn(setup.primitives, setup, open, drawn, nowMs);
    const state = startFoundingCoordinator();
    const protocol = founding(env, {
      drawn,
      circle,
      state,
      taken: [],
      told: [],
      certificate: undefined,
      pending: undefined,
    });
    return { protocol, standing, outputs: [PERSIST] };
  };
}

const foundingKind = (type: string): 'dealing' | 'key' | 'message' =>
  type === 'threshold/dealing' ? 'dealing' : type === 'threshold/key' ? 'key' : 'message';

function founding(env: CoordinatorEnvironment, at: Founding): CoordinatorProtocol {
  const { setup } = env;
  const { primitives } = setup;
  const { circle, state, taken, certificate, pending } = at;

  async function received(
    standing: CoordinatorStanding,
    frame: Frame,
    nowMs: number,
  ): Promise<CoordinatorProtocolStep> {
    const { type } = frame;
    // Of everybody the same: one was enough.
    if (type === 'threshold/key' && certificate !== undefined)
      return { protocol: founding(env, at), standing, outputs: [] };
    if (type === FRAME.cosignature) return takeSignature(standing, frame.body);
    const kept: Frame = { type, body: frame.body.slice() };
    const event = { kind: foundingKind(type), bytes: kept.body } as const;
    const answer = await stepFoundingCoordinator({ primitives, circle }, state, event);
    const next: Founding = {
      ...at,
      state: answer.state,
      taken: [...taken, kept],
      told: toldLast(at.told, answer.outputs),
    };
    const sends = answer.outputs.filter((one) => one.kind !== 'done');
    const found = answer.outputs.flatMap((one) => (one.kind === 'done' ? [one.result] : []))[0];
    if (found === undefined) return { protocol: founding(env, next), standing, outputs: sends };
    const content = epochHashOf(found.signatures);
    const entry = { kind: 'committee key' as const, contextHash: circle.context.hash, content };
    const { size } = standing.book.tree;
    // Whoever founds has seen the commitments in the log, and whoever co-signs signed one of the last two heads.
    const logged = await logEntry(setup, standing.book, entry, [size - 1, size], nowMs);
    const later = founding(env, { ...next, certificate: found, pending: logged.pending });
    const book = Object.freeze({ ...standing, book: logged.book });
    return { protocol: later, standing: book, outputs: [...sends, ...askWitnesses(logged.pending)] };
  }

  const askWitnesses = (asked: PendingEntry): readonly Output<never>[] => {
    const body = encodeProposedHead(asked);
    return setup.log.witnesses
      .filter((one) => !asked.cosignatures.has(one.memberId))
      .map((one) => send(toMember(one.memberId), FRAME.head, body));
  };

  async function takeSignature(standing: CoordinatorStanding, body: Uint8Array): Promise<CoordinatorProtocolStep> {
    const reader = new CanonicalReader(body, 'a co-signature');
    const [witness, size] = [reader.member('witness'), reader.u64('size')];
    const cosignature = { witness, signature: reader.fixed('signature', SIGNATURE_BYTES) };
    reader.finish();
    if (pending === undefined || certificate === undefined || size !== pending.head.size) {
      return { protocol: founding(env, at), standing, outputs: [] };
    }
    const signed = await takeCosignature(setup, pending, cosignature);
    if (!isCosigned(setup, signed)) {
      return { protocol: founding(env, { ...at, pending: signed }), standing, outputs: [PERSIST] };
    }
    const key = encodeList(encodeEpochCertificate(certificate), encodePlace(placeOf(signed)));
    const serving = await servingOf(env, { drawn: at.drawn, circle, key, ofRound: env.point.epoch });
    const protocol = summing(env, serving, { state: startSumCoordinator(), ...NOBODY });
    return { protocol, standing, outputs: [PERSIST, send(TO_EVERYBODY, FRAME.key, key)] };
  }

  async function close(standing: CoordinatorStanding): Promise<CoordinatorProtocolStep> {
    const protocol = founding(env, at);
    if (pending !== undefined) {
      const missing = setup.log.witnesses.filter((one) => !pending.cosignatures.has(one.memberId));
      const names = missing.map((one) => one.memberId);
      const left = abort('E_LOG', `${names.length} witnesses did not co-sign the log, too many`, names);
      return { protocol, standing, outputs: [PERSIST, left] };
    }
    const { outputs } = await stepFoundingCoordinator({ primitives, circle }, state, { kind: 'timeout' });
    return { protocol, standing, outputs: outputs.filter((one) => one.kind !== 'done') };
  }

  return Object.freeze<CoordinatorProtocol>({
    kind: 'founding',
    phase: pending === undefined ? 'founding' : 'logging the key',
    isComplete: false,
    received,
    close,
    askAgain: async () => [...at.told, ...(pending === undefined ? [] : askWitnesses(pending))],
    end: () => undefined,
    store: () =>
      encodeList(
        encodeDrawn(at.drawn),
        encodeList(...taken.flatMap(({ type, body }) => [textPart(type), body])),
        pending === undefined ? empty : encodePlace(placeOf(pending)),
      ),
  });
}

function toldLast(before: readonly Send[], outputs: readonly Output<unknown>[]): readonly Send[] {
  const sends = outputs.filter((one) => one.kind === 'send');
  return sends.length === 0 ? before : sends;
}

export async function restoreFounding(
  env: CoordinatorEnvironment,
  stored: Uint8Array,
  nowMs: number,
): Promise<CoordinatorProtocol> {
  const { setup, open } = env;
  const { primitives } = setup;
  const [drawnBytes = empty, frames = empty, place = empty] = decodeList(stored, 'a key that is being founded', 3);
  const drawn = decodeDrawn(primitives, setup, open, drawnBytes);
  const circle = await circleIn(primitives, setup, open, drawn, nowMs);
  const parts = decodeList(frames, 'what was taken');
  const taken: Frame[] = [];
  let state = startFoundingCoordinator();
  let certificate: EpochCertificate | undefined;
  let told: readonly Send[] = [];
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const frame: Frame = { type: readText(parts[i]!), body: parts[i + 1]!.slice() };
    taken.push(frame);
    const event = { kind: foundingKind(frame.type), bytes: frame.body } as const;
    const answer = await stepFoundingCoordinator({ primitives, circle }, state, event);
    state = answer.state;
    told = toldLast(told, answer.outputs);
    certificate ??= answer.outputs.flatMap((one) => (one.kind === 'done' ? [one.result] : []))[0];
  }
  return founding(env, {
    drawn,
    circle,
    state,
    taken,
    told,
    certificate,
    pending: place.length === 0 ? undefined : pendingIn(place),
  });
}

function pendingIn(place: Uint8Array): PendingEntry {
  const { head, consistency, index, path } = decodePlace(place);
  const cosignatures = new Map(head.cosignatures.map((one) => [one.witness, one]));
  return Object.freeze({ head: { ...head, cosignatures: [] }, consistency, index, path, cosignatures });
}
