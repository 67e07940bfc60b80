// Attack 75 where nobody but the owner writes: the stored states of a participant of mask, in every phase, against hostile bytes. A
// state that was written over is refused; it never becomes another one that is spelled in the same bytes.

import { nodePrimitives } from '@sumus/platform/node';
import { wasmEngine } from './engine/index.ts';
import { type Codec, hostileSuite } from './hostile-bytes.contract.ts';
import { decodeParticipant, encodeParticipantInTheClear } from './mask/participant/storage.ts';
import { SimulatedRound, simulatedProject } from './mask/simulation.contract.ts';

const PHASES = ['advertised', 'shared', 'ready', 'masked', 'alive', 'unmasked', 'done'] as const;

hostileSuite('stored states of mask', PHASES, async () => {
  const codecs = new Map<string, Codec>();
  const world = await simulatedProject(nodePrimitives(), await wasmEngine(), 3);
  const round = new SimulatedRound(world, {
    members: 3,
    configuration: { vectorLength: 3 },
    afterStep: async (member, step) => {
      const { setup, open, state } = step;
      if (member === 0) {
        codecs.set(state.phase, {
          bytes: encodeParticipantInTheClear(open, state),
          again: async (bytes) => encodeParticipantInTheClear(open, await decodeParticipant(setup, open, bytes)),
        });
      }
      return step;
    },
  });
  await round.run();
  return codecs;
});
