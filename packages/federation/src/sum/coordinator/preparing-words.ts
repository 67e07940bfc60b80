// What the coordinator tells members while a sum is prepared: a function of the stage alone, so that whoever asks again hears the same bytes.

import type { MemberId } from '@sumus/secure-sum/identity';
import { type Send, send, toMember } from '@sumus/secure-sum/machine';
import { encodePrepared } from '../drawn.ts';
import { FRAME } from '../frame.ts';
import { encodeProposedHead } from '../log-place.ts';
import type { SumAgreement } from '../sum.ts';
import type { PendingEntry } from './log-book.ts';
import type { Stage } from './preparing-stage.ts';

type Witnessed = Pick<SumAgreement, 'log'>;

/** Those that have not co-signed it. */
export function askWitnesses({ log }: Witnessed, pending: PendingEntry): readonly Send[] {
  const body = encodeProposedHead(pending);
  return log.witnesses
    .filter((one) => !pending.cosignatures.has(one.memberId))
    .map((one) => send(toMember(one.memberId), FRAME.head, body));
}

/** What this stage told members, to these. */
export function tellAgain(setup: Witnessed, told: Stage, names: readonly MemberId[]): readonly Send[] {
  switch (told.at) {
    case 'gathering':
      return [];
    case 'logging the roster':
      return askWitnesses(setup, told.pending);
    case 'committing': {
      const roster = encodePrepared(told.prepared);
      return names.map((name) => send(toMember(name), FRAME.roster, roster));
    }
    case 'logging the commitments':
      return askWitnesses(setup, told.pending);
    case 'revealing':
      return names.map((name) => send(toMember(name), FRAME.commitments, told.told));
    default:
      return told satisfies never;
  }
}
