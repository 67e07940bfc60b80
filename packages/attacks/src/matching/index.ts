// The door `@sumus/attacks/matching`: how many inputs an attack got right.
export { ACTIVE_TOLERANCE, PASSIVE_TOLERANCE, recovered, recoveryRate } from './recovered.ts';
