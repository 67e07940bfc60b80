// Which policy accepted a plan: the SHA-256 of its canonical JSON, for the ledger. It tells a reader who has the file that it is the one,
// and nobody else what is in it.

import { canonicalJson } from '@sumus/differential-privacy/mechanisms';
import type { Hashing } from '@sumus/secure-sum/primitives';
import { hexOf, utf8Bytes } from '../canonical/utf8.ts';
import type { Policy } from './policy.ts';

export const policyId = (primitives: Hashing, policy: Policy): string =>
  hexOf(primitives.sha256(utf8Bytes(canonicalJson(policy))));
