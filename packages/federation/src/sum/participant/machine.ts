// A participant in one sum, whatever protects it. Start here: which event does what. A protocol stands in a file of its own; this one enters
// the round, co-signs heads of the log where the participant is a witness, wraps what is said into frames, and ends.
//
// What is thrown was not done. A state is used once: two steps from one would be two answers. A restored participant goes on with `resume`.

import { CanonicalReader, CanonicalWriter, sameBytes } from '@sumus/secure-sum/canonical';
import type { OpenContext } from '@sumus/secure-sum/context';
import { ParameterError, ProtocolViolation } from '@sumus/secure-sum/errors';
import { spendRound } from '@sumus/secure-sum/floors';
import { witnessHead } from '@sumus/secure-sum/log';
import { abort, done, type Output, PERSIST, send, step, TO_COORDINATOR } from '@sumus/secure-sum/machine';
import { stepOnce } from '@sumus/secure-sum/machine/once';
import { HASH_BYTES, SIGNATURE_BYTES } from '@sumus/secure-sum/primitives';
import { contextAt, hasEpochs, openContextOf } from '../agreement.ts';
import { decodeFrame, encodeFrame, FRAME, PREPARING, sumId } from '../frame.ts';
import { continuing, decodeProposedHead } from '../log-place.ts';
import { decodePoint, encodePoint } from '../point.ts';
import type { ParticipantSum, ParticipantSumEvent, SumPhase, SumPoint } from '../sum.ts';
import { announceBoxKey, restoreBoxKey } from './box-key.ts';
import { clearSum, restoreClear } from './clear.ts';
import { enter } from './entering.ts';
import { beginThreshold, restoreFounding } from './founding.ts';
import { announceMask, restoreMask, restoreMaskBeginning } from './mask.ts';
import { beginOneShot, continueOneShot, restoreOneShot } from './one-shot.ts';
import { announcement, preparing, restorePreparing, type SecretBeginning } from './preparing.ts';
import type { ParticipantSumSetup } from './setup.ts';
import { decodeStanding, encodeStandingInTheClear, freshStanding, type SecretStanding } from './standing.ts';
import type { OwnOpened, ProtocolStep, SecretProtocol, SecretSum, SumEnvironment, SumStep } from './state.ts';
import { continueThreshold, restoreThreshold } from './threshold.ts';

export { freshStanding };

const environment = (setup: ParticipantSumSetup, point: SumPoint): SumEnvironment => ({
  setup,
  point,
  id: sumId(setup.primitives, setup, point),
  open: openContextOf(setup.primitives, setup, point),
});

export async function openSum(
  setup: ParticipantSumSetup,
  standing: SecretStanding,
  point: SumPoint,
  nowMs: number,
): Promise<SumStep> {
  return stepOnce(standing, async () => {
    const env = environment(setup, point);
    const budget = spendRound(setup.floors, standing.budget, nowMs);
    const charged: SecretStanding = Object.freeze({ ...standing, budget });
    return answer(env, await opened(env, charged, nowMs));
  });
}

async function opened(env: SumEnvironment, charged: SecretStanding, nowMs: number): Promise<ProtocolStep> {
  const { setup, open, point } = env;
  const { protection } = setup.plan;
  if (hasEpochs(setup) && point.epoch !== point.round) return continued(env, charged, nowMs);
  const { standing: entering, entered } = enter(setup.primitives, charged, 'announce', open);
  const standing = hasEpochs(setup)
    ? enter(setup.primitives, entering, 'announce', sumContext(env)).standing
    : entering;
  switch (protection.kind) {
    case 'none':
      return { protocol: clearSum(env), standing, outputs: [PERSIST] };
    case 'mask':
      return announced(env, standing, await announceMask(env, entered, nowMs));
    case 'one-shot':
    case 'threshold': {
      const begin = protection.kind === 'one-shot' ? beginOneShot : beginThreshold;
      return announced(env, standing, await announceBoxKey(env, begin));
    }
    default:
      return protection satisfies never;
  }
}

function announced(env: SumEnvironment, standing: SecretStanding, beginning: SecretBeginning): ProtocolStep {
  const said = announcement(beginning.entry, standing);
  const outputs = [PERSIST, send(TO_COORDINATOR, FRAME.entry, said)];
  return { protocol: preparing(env, beginning, said), standing, outputs };
}

/** Where several sums stand under one context, each of them is entered under one of its own. */
function sumContext({ setup, point, id }: SumEnvironment): OpenContext {
  const { round, flush, modelHash } = point;
  return contextAt(setup.primitives, setup, round, { configHash: id, task: 'sums', flush, modelHash });
}

