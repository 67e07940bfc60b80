// Under which name a run's things are kept: a run is a run of one coordinator in one project, whatever it is called.

import { delimited, hexOf } from '@sumus/secure-sum/canonical';
import type { Hashing } from '@sumus/secure-sum/primitives';
import type { InvitationLink } from '@sumus/wire/link';
import { bytesOfHex } from '@sumus/wire/text';

/** What an invitation pins, without its secret: nothing of it is ever taken from a server. */
export type Pinned = Pick<
  InvitationLink,
  'runId' | 'projectId' | 'member' | 'invitation' | 'coordinator' | 'authority' | 'plan' | 'owner'
>;

/** 32 hexadecimal digits. */
export const placeOf = (
  primitives: Hashing,
  { coordinator, projectId, runId, member }: Pick<Pinned, 'coordinator' | 'projectId' | 'runId' | 'member'>,
): string => hexOf(primitives.sha256(delimited(bytesOfHex(coordinator), projectId, runId, member))).slice(0, 32);
