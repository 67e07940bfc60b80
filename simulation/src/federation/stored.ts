// What a participant's disk holds. Until a participant's state has bytes, one that crashes is gone: it never comes back, and answers nothing.

import type { ParticipantInTheClear, ParticipantSetup } from '@sumus/federation/participant';

export const storeParticipantInTheClear = (_: ParticipantSetup, state: ParticipantInTheClear): Uint8Array =>
  Uint8Array.of(state.standing.length);

export async function restoreParticipant(): Promise<ParticipantInTheClear> {
  throw new RangeError('a participant cannot be restored');
}
