// Before a plan is accepted, what is offered is held against the link: a policy may allow several plans of one owner, an invitation is for one.

import { readFrameToParticipant } from '@sumus/federation/run';
import type { Pinned } from '../joining/place.ts';

/** Why this message is an offer of another plan than the link's; undefined where it is none. */
export function otherPlan({ plan, owner }: Pinned, bytes: Uint8Array, bytesAtMost: number): string | undefined {
  try {
    const { message } = readFrameToParticipant(bytes, bytesAtMost).header;
    if (message.type !== 'offer') return undefined;
    if (message.plan['id'] === plan && message.plan['signedBy'] === owner) return undefined;
    return 'The coordinator offers another plan than the invitation is for.';
  } catch {
    // The participant's machine reads it next, and says what is wrong with it.
    return undefined;
  }
}