/** A sum of a committee or key that stands: this participant was there when it was founded, or is not of it. */
async function continued(env: SumEnvironment, charged: SecretStanding, nowMs: number): Promise<ProtocolStep> {
  const { epoch } = charged;
  const { setup, point } = env;
  if (epoch?.round !== point.epoch) {
    throw new ProtocolViolation(
      'E_EPOCH',
      `this participant has no part in the committee or key of round ${point.epoch}`,
    );
  }
  const { standing, entered } = enter(setup.primitives, charged, 'announce', sumContext(env));
  if (entered.point.round !== point.round) throw new ParameterError(`round ${point.round} was not entered`);
  const next = epoch.kind === 'one-shot' ? continueOneShot : continueThreshold;
  const protocol = await next(env, epoch, nowMs);
  return { protocol, standing, outputs: [PERSIST, ...(await protocol.resume())] };
}

export async function stepSum(
  setup: ParticipantSumSetup,
  state: SecretSum,
  event: ParticipantSumEvent,
  nowMs: number,
): Promise<SumStep> {
  return stepOnce(state, async () => {
    const { standing, protocol, point } = running(state);
    const env = environment(setup, point);
    switch (event.kind) {
      case 'received': {
        const frame = decodeFrame(env.id, event.bytes);
        if (frame.type === FRAME.head) return cosigned(env, state, frame.body);
        if (protocol.kind !== 'preparing' && PREPARING.has(frame.type)) return step<SecretSum, ParticipantSum>(state);
        return answer(env, await protocol.received(standing, frame, nowMs));
      }
      case 'words':
        return answer(env, await protocol.words(standing, event.words, event.version, nowMs));
      case 'abstain':
        return answer(env, await protocol.abstain(standing, nowMs));
      case 'resume':
        return step<SecretSum, ParticipantSum>(state, ...framed(env, await protocol.resume()));
      case 'give up': {
        const left = abort('E_TOO_FEW', event.reason);
        return answer(env, { protocol, standing, outputs: [PERSIST, left] });
      }
      default:
        return event satisfies never;
    }
  });
}

type Running = Extract<SecretSum, { readonly phase: 'running' }>;

function running(state: SecretSum): Running {
  if (state.phase !== 'running') throw new ProtocolViolation('E_LATE', `this sum is ${state.phase} here`);
  return state;
}

/** A witness signs every head that continues the last one it signed, whatever the sum is doing. */
async function cosigned(env: SumEnvironment, state: SecretSum, body: Uint8Array): Promise<SumStep> {
  const { setup } = env;
  const { standing, protocol, point } = running(state);
  const { witness } = standing;
  if (!setup.log.witnesses.some(({ memberId }) => memberId === witness.memberId)) {
    throw new ProtocolViolation('E_LOG', 'this participant is no witness of the log');
  }
  const proposed = decodeProposedHead(body);
  const path = continuing(proposed, witness.last?.size);
  const { state: next, cosign } = await witnessHead(setup.primitives, witness, proposed.head, path);
  const { signature } = await cosign(setup.signer);
  const said = new CanonicalWriter()
    .name('witness', witness.memberId)
    .u64('size', proposed.head.size)
    .fixed('signature', signature, SIGNATURE_BYTES)
    .finish();
  const after = Object.freeze({ ...standing, witness: next });
  return step<SecretSum, ParticipantSum>(
    Object.freeze({ phase: 'running', point, standing: after, protocol }),
    PERSIST,
    send(TO_COORDINATOR, FRAME.cosignature, encodeFrame(env.id, FRAME.cosignature, said)),
  );
}

const framed = ({ id }: SumEnvironment, outputs: readonly Output<never>[]): readonly Output<never>[] =>
  outputs.map((output) =>
    output.kind === 'send' ? send(output.to, output.type, encodeFrame(id, output.type, output.bytes)) : output,
  );

/** The step with its frames; the last one of a sum keeps the standing and nothing else. */
async function answer(env: SumEnvironment, { protocol, standing, outputs }: ProtocolStep): Promise<SumStep> {
  const { point } = env;
  const ended = outputs.find((one) => one.kind === 'done' || one.kind === 'abort');
  const others = framed(
    env,
    outputs.filter((one) => one.kind !== 'done' && one.kind !== 'abort'),
  );
  if (ended === undefined) {
    return step<SecretSum, ParticipantSum>(Object.freeze({ phase: 'running', point, standing, protocol }), ...others);
  }
  const result = ended.kind === 'done' ? resultOf(env, protocol, ended.result) : undefined;
  const epoch = await protocol.end();
  const left: SecretStanding = Object.freeze({ ...standing, epoch: epoch ?? standing.epoch });
  if (ended.kind === 'abort') {
    const { reason } = ended;
    return step<SecretSum, ParticipantSum>(
      Object.freeze({ phase: 'aborted', point, standing: left, reason }),
      ...others,
      ended,
    );
  }
  return step<SecretSum, ParticipantSum>(
    Object.freeze({ phase: 'done', point, standing: left }),
    ...others,
    done(result!),
  );
}

