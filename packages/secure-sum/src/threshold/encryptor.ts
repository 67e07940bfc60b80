// Who contributes: a certified silo that encrypts its values to a certified epoch, once in a round. A participant's machine.
//
//   ready → spoke, or stopped by an alarm or at the end of the epoch
//
// The high-water mark was stored before (EnteredRound), so a restart does not contribute twice; the ciphertext is stored before it
// leaves, so a restart sends the same one.

import { encryptVector } from '@sumus/lattice/integers';
import { encodeEncryptedVector } from '@sumus/lattice/wire';
import { CanonicalReader, CanonicalWriter, sameBytes } from '../canonical/index.ts';
import type { OpenContext } from '../context/index.ts';
import { ParameterError, ProtocolViolation } from '../errors.ts';
import type { Accepted, ThresholdProposal } from '../floors/index.ts';
import type { EnteredRound } from '../high-water/index.ts';
import type { Certificate } from '../identity/index.ts';
import type { LoggedEntry } from '../log/index.ts';
import { stepOnce } from '../machine/once.ts';
import { PERSIST, type Step, send, step, TO_COORDINATOR } from '../machine/outputs.ts';
import { signMessage } from '../messages/index.ts';
import { HASH_BYTES, type PublicPrimitives, type Signer } from '../primitives.ts';
import { receive } from './circle.ts';
import { encodeCiphertextBody, encodeContribution } from './contributions.ts';
import { type CertifiedEpoch, requireEpochLogged, requireNotEnded } from './epoch.ts';
import { ALARM, BODY_BYTES_AT_MOST, CIPHERTEXT } from './kinds.ts';
import { requireValues } from './opening.ts';
import { alarmHeard } from './results.ts';
import { type Round, requireAccepted, requireRound } from './round.ts';

export interface EncryptorSetting {
  readonly primitives: PublicPrimitives;
  readonly certificate: Certificate;
  readonly signer: Signer;
  readonly epoch: CertifiedEpoch;
  /** That the epoch is in the log. */
  readonly logged: LoggedEntry;
  /** The epoch's proposal, held against this participant's own floors. */
  readonly accepted: Accepted<ThresholdProposal>;
}

export type EncryptorState =
  | { readonly phase: 'ready' }
  /** What was contributed in the last round: public once it is sent. */
  | { readonly phase: 'spoke'; readonly round: number; readonly contribution: Uint8Array }
  | { readonly phase: 'stopped' };

export type EncryptorEvent =
  | {
      readonly kind: 'contribute';
      readonly entered: EnteredRound;
      readonly round: Round;
      /** |value| ≤ 2^(b−1) − 1. Secret; the caller's to wipe. */
      readonly values: Int32Array;
      readonly nowMs: number;
    }
  /** The contribution got lost. */
  | { readonly kind: 'again' }
  | { readonly kind: 'alarm'; readonly context: OpenContext; readonly bytes: Uint8Array };

export const startEncryptor = (): EncryptorState => Object.freeze({ phase: 'ready' });
export type EncryptorStep = Step<EncryptorState, never>;

export const stepEncryptor = (
  setting: EncryptorSetting,
  state: EncryptorState,
  event: EncryptorEvent,
): Promise<EncryptorStep> => stepOnce(state, () => transition(setting, state, event));

async function transition(
  setting: EncryptorSetting,
  state: EncryptorState,
  event: EncryptorEvent,
): Promise<EncryptorStep> {
  if (state.phase === 'stopped') throw new ProtocolViolation('E_EPOCH', 'an epoch that was burnt takes nothing more');
  switch (event.kind) {
    case 'contribute':
      // One entry, one vector, whatever state it is used with.
      return stepOnce(event.entered, () => contribute(setting, state, event));
    case 'again':
      if (state.phase !== 'spoke') throw new ParameterError('nothing was contributed yet');
      return step(state, send(TO_COORDINATOR, CIPHERTEXT.type, state.contribution));
    case 'alarm':
      return heed(setting, event);
    default:
      return event satisfies never;
  }
}

async function contribute(
  { primitives, certificate, signer, epoch, logged, accepted }: EncryptorSetting,
  state: Exclude<EncryptorState, { readonly phase: 'stopped' }>,
  { entered, round, values, nowMs }: Extract<EncryptorEvent, { readonly kind: 'contribute' }>,
): Promise<EncryptorStep> {
  const { context } = round;
  if (!sameBytes(entered.context.hash, context.hash))
    throw new ParameterError('another round was entered than this one');
  if (state.phase === 'spoke' && state.round >= entered.point.round) {
    throw new ProtocolViolation('E_REPLAY', `this participant has contributed in round ${state.round}`);
  }
  requireEpochLogged(epoch, logged);
  requireAccepted(epoch.parameters, accepted);
  requireNotEnded(epoch.parameters, nowMs);
  requireRound(primitives, epoch, round);
  requireValues(epoch, values);
  const { lattice, parameters, publicKey, hash } = epoch;
  const vector = encryptVector(lattice, publicKey, parameters.lattice.integers, values);
  const body = encodeCiphertextBody(hash, encodeEncryptedVector(lattice, vector));
  const message = await signMessage(primitives, signer, context, { ...CIPHERTEXT, sender: certificate.memberId, body });
  const contribution = encodeContribution(certificate, message);
  return step(
    Object.freeze({ phase: 'spoke', round: entered.point.round, contribution }),
    PERSIST,
    send(TO_COORDINATOR, CIPHERTEXT.type, contribution),
  );
}

async function heed(
  { primitives, epoch }: EncryptorSetting,
  { context, bytes }: Extract<EncryptorEvent, { readonly kind: 'alarm' }>,
): Promise<EncryptorStep> {
  const expected = { ...ALARM, context, bodyBytesAtMost: HASH_BYTES };
  const { member, message } = await receive(primitives, epoch.circle, expected, bytes);
  if (!sameBytes(message.body, epoch.hash)) {
    throw new ProtocolViolation('E_EPOCH', `the alarm of ${member.memberId} is for another epoch`);
  }
  return step(Object.freeze({ phase: 'stopped' }), PERSIST, alarmHeard(member.memberId, bytes));
}

const PHASES: readonly EncryptorState['phase'][] = ['ready', 'spoke', 'stopped'];
const LABEL = 'sumus/1/threshold/encryptor';

/** For storing; public once it is sent. */
export function encodeEncryptor(state: EncryptorState): Uint8Array<ArrayBuffer> {
  const writer = new CanonicalWriter(state.phase === 'spoke' ? state.contribution.length + 64 : 64);
  writer.name('label', LABEL).u8('phase', PHASES.indexOf(state.phase));
  if (state.phase === 'spoke') writer.u64('round', state.round).blob('contribution', state.contribution);
  return writer.finish();
}

export function decodeEncryptor(bytes: Uint8Array): EncryptorState {
  const reader = new CanonicalReader(bytes, 'the state of an encryptor');
  if (reader.name('label') !== LABEL) reader.refuse('E_MALFORMED', 'not the state of an encryptor');
  const phase = PHASES[reader.within('phase', 1, 0, PHASES.length - 1)]!;
  const state: EncryptorState =
    phase === 'spoke'
      ? { phase, round: reader.u64('round'), contribution: reader.blob('contribution', BODY_BYTES_AT_MOST) }
      : { phase };
  reader.finish();
  return Object.freeze(state);
}
