// What the coordinator keeps of a sum under one-shot, and that as bytes. Public.

import { CanonicalReader, CanonicalWriter } from '@sumus/secure-sum/canonical';
import { MalformedMessage } from '@sumus/secure-sum/errors';
import { type MemberId, memberId } from '@sumus/secure-sum/identity';
import type { Send } from '@sumus/secure-sum/machine';
import {
  type CollectorState,
  type Coordinator,
  type OneShotRound,
  type OpenerState,
  restoreCollector,
  restoreOpener,
  storeCollector,
  storeOpener,
} from '@sumus/secure-sum/one-shot/coordinator';
import { trustAt } from '../agreement.ts';
import { type Drawn, decodeDrawn, encodeDrawn } from '../drawn.ts';
import { decodeList, encodeList, readText, textPart } from '../frame.ts';
import { roundOf } from '../one-shot-round.ts';
import { decodeSends, encodeSends } from './sends.ts';
import type { CoordinatorEnvironment } from './state.ts';

const empty = new Uint8Array(0);
const MOST = 2 ** 30;

export interface Collecting {
  readonly drawn: Drawn;
  readonly round: OneShotRound;
  /** Of this sum; while it is opened, of the next one of the same committee. Undefined where there is none. */
  readonly collector: CollectorState | undefined;
  readonly opener: OpenerState | undefined;
  /** Who said that it has nothing to add. */
  readonly abstained: ReadonlySet<MemberId>;
  /** Whose shares members complained about: by contributor, who did. */
  readonly complaints: ReadonlyMap<MemberId, readonly MemberId[]>;
  /** Opened to participants: the encrypted total and everybody's boxes as they were sent last. */
  readonly told: readonly Send[];
}

export const toolsOf = ({ setup }: CoordinatorEnvironment, round: OneShotRound, nowMs: number): Coordinator => ({
  lattice: setup.engines.lattice,
  primitives: setup.primitives,
  round,
  trust: trustAt(setup, nowMs),
});

export function writeCollecting(env: CoordinatorEnvironment, at: Collecting): Uint8Array {
  const { drawn, round, collector, opener, abstained, complaints } = at;

  const writer = new CanonicalWriter(8192)
    .blob('drawn', encodeDrawn(drawn))
    .blob('collector', storedCollector(env, round, collector));
  writer.blob('opener', opener === undefined ? empty : storeOpener(toolsOf(env, round, 0), opener));
  writer.blob('abstained', encodeList(...[...abstained].map((name) => textPart(name))));
  writer.u32('accused', complaints.size);
  for (const [name, by] of complaints) {
    writer.name('accused', name).blob('by', encodeList(...by.map((one) => textPart(one))));
  }
  writer.blob('told', encodeSends(at.told));
  return writer.finish();
}

export const storedCollector = (
  env: CoordinatorEnvironment,
  round: OneShotRound,
  collector: CollectorState | undefined,
): Uint8Array => (collector === undefined ? empty : storeCollector(toolsOf(env, round, 0), collector));

export async function readCollecting(
  env: CoordinatorEnvironment,
  bytes: Uint8Array,
  nowMs: number,
): Promise<Collecting> {
  const { setup, open, point } = env;
  const reader = new CanonicalReader(bytes, 'a total under one-shot');
  const drawn = decodeDrawn(setup.primitives, setup, open, reader.blobView('drawn', MOST));
  const collector = reader.blobView('collector', MOST);
  const opener = reader.blobView('opener', MOST);
  const names = (part: Uint8Array): MemberId[] => decodeList(part, 'names').map((one) => memberId(readText(one)));
  const abstained = new Set(names(reader.blobView('abstained', MOST)));
  const complaints = new Map<MemberId, readonly MemberId[]>();
  for (let left = reader.count('accused', 2 ** 20, 9); left > 0; left--) {
    complaints.set(reader.member('accused'), names(reader.blobView('by', MOST)));
  }
  const told = decodeSends(reader.blobView('told', MOST));
  reader.finish();
  const round = await roundOf(setup.primitives, setup, open, point, drawn, nowMs);
  const tools = toolsOf(env, round, nowMs);
  if (collector.length === 0 && opener.length === 0) throw new MalformedMessage('E_MALFORMED', 'a total of nothing');
  return {
    drawn,
    round,
    collector: collector.length === 0 ? undefined : restoreCollector(tools, collector),
    opener: opener.length === 0 ? undefined : restoreOpener(tools, opener),
    abstained,
    complaints,
    told,
  };
}
