// The door `@sumus/secure-sum/coordinator`: everything a server does for sums, and nothing it could look with. Each protocol's
// coordinator under its name, and what all of them share. No import path from here reaches a secret key, code of participants or
// committee members, or an opening of anything but sums; architecture.test.ts walks it, into the lattice too.
//
// (`export *` of names, not of contents: three protocols have three startCoordinators.)
export * as beacon from './beacon/index.ts';
export * as cohorts from './cohorts/index.ts';
export * as context from './context/index.ts';
export * from './errors.ts';
export * as identity from './identity/index.ts';
export * as log from './log/index.ts';
export * as machine from './machine/outputs.ts';
export * as mask from './mask/coordinator/index.ts';
export * as messages from './messages/index.ts';
export * as oneShot from './one-shot/coordinator/index.ts';
export type { Hashing, PublicPrimitives } from './primitives.ts';
export * as roster from './roster/index.ts';
export * as threshold from './threshold/coordinator.ts';