function resultOf(
  { setup, point }: SumEnvironment,
  { own }: SecretProtocol,
  { opened, sum }: OwnOpened,
): ParticipantSum {
  const { contributors, result } = opened;
  const listed = contributors.find(({ memberId }) => memberId === setup.certificate.memberId);
  if (listed !== undefined && (own === undefined || !sameBytes(listed.contribution, own))) {
    throw new ProtocolViolation('E_EQUIV', 'this participant is said to have contributed what it did not send');
  }
  return Object.freeze({ point, contributors, result, sum, contributed: listed !== undefined, own });
}

/** `words`, or `abstain`, is what comes next. */
export const wantsWords = (state: SecretSum): boolean => state.phase === 'running' && state.protocol.wantsWords;

export const phaseOf = (state: SecretSum): SumPhase => (state.phase === 'running' ? state.protocol.phase : state.phase);

/** Goes on to the next sum; of a sum that runs, nothing does. */
export function standingOf(state: SecretSum): SecretStanding {
  if (state.phase === 'running') throw new ParameterError('this sum is still running');
  return state.standing;
}

const LABEL = 'sumus/1/sum/participant';
const STATES = ['running', 'done', 'aborted'] as const;
const KINDS = ['preparing', 'clear', 'mask', 'one-shot', 'founding', 'threshold'] as const;
const MOST = 2 ** 30;

/** For storage that its owner alone reads: keys, and what this participant carries on, lie in it in the clear. */
export function storeSumInTheClear(setup: ParticipantSumSetup, state: SecretSum): Uint8Array<ArrayBuffer> {
  const { primitives } = setup;
  const { phase, point, standing } = state;
  const writer = new CanonicalWriter(8192).name('a label', LABEL).u8('phase', STATES.indexOf(phase));
  writer.fixed('the sum', sumId(primitives, setup, point), HASH_BYTES).blob('point', encodePoint(point));
  writer.blob('standing', encodeStandingInTheClear(setup, standing));
  if (phase === 'running') {
    const { protocol } = state;
    writer.u8('protocol', KINDS.indexOf(protocol.kind)).blob('state', protocol.storeInTheClear());
  }
  return writer.finish();
}

/** Stored under the same agreement: E_MALFORMED otherwise. */
export async function restoreSum(setup: ParticipantSumSetup, bytes: Uint8Array, nowMs: number): Promise<SecretSum> {
  const { primitives } = setup;
  const reader = new CanonicalReader(bytes, 'a stored sum');
  if (reader.name('label') !== LABEL) reader.refuse('E_MALFORMED', 'not a stored sum');
  const phase = STATES[reader.within('phase', 1, 0, STATES.length - 1)]!;
  const id = reader.fixed('the sum', HASH_BYTES);
  const point = decodePoint(reader.blobView('point', MOST));
  if (!sameBytes(id, sumId(primitives, setup, point))) reader.refuse('E_MALFORMED', 'stored under another agreement');
  const standing = await decodeStanding(setup, reader.blobView('standing', MOST));
  if (phase !== 'running') {
    reader.finish();
    if (phase === 'done') return Object.freeze({ phase, point, standing });
    return Object.freeze({ phase, point, standing, reason: abort('E_TOO_FEW', 'the sum was left').reason });
  }
  const kind = KINDS[reader.within('protocol', 1, 0, KINDS.length - 1)]!;
  const stored = reader.blob('state', MOST);
  reader.finish();
  const protocol = await restoreProtocol(environment(setup, point), kind, stored, nowMs);
  return Object.freeze({ phase, point, standing, protocol });
}

async function restoreProtocol(
  env: SumEnvironment,
  kind: SecretProtocol['kind'],
  stored: Uint8Array,
  nowMs: number,
): Promise<SecretProtocol> {
  switch (kind) {
    case 'preparing':
      return restorePreparing(env, stored, (begun) => restoreBeginning(env, begun, nowMs));
    case 'clear':
      return restoreClear(env, stored);
    case 'mask':
      return restoreMask(env, stored, nowMs);
    case 'one-shot':
      return restoreOneShot(env, stored, nowMs);
    case 'founding':
      return restoreFounding(env, stored, nowMs);
    case 'threshold':
      return restoreThreshold(env, stored, nowMs);
    default:
      return kind satisfies never;
  }
}

function restoreBeginning(env: SumEnvironment, stored: Uint8Array, nowMs: number): Promise<SecretBeginning> {
  const { kind } = env.setup.plan.protection;
  if (kind === 'mask') return restoreMaskBeginning(env, stored, nowMs);
  return restoreBoxKey(env, stored, kind === 'one-shot' ? beginOneShot : beginThreshold);
}
