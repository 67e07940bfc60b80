// What an evaluator of deep circuits must hold: the relinearisation key at N = 32768, and with it keys for rotations by every power
// of two. All keys of a parameter set have one size, so one is made and the others are counted.

import { ckksContext, keyBytes, relinearisationKey, secretKey } from '@sumus/lattice/ckks';
import { wasmEngine } from '@sumus/lattice/engine';
import { ckksPreset } from '@sumus/lattice/parameters';
import { nodePrimitives } from '@sumus/platform/node';
import type { Findings, Rows } from './row.ts';
import { TARGETS } from './targets.ts';

export const keyMemoryRows: Rows = async (options): Promise<Findings> => {
  if (options.smoke) return { results: [], outcomes: [] };
  options.say('evaluation keys at N = 32768');
  const lattice = { engine: await wasmEngine(), primitives: nodePrimitives() };
  const context = ckksContext(lattice, ckksPreset('learn-15d'));
  const { key } = relinearisationKey(context, secretKey(context));
  const { expanded, seeded } = keyBytes(key);
  const rotations = Math.log2(context.parameters.slots);
  return {
    results: [
      {
        name: `evaluation keys, ${context}`,
        keyExpandedBytes: expanded,
        keySentBytes: seeded,
        powerOfTwoRotations: rotations,
        withRotationsExpandedBytes: (1 + rotations) * expanded,
        withRotationsSentBytes: (1 + rotations) * seeded,
      },
    ],
    outcomes: [[TARGETS.keyMemory.name, { measured: ((1 + rotations) * expanded) / 1e6 }]],
  };
};
