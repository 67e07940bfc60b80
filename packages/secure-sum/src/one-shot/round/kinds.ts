// The messages of one-shot, in the order of the protocol. ADVERTISE (phase 0, under the open context) gives a committee member's
// X25519 key of the epoch; all others are signed under the whole context.

import type { MessageKind } from '../../messages/index.ts';

/** Contributor → coordinator, once. Its head travels on to the committee. */
export const CONTRIBUTE: MessageKind = Object.freeze({ phase: 1, type: 'one-shot/contribute' });
/** Member → coordinator: I have checked these contributions, and my shares of some of them are not what was committed to. */
export const COMPLAIN: MessageKind = Object.freeze({ phase: 2, type: 'one-shot/complain' });
/** Member → coordinator, once a flush: this set of contributors and no other. */
export const SIGN: MessageKind = Object.freeze({ phase: 3, type: 'one-shot/sign' });
/** Member → coordinator: its share of the sum of keys of a certified set, in the clear or boxed to the contributors. */
export const OPEN_SHARE: MessageKind = Object.freeze({ phase: 4, type: 'one-shot/open-share' });

/** How outputs that carry no signature of their own are called: what is in them is signed or hashed. */
export const DELIVERY = {
  contribution: 'one-shot/contribution',
  receipt: 'one-shot/receipt',
  review: 'one-shot/review',
  close: 'one-shot/close',
  certificate: 'one-shot/certificate',
  total: 'one-shot/total',
  opening: 'one-shot/opening',
  result: 'one-shot/result',
} as const;
