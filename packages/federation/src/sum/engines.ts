// What computes in a sum, loaded once for any number of sums.

import { latticeEngine, wasmEngine } from '@sumus/secure-sum/engine';
import type { SumEngines } from './sum.ts';

export async function loadSumEngines(primitives: SumEngines['lattice']['primitives']): Promise<SumEngines> {
  const [words, engine] = await Promise.all([wasmEngine(), latticeEngine()]);
  return Object.freeze({ words, lattice: Object.freeze({ engine, primitives }) });
}
