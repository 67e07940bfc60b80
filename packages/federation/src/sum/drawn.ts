// What stands when a sum has been prepared: the roster, its place in the log, and the beacon that was drawn after it. And what follows from
// them alike for everybody: which of the roster sit in a committee, and the root that the log keeps. Public.

import { type Beacon, rosterEntry } from '@sumus/secure-sum/beacon';
import { CanonicalReader, CanonicalWriter } from '@sumus/secure-sum/canonical';
import type { OpenContext } from '@sumus/secure-sum/context';
import { ProtocolViolation } from '@sumus/secure-sum/errors';
import type { LogEntry } from '@sumus/secure-sum/log';
import { HASH_BYTES, type Hashing } from '@sumus/secure-sum/primitives';
import {
  type Directory,
  decodeRoster,
  encodeRoster,
  listedDirectory,
  type Roster,
  rosterOf,
} from '@sumus/secure-sum/roster';
import { keyCountOf } from './agreement.ts';
import { decodePlace, encodePlace, type LogPlace } from './log-place.ts';
import type { SumAgreement } from './sum.ts';

export interface Prepared {
  readonly roster: Roster;
  readonly place: LogPlace;
}

export interface Drawn extends Prepared {
  readonly beacon: Beacon;
}

const MOST = 2 ** 28;

/** one-shot: whoever takes part may contribute, and some of them are the committee. */
export function directoryOf(primitives: Hashing, { committee }: SumAgreement, roster: Roster): Directory {
  const { entries, context } = roster;
  const certificates = entries.map(({ certificate }) => certificate);
  if (committee === undefined) return listedDirectory(primitives, certificates, roster);
  const missing = committee.find((name) => !roster.indexOf.has(name));
  if (missing !== undefined) {
    throw new ProtocolViolation('E_COMMITTEE', `${missing} of the committee does not take part`);
  }
  const names = new Set(committee);
  const members = entries.filter(({ certificate }) => names.has(certificate.memberId));
  return listedDirectory(primitives, certificates, rosterOf(primitives, context, 1, members));
}

/** What the log keeps, and the beacon is drawn for. */
export const rootOf = (primitives: Hashing, agreement: SumAgreement, roster: Roster): Uint8Array =>
  agreement.plan.protection.kind === 'one-shot' ? directoryOf(primitives, agreement, roster).root : roster.root;

export const entryOf = (
  primitives: Hashing,
  agreement: SumAgreement,
  open: OpenContext,
  { roster }: Pick<Prepared, 'roster'>,
): LogEntry => rosterEntry(open, rootOf(primitives, agreement, roster));

/** E_ROSTER where anybody stands in the roster who may not be in this sum. */
export function requireAdmitted({ admitted }: SumAgreement, { members }: Roster): void {
  const stranger = members.find(({ memberId }) => admitted?.has(memberId) === false);
  if (stranger !== undefined) {
    throw new ProtocolViolation('E_ROSTER', `${stranger.memberId} is none of those who may be in this sum`);
  }
}

export const encodePrepared = ({ roster, place }: Prepared): Uint8Array<ArrayBuffer> =>
  new CanonicalWriter(4096).blob('roster', encodeRoster(roster)).blob('place', encodePlace(place)).finish();

export function decodePrepared(
  primitives: Hashing,
  agreement: SumAgreement,
  open: OpenContext,
  bytes: Uint8Array,
): Prepared {
  const reader = new CanonicalReader(bytes, 'a roster and its place');
  const roster = decodeRoster(primitives, open, keyCountOf(agreement), reader.blobView('roster', MOST));
  const place = decodePlace(reader.blobView('place', MOST));
  reader.finish();
  return { roster, place };
}

export const encodeDrawn = (drawn: Drawn): Uint8Array<ArrayBuffer> =>
  new CanonicalWriter(4096)
    .blob('prepared', encodePrepared(drawn))
    .fixed('beacon', drawn.beacon.value, HASH_BYTES)
    .fixed('commitments', drawn.beacon.commitmentsHash, HASH_BYTES)
    .finish();

export function decodeDrawn(primitives: Hashing, agreement: SumAgreement, open: OpenContext, bytes: Uint8Array): Drawn {
  const reader = new CanonicalReader(bytes, 'what was drawn');
  const prepared = decodePrepared(primitives, agreement, open, reader.blobView('prepared', MOST));
  const value = reader.fixed('beacon', HASH_BYTES);
  const commitmentsHash = reader.fixed('commitments', HASH_BYTES);
  reader.finish();
  const rosterRoot = rootOf(primitives, agreement, prepared.roster);
  return { ...prepared, beacon: Object.freeze({ kind: 'beacon', value, rosterRoot, commitmentsHash }) };
}
