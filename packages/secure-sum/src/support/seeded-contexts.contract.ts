// Test material: whole contexts of a seed. Nothing of Node in here.

import { type Context, openContext, wholeContext } from '../context/index.ts';
import type { Hashing } from '../primitives.ts';

const hash = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);

export function wholeContextAt(primitives: Hashing, round: number): Context {
  const open = openContext(primitives, {
    projectId: 'hospitals',
    taskId: 'sepsis',
    round,
    flush: 0,
    modelHash: hash(1),
    configHash: hash(2),
    policyHash: hash(3),
  });
  return wholeContext(primitives, open, { rosterRoot: hash(4), beacon: hash(round & 255) });
}
