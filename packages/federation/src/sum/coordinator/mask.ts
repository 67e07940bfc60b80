// The coordinator's half of a sum under `mask`: secure-sum's machine, fed with the entries that the roster was made of, the beacon and what members
// say. A phase that everybody answered closes by itself.

import { MalformedMessage, ParameterError } from '@sumus/secure-sum/errors';
import { type MemberId, memberId } from '@sumus/secure-sum/identity';
import { done, type Output, PERSIST } from '@sumus/secure-sum/machine';
import {
  type CoordinatorEvent,
  type CoordinatorResult,
  type CoordinatorSetup,
  type CoordinatorState,
  decodeCoordinator,
  encodeCoordinator,
  everybodyAnswered,
  resumeCoordinator,
  startCoordinator,
  stepCoordinator,
} from '@sumus/secure-sum/mask/coordinator';
import { decodeMessage } from '@sumus/secure-sum/messages';
import { encodeEntry } from '@sumus/secure-sum/roster';
import { maskConfiguration, trustAt } from '../agreement.ts';
import { decodeList, encodeList, readText, textPart } from '../frame.ts';
import type { SumPhase } from '../sum.ts';
import type { BeginProtocol } from './preparing.ts';
import type { CoordinatorStanding } from './standing.ts';
import type { CoordinatorEnvironment, CoordinatorProtocol, CoordinatorProtocolStep, ProtocolSum } from './state.ts';

const MASKED = 'mask/masked';
const PHASES: Readonly<Record<CoordinatorState['phase'], SumPhase>> = {
  advertising: 'gathering',
  drawing: 'revealing',
  sharing: 'sharing',
  masking: 'contributing',
  confirming: 'agreeing',
  unmasking: 'opening',
  done: 'done',
  aborted: 'aborted',
};

function maskSetup({ setup, point }: CoordinatorEnvironment, nowMs: number): CoordinatorSetup {
  const { engines, primitives, revealedKey } = setup;
  const configuration = maskConfiguration(primitives, setup, point);
  return { engine: engines.words, primitives, configuration, trust: trustAt(setup, nowMs), revealedKey };
}

/** The roster is what its entries make again. */
export function beginMask(env: CoordinatorEnvironment): BeginProtocol {
  return async (standing, { roster, beacon }, nowMs) => {
    const setup = maskSetup(env, nowMs);
    let { state } = startCoordinator(setup, env.open);
    const events: readonly CoordinatorEvent[] = [
      ...roster.entries.map((entry) => ({ kind: 'received' as const, bytes: encodeEntry(entry) })),
      { kind: 'close' },
      { kind: 'beacon', beacon },
    ];
    for (const event of events) state = (await stepCoordinator(setup, state, event)).state;
    if (state.phase !== 'sharing') throw new ParameterError(`the roster is ${state.phase}`);
    const names = roster.members.map((one) => one.memberId);
    return { protocol: maskTotal(env, state, names), standing, outputs: [PERSIST] };
  };
}

function maskTotal(
  env: CoordinatorEnvironment,
  state: CoordinatorState,
  names: readonly MemberId[],
): CoordinatorProtocol {
  async function stepped(
    standing: CoordinatorStanding,
    event: CoordinatorEvent,
    nowMs: number,
    contributor?: MemberId,
  ): Promise<CoordinatorProtocolStep> {
    const setup = maskSetup(env, nowMs);
    const outputs: Output<ProtocolSum>[] = [];
    let next = await stepCoordinator(setup, state, event);
    outputs.push(...told(next.outputs, names));
    // Kept although a message that a crash loses would be sent again: one asks nobody twice.
    if (event.kind === 'received' && !outputs.some((one) => one.kind === 'persist')) outputs.unshift(PERSIST);
    while (everybodyAnswered(next.state)) {
      next = await stepCoordinator(setup, next.state, { kind: 'close' });
      outputs.push(...told(next.outputs, names));
    }
    return { protocol: maskTotal(env, next.state, names), standing, outputs, contributor };
  }

  return Object.freeze<CoordinatorProtocol>({
    kind: 'mask',
    phase: PHASES[state.phase],
    isComplete: everybodyAnswered(state),
    received: async (standing, { type, body }, nowMs) => {
      const sender = type === MASKED ? decodeMessage(body, body.length, 0).sender : undefined;
      // Where it lies: megabytes are looked at in this step alone, and what is kept of shorter messages is copied out of them.
      return stepped(standing, { kind: 'received', bytes: body }, nowMs, sender);
    },
    close: (standing, nowMs) => stepped(standing, { kind: 'close' }, nowMs),
    askAgain: async () => resumeCoordinator(state).outputs.filter((one) => one.kind === 'send'),
    end: () => undefined,
    store: () =>
      encodeList(encodeCoordinator(maskSetup(env, 0), env.open, state), ...names.map((name) => textPart(name))),
  });
}

/** Its own announcement of the result is left out: everybody is told by the machine, with the contributors' names. */
function told(
  outputs: readonly Output<CoordinatorResult>[],
  names: readonly MemberId[],
): readonly Output<ProtocolSum>[] {
  return outputs.flatMap((output): readonly Output<ProtocolSum>[] => {
    if (output.kind === 'send' && output.type === 'mask/result') return [];
    if (output.kind !== 'done') return [output];
    const { sum, contributors, encoded } = output.result;
    const members = contributors.map((index) => {
      const name = names[index];
      if (name === undefined) throw new ParameterError(`no member ${index}`);
      return name;
    });
    return [done({ contributors: members, sum, carrier: encoded })];
  });
}

export async function restoreMaskTotal(env: CoordinatorEnvironment, stored: Uint8Array): Promise<CoordinatorProtocol> {
  const [state, ...names] = decodeList(stored, 'a total under mask');
  if (state === undefined) throw new MalformedMessage('E_MALFORMED', 'a total under mask without its state');
  const restored = decodeCoordinator(maskSetup(env, 0), env.open, state);
  return maskTotal(
    env,
    restored,
    names.map((name) => memberId(readText(name))),
  );
}
