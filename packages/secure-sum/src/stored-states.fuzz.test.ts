// Attack 75 where nobody but the owner writes: the stored states of mask, a participant's and the coordinator's in every phase, against
// hostile bytes. What was written over is refused, or is a state; nothing else is thrown.

import { nodePrimitives } from '@sumus/platform/node';
import { hexOf } from './canonical/index.ts';
import { wasmEngine } from './engine/index.ts';
import { MalformedMessage, ParameterError } from './errors.ts';
import { type Codec, hostileSuite } from './hostile-bytes.contract.ts';
import { type CoordinatorState, decodeCoordinator, encodeCoordinator } from './mask/coordinator/index.ts';
import { decodeParticipant, encodeParticipantInTheClear } from './mask/participant/storage.ts';
import { SimulatedRound, type SimulatedStep, simulatedProject } from './mask/simulation.contract.ts';

const OF_A_PARTICIPANT = ['advertised', 'shared', 'ready', 'masked', 'alive', 'unmasked', 'done'] as const;
const OF_THE_COORDINATOR = ['advertising', 'sharing', 'masking', 'confirming', 'unmasking'] as const;

/** A round of three, looked at after every step of its first member. */
async function watchedRound(look: (round: SimulatedRound, step: SimulatedStep) => void): Promise<SimulatedRound> {
  const world = await simulatedProject(nodePrimitives(), await wasmEngine(), 3);
  const round: SimulatedRound = new SimulatedRound(world, {
    members: 3,
    configuration: { vectorLength: 3 },
    afterStep: async (member, step) => {
      if (member === 0) look(round, step);
      return step;
    },
  });
  return round.run();
}

/**
 * Whoever hands in a damaged state of its own is the caller, so a ParameterError is a refusal here. A state is nobody's message: two
 * spellings of one are no attack, but what was read is written in one way, and reads as itself.
 */
function stored<State>(
  bytes: Uint8Array,
  encode: (state: State) => Uint8Array,
  decode: (bytes: Uint8Array) => State | Promise<State>,
): Codec {
  const refusing = async (some: Uint8Array): Promise<Uint8Array> => {
    try {
      return encode(await decode(some));
    } catch (error) {
      if (error instanceof ParameterError) throw new MalformedMessage('E_MALFORMED', error.message, { cause: error });
      throw error;
    }
  };
  const again = async (some: Uint8Array): Promise<Uint8Array> => {
    const first = await refusing(some);
    const settled = hexOf(await refusing(first)) === hexOf(first);
    return settled ? some : first;
  };
  return { bytes, again };
}

hostileSuite('stored participants of mask', OF_A_PARTICIPANT, async () => {
  const codecs = new Map<string, Codec>();
  await watchedRound((_, { setup, open, state }) => {
    const encode = (some: typeof state): Uint8Array => encodeParticipantInTheClear(open, some);
    codecs.set(
      state.phase,
      stored(encode(state), encode, (bytes) => decodeParticipant(setup, open, bytes)),
    );
  });
  return codecs;
});

hostileSuite('stored coordinators of mask', OF_THE_COORDINATOR, async () => {
  const codecs = new Map<string, Codec>();
  await watchedRound(({ coordinatorSetup: setup, open, coordinator }) => {
    if (coordinator.phase === 'done') return;
    const encode = (some: CoordinatorState): Uint8Array => encodeCoordinator(setup, open, some);
    codecs.set(
      coordinator.phase,
      stored(encode(coordinator), encode, (bytes) => decodeCoordinator(setup, open, bytes)),
    );
  });
  return codecs;
});
