export { canonicalJson, parseMechanism, serializeMechanism } from './canonical.ts';
export { type MechanismsUnder, mechanismFrom, under } from './constructors.ts';
export type { Adjacency, Kind, Mechanism, Unit } from './mechanism.ts';
