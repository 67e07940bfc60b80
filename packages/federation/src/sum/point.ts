// A point of a run as bytes, for stored states.

import { CanonicalReader, CanonicalWriter } from '@sumus/secure-sum/canonical';
import { HASH_BYTES } from '@sumus/secure-sum/primitives';
import type { SumPoint } from './sum.ts';

const MODELS_AT_MOST = 2 ** 20;

export function encodePoint({
  round,
  flush,
  epoch,
  modelHash,
  supportHash,
  models,
}: SumPoint): Uint8Array<ArrayBuffer> {
  const writer = new CanonicalWriter(128).u64('round', round).u32('flush', flush).u64('epoch', epoch);
  writer.fixed('model', modelHash, HASH_BYTES).fixed('support', supportHash, HASH_BYTES);
  writer.u32('models', models?.length ?? 0);
  for (const hash of models ?? []) writer.fixed('a model', hash, HASH_BYTES);
  return writer.finish();
}

export function decodePoint(bytes: Uint8Array): SumPoint {
  const reader = new CanonicalReader(bytes, 'a point of a run');
  const [round, flush, epoch] = [reader.u64('round'), reader.u32('flush'), reader.u64('epoch')];
  const modelHash = reader.fixed('model', HASH_BYTES);
  const supportHash = reader.fixed('support', HASH_BYTES);
  const count = reader.count('models', MODELS_AT_MOST, HASH_BYTES);
  const models = Array.from({ length: count }, () => reader.fixed('a model', HASH_BYTES));
  reader.finish();
  return Object.freeze({ round, flush, epoch, modelHash, supportHash, ...(count === 0 ? {} : { models }) });
}
