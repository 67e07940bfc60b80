// What a participant carries from sum to sum: which rounds it entered and how many today, the last head of the log that it co-signed and the last
// it saw, and the committee or key that several sums use. It is stored with every sum's state, before anything of that step is sent.

import { CanonicalReader, CanonicalWriter } from '@sumus/secure-sum/canonical';
import { MalformedMessage } from '@sumus/secure-sum/errors';
import { NO_ROUNDS, type RoundBudget } from '@sumus/secure-sum/floors';
import { decodeHighWater, encodeHighWater, type HighWater, nothingEntered } from '@sumus/secure-sum/high-water';
import {
  decodeTreeHead,
  decodeWitness,
  encodeTreeHead,
  encodeWitness,
  keptTreeHead,
  type LogView,
  type WitnessState,
} from '@sumus/secure-sum/log';
import type { PublicPrimitives } from '@sumus/secure-sum/primitives';
import { type HelpedSets, NONE_HELPED, readHelped, writeHelped } from './helped-sets.ts';
import type { ParticipantSumSetup } from './setup.ts';

/** One mark for every part that a participant plays in a round: each part begins once. */
export interface Marks {
  readonly announce: HighWater;
  readonly contribute: HighWater;
  readonly open: HighWater;
}

/** A committee or key of earlier sums: stored by its protocol (one-shot.ts, threshold.ts). */
export interface SecretEpoch {
  readonly kind: 'one-shot' | 'threshold';
  /** The round in which it was founded. */
  readonly round: number;
  readonly storedInTheClear: Uint8Array;
}

export interface SecretStanding {
  readonly marks: Marks;
  readonly budget: RoundBudget;
  /** The last head that it co-signed, in sums whose log it is a witness of. */
  readonly witness: WitnessState;
  /** Undefined before the first sight of the log. */
  readonly view: LogView | undefined;
  readonly epoch: SecretEpoch | undefined;
  readonly helped: HelpedSets;
}

export function freshStanding({ certificate, log }: ParticipantSumSetup): SecretStanding {
  const { memberId } = certificate;
  return Object.freeze({
    marks: Object.freeze({ announce: nothingEntered(), contribute: nothingEntered(), open: nothingEntered() }),
    budget: NO_ROUNDS,
    witness: Object.freeze({ memberId, logKey: log.logKey, last: undefined }),
    view: undefined,
    epoch: undefined,
    helped: NONE_HELPED,
  });
}

const LABEL = 'sumus/1/sum/standing';
const MOST = 2 ** 30;
const ROUNDS_AT_MOST = 2 ** 20;
const KINDS = ['one-shot', 'threshold'] as const;
const nothing = new Uint8Array(0);

export function encodeStandingInTheClear(
  { primitives }: ParticipantSumSetup,
  { marks, budget, witness, view, epoch, helped }: SecretStanding,
): Uint8Array<ArrayBuffer> {
  const writer = new CanonicalWriter(1024 + (epoch?.storedInTheClear.length ?? 0)).name('a label', LABEL);
  for (const mark of [marks.announce, marks.contribute, marks.open]) {
    writer.blob('a mark', encodeHighWater(primitives, mark));
  }
  writer.u32('rounds', budget.enteredAtMs.length);
  for (const at of budget.enteredAtMs) writer.u64('entered at', at);
  writer.blob('witness', encodeWitness(witness));
  writer.blob('view', view === undefined ? nothing : encodeTreeHead(view.head));
  writeHelped(writer, helped);
  writer.u8('epoch', epoch === undefined ? KINDS.length : KINDS.indexOf(epoch.kind));
  if (epoch !== undefined) writer.u64('founded in', epoch.round).blob('epoch', epoch.storedInTheClear);
  return writer.finish();
}

/** Seen before, and believed then: the witnesses of this sum may be others. */
const keptView = async (primitives: PublicPrimitives, logKey: Uint8Array, seen: Uint8Array): Promise<LogView> =>
  Object.freeze({ head: await keptTreeHead(primitives, logKey, decodeTreeHead(seen)) });

export async function decodeStanding(setup: ParticipantSumSetup, bytes: Uint8Array): Promise<SecretStanding> {
  const { primitives, log } = setup;
  const reader = new CanonicalReader(bytes, 'what a participant carries on');
  if (reader.name('label') !== LABEL) reader.refuse('E_MALFORMED', 'not what a participant carries on');
  const mark = (): HighWater => decodeHighWater(primitives, reader.blobView('a mark', MOST));
  const marks = Object.freeze({ announce: mark(), contribute: mark(), open: mark() });
  const rounds = reader.count('rounds', ROUNDS_AT_MOST, 8);
  const enteredAtMs = Array.from({ length: rounds }, () => reader.u64('entered at'));
  if (enteredAtMs.some((at, i) => i > 0 && at < enteredAtMs[i - 1]!)) {
    throw new MalformedMessage('E_RANGE', 'rounds were entered in the order of time');
  }
  const witness = reader.blobView('witness', MOST);
  const seen = reader.blobView('view', MOST);
  const helped = readHelped(reader);
  const place = reader.within('epoch', 1, 0, KINDS.length);
  const kind = KINDS[place];
  const epoch =
    kind === undefined
      ? undefined
      : Object.freeze({ kind, round: reader.u64('founded in'), storedInTheClear: reader.blob('epoch', MOST) });
  reader.finish();
  return Object.freeze({
    marks,
    budget: Object.freeze({ enteredAtMs }),
    witness: decodeWitness(witness),
    view: seen.length === 0 ? undefined : await keptView(primitives, log.logKey, seen),
    epoch,
    helped,
  });
}
