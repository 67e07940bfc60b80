// A participant's half of a sum under `mask`: secure-sum's machine, fed with roster and beacon, with its words, and with what the coordinator
// delivers. Who has nothing to add leaves: its masks are removed by the others.

import { ParameterError, ProtocolViolation } from '@sumus/secure-sum/errors';
import type { EnteredRound } from '@sumus/secure-sum/high-water';
import type { MemberId } from '@sumus/secure-sum/identity';
import { memberId } from '@sumus/secure-sum/identity';
import { done, type Output } from '@sumus/secure-sum/machine';
import {
  decodeParticipant,
  encodeParticipantInTheClear,
  maskParticipant,
  type ParticipantEvent,
  type ParticipantResult,
  type ParticipantSetup,
  type SecretParticipant,
  wipeParticipant,
} from '@sumus/secure-sum/mask';
import { maskConfiguration, trustAt } from '../agreement.ts';
import { entryOf } from '../drawn.ts';
import { decodeList, encodeList, FRAME, readText, textPart } from '../frame.ts';
import { seenBefore } from '../log-place.ts';
import { requireWholeNoise } from '../noise-of-sum.ts';
import { decodeOpened, type Opened, requireWords } from '../opened.ts';
import type { SumPhase } from '../sum.ts';
import { helping } from './helped-sets.ts';
import type { SecretBeginning } from './preparing.ts';
import type { OwnOpened, ProtocolStep, SecretProtocol, SumEnvironment } from './state.ts';

const empty = new Uint8Array(0);

function maskSetup({ setup, point }: SumEnvironment, nowMs: number): ParticipantSetup {
  const { engines, primitives, signer, certificate, floors } = setup;
  return {
    engine: engines.words,
    primitives,
    signer,
    certificate,
    configuration: maskConfiguration(primitives, setup, point),
    floors,
    trust: trustAt(setup, nowMs),
  };
}

export async function announceMask(
  env: SumEnvironment,
  entered: EnteredRound,
  nowMs: number,
): Promise<SecretBeginning> {
  const { state } = await maskParticipant.open(maskSetup(env, nowMs), entered);
  return beginningOf(env, state);
}

export async function restoreMaskBeginning(
  env: SumEnvironment,
  stored: Uint8Array,
  nowMs: number,
): Promise<SecretBeginning> {
  return beginningOf(env, await decodeParticipant(maskSetup(env, nowMs), env.open, stored));
}

function beginningOf(env: SumEnvironment, state: SecretParticipant): SecretBeginning {
  if (state.phase !== 'advertised') throw new ParameterError(`this participant is ${state.phase}`);
  return Object.freeze<SecretBeginning>({
    entry: state.outgoing,
    begin: async (standing, drawn, nowMs) => {
      const { roster, beacon } = drawn;
      const { primitives, plan } = env.setup;
      requireWholeNoise(plan, roster.members.length);
      const logged = await seenBefore(
        primitives,
        env.setup,
        entryOf(primitives, env.setup, env.open, drawn),
        drawn.place,
      );
      const setup = maskSetup(env, nowMs);
      const { state: next, outputs } = await maskParticipant.step(setup, state, {
        kind: 'roster',
        roster,
        logged,
        beacon,
      });
      const names = roster.members.map((one) => one.memberId);
      return { protocol: masked(env, { state: next, names, own: undefined }), standing, outputs: sendsOf(outputs) };
    },
    wipe: () => wipeParticipant(state),
    storeInTheClear: () => encodeParticipantInTheClear(env.open, state),
  });
}

interface Masked {
  readonly state: SecretParticipant;
  /** Of the roster, in its order. */
  readonly names: readonly MemberId[];
  readonly own: Uint8Array | undefined;
}

const PHASES: Readonly<Record<SecretParticipant['phase'], SumPhase>> = {
  advertised: 'gathering',
  shared: 'sharing',
  ready: 'contributing',
  masked: 'contributing',
  alive: 'agreeing',
  unmasked: 'opening',
  done: 'done',
  aborted: 'aborted',
};

