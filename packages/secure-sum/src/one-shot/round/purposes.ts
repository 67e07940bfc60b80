// What boxes of this protocol are for: who opens one names the same.

import { hexOf } from '../../canonical/index.ts';

/** Contributor → member: salt ‖ share of its key. */
export const SHARE_PURPOSE = 'one-shot/share';

/** Member → contributor: its share of the sum of keys of one set. */
export const openedPurpose = (setHash: Uint8Array): string => `one-shot/opened/${hexOf(setHash)}`;
