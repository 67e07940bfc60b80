// Test material: a small key founded reproducibly, on Node's primitives.

import { reproducibleLattice } from '../keys/node-lattice.contract.ts';
import { foundEpoch } from './epoch.ts';
import { type Founded, found, type InsecureChoice, insecureParameters } from './founding.contract.ts';
import type { SharedIntegerParameters } from './integers.ts';

export async function insecureFounded(
  choice: InsecureChoice = {},
  seed = 7,
): Promise<Founded & SharedIntegerParameters> {
  const lattice = await reproducibleLattice(seed);
  const parameters = insecureParameters(choice);
  const epoch = foundEpoch(lattice, parameters.key, new Uint8Array(32).fill(seed));
  return { ...parameters, ...found(epoch) };
}