function masked(env: SumEnvironment, at: Masked): SecretProtocol {
  const { state, names, own } = at;
  const { setup, id, open } = env;

  const stepped = async (
    standing: ProtocolStep['standing'],
    event: ParticipantEvent,
    nowMs: number,
    opened?: Opened,
  ): Promise<ProtocolStep> => {
    const answer = await maskParticipant.step(maskSetup(env, nowMs), state, event);
    const contributed = event.kind === 'vector' ? answer.outputs.find((one) => one.kind === 'send')?.bytes : undefined;
    const digest = contributed === undefined ? own : setup.primitives.sha256(contributed);
    return {
      protocol: masked(env, { state: answer.state, names, own: digest }),
      standing,
      outputs: sendsOf(answer.outputs, (result) => ({ opened: agreeing(result, opened), sum: result.sum })),
    };
  };

  /** Once it has said who lives, what comes next opens their sum. On a sparse graph it knows its neighbours alone. */
  const helped = (standing: ProtocolStep['standing']): ProtocolStep['standing'] =>
    state.phase === 'alive' && state.session.graph === 'complete'
      ? helping(
          env,
          standing,
          state.living.map((index) => names[index] ?? ''),
        )
      : standing;

  /** What the coordinator tells of contributors is what was opened: names of the list that lives. */
  const agreeing = ({ sum, contributors }: ParticipantResult, opened: Opened | undefined): Opened => {
    if (opened === undefined) throw new ProtocolViolation('E_PHASE', 'a sum without its contributors');
    const said = contributors.map((index) => names[index]);
    const listed = opened.contributors.map((one) => one.memberId);
    if (said.length !== listed.length || said.some((name, i) => name !== listed[i])) {
      throw new ProtocolViolation('E_ALIVE', 'the contributors that are named are not those of the sum');
    }
    requireWords(setup.primitives, id, setup, opened, sum);
    return opened;
  };

  return Object.freeze<SecretProtocol>({
    kind: 'mask',
    phase: PHASES[state.phase],
    wantsWords: state.phase === 'ready',
    own,
    words: async (standing, values, _version, nowMs) => stepped(standing, { kind: 'vector', values }, nowMs),
    abstain: async (standing, nowMs) =>
      stepped(standing, { kind: 'give up', reason: 'this participant has nothing to add' }, nowMs),
    received: async (standing, { type, body }, nowMs) => {
      if (type !== FRAME.opened) return stepped(helped(standing), { kind: 'received', bytes: body }, nowMs);
      // Whoever masked nothing is told by the log of the run what was published.
      if (state.phase === 'shared' || state.phase === 'ready') {
        return stepped(standing, { kind: 'give up', reason: 'the sum was opened without this participant' }, nowMs);
      }
      const opened = decodeOpened(body);
      return stepped(standing, { kind: 'received', bytes: opened.carrier }, nowMs, opened);
    },
    resume: async () => {
      if (state.phase === 'done' || state.phase === 'aborted') return [];
      const { outputs } = await maskParticipant.step(maskSetup(env, 0), state, { kind: 'resume' });
      return sendsOf(outputs).filter((one) => one.kind === 'send');
    },
    end: async () => {
      wipeParticipant(state);
      return undefined;
    },
    storeInTheClear: () =>
      encodeList(encodeParticipantInTheClear(open, state), own ?? empty, ...names.map((name) => textPart(name))),
  });
}

/** Secure-sum's outputs as this room's: the result with what the coordinator told beside it. */
function sendsOf(
  outputs: readonly Output<ParticipantResult>[],
  opened?: (result: ParticipantResult) => OwnOpened,
): readonly Output<OwnOpened>[] {
  return outputs.map((output) => {
    if (output.kind !== 'done') return output;
    if (opened === undefined) throw new ProtocolViolation('E_PHASE', 'a sum before anybody contributed');
    return done(opened(output.result));
  });
}

export async function restoreMask(env: SumEnvironment, stored: Uint8Array, nowMs: number): Promise<SecretProtocol> {
  const [participant = empty, own = empty, ...names] = decodeList(stored, 'a sum under mask');
  const state = await decodeParticipant(maskSetup(env, nowMs), env.open, participant);
  return masked(env, {
    state,
    own: own.length === 0 ? undefined : own.slice(),
    names: names.map((name) => memberId(readText(name))),
  });
}
