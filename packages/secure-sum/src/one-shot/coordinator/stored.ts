// The coordinator's states as bytes, for a restart. Nothing in them is secret: heads, boxes, encrypted sums, signatures, and answers
// that are public once a set is certified.

import type { OneTimeCiphertext } from '@sumus/lattice/one-time/sums';
import { PackedSum } from '@sumus/lattice/one-time/sums';
import { decodeOneTimeCiphertext, encodeOneTimeCiphertext } from '@sumus/lattice/wire/sums';
import { CanonicalReader, CanonicalWriter, hexOf, type MemberId } from '../../canonical/index.ts';
import { CERTIFICATE_BYTES_AT_MOST, decodeCertificate, encodeCertificate } from '../../identity/index.ts';
import { decodeMessage, encodeMessage } from '../../messages/index.ts';
import { HASH_BYTES } from '../../primitives.ts';
import { boxBytes, headBytesAtMost, storedHead } from '../round/contribution.ts';
import type { ModelVersions } from '../round/models.ts';
import type { CollectorState, Kept } from './collector.ts';
import type { Coordinator } from './tools.ts';

const LABEL = 'sumus/1/one-shot/collector';
const PHASES = ['collecting', 'closed', 'aborted'] as const;
const MOST = 2 ** 24;

export function storeCollector({ lattice, round }: Coordinator, state: CollectorState): Uint8Array<ArrayBuffer> {
  const writer = new CanonicalWriter(1 << 16)
    .name('a label', LABEL)
    .fixed('context', round.context.hash, HASH_BYTES)
    .u8('phase', PHASES.indexOf(state.phase));
  if (state.phase === 'aborted') return writer.finish();
  const { flush, models, kept, taken, total } = state;
  writer.u32('flush', flush).u32('current model', models.current).u32('models', models.hashes.size);
  for (const [version, hash] of models.hashes) writer.u32('version', version).fixed('model', bytesOf(hash), HASH_BYTES);
  writeKept(writer, [...kept.values()]);
  writer.u32('nullifiers', taken.size);
  for (const [nullifier, digest] of taken) {
    writer.fixed('a nullifier', bytesOf(nullifier), HASH_BYTES).fixed('its digest', bytesOf(digest), HASH_BYTES);
  }
  return writer
    .blob('total', kept.size === 0 ? new Uint8Array(0) : encodeOneTimeCiphertext(lattice, total.total()))
    .finish();
}

export function restoreCollector(coordinator: Coordinator, bytes: Uint8Array): CollectorState {
  const { lattice, round } = coordinator;
  const { oneTime, vectorLength } = round.parameters;
  const reader = new CanonicalReader(bytes, 'a stored collector');
  if (reader.name('label') !== LABEL) reader.refuse('E_MALFORMED', 'not a stored collector');
  if (hexOf(reader.fixed('context', HASH_BYTES)) !== hexOf(round.context.hash)) {
    reader.refuse('E_MALFORMED', 'stored in another round');
  }
  const phase = PHASES[reader.within('phase', 1, 0, PHASES.length - 1)]!;
  if (phase === 'aborted') {
    reader.finish();
    return Object.freeze({ phase });
  }
  const flush = reader.u32('flush');
  const models = readModels(reader);
  const kept = new Map<MemberId, Kept>(readKept(coordinator, reader).map((one) => [one.head.memberId, one]));
  const count = reader.count('nullifiers', MOST, 2 * HASH_BYTES);
  const taken = new Map<string, string>();
  for (let i = 0; i < count; i++) {
    taken.set(hexOf(reader.fixed('a nullifier', HASH_BYTES)), hexOf(reader.fixed('its digest', HASH_BYTES)));
  }
  const stored = reader.blob('total', reader.remaining);
  reader.finish();
  const from: OneTimeCiphertext | undefined =
    stored.length === 0 ? undefined : decodeOneTimeCiphertext(lattice, oneTime, stored);
  if ((from?.contributions ?? 0) !== kept.size) reader.refuse('E_MALFORMED', 'a total of other contributions');
  const total = new PackedSum(lattice, oneTime, vectorLength, from);
  return Object.freeze({ phase, flush, models, kept, taken, total });
}

function readModels(reader: CanonicalReader): ModelVersions {
  const current = reader.u32('current model');
  const count = reader.count('models', MOST, 4 + HASH_BYTES);
  const hashes = new Map<number, string>();
  for (let i = 0; i < count; i++) hashes.set(reader.u32('version'), hexOf(reader.fixed('model', HASH_BYTES)));
  return Object.freeze({ current, hashes });
}

export function writeKept(writer: CanonicalWriter, kept: readonly Kept[]): void {
  writer.u32('contributions', kept.length);
  for (const { head, boxes } of kept) {
    writer.blob('certificate', encodeCertificate(head.certificate)).blob('head', encodeMessage(head.message));
    for (const box of boxes) writer.fixed('a box', box, box.length);
  }
}

export function readKept({ primitives, round }: Coordinator, reader: CanonicalReader): Kept[] {
  const { parameters } = round;
  const { members } = parameters.oneTime.committee;
  const headBytes = headBytesAtMost(parameters);
  const count = reader.count('contributions', parameters.maximumContributors, members * boxBytes(parameters));
  return Array.from({ length: count }, () => {
    const certificate = decodeCertificate(reader.blobView('certificate', CERTIFICATE_BYTES_AT_MOST));
    const message = decodeMessage(reader.blobView('head', headBytes), headBytes);
    const head = storedHead(primitives, round, { certificate, head: message });
    const boxes = Array.from({ length: members }, () => reader.fixed('a box', boxBytes(parameters)));
    return Object.freeze({ head, boxes });
  });
}

export const bytesOf = (hex: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
