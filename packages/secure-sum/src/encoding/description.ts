// An encoding as part of a round's configuration, and so of its context: who encodes otherwise, by a counter or a kind of rounding, is in
// another context, and nothing of both opens together. Protocols know lengths and widths; the rest reaches them as one label.

import { CanonicalWriter, hexOf } from '../canonical/index.ts';
import type { RoundConfiguration } from '../context/index.ts';
import type { Hashing } from '../primitives.ts';
import type { Encoding } from './encoding.ts';

export type EncodingDescription = Pick<
  RoundConfiguration,
  'vectorLength' | 'wordBits' | 'valueBits' | 'clippingNorm' | 'quantiserScale' | 'rotation' | 'noise'
>;

/** 192 bits of the hash: a name of a configuration has 64 characters. */
const LABEL_BYTES = 24;

/** A protocol's vector is the encoding's words. `rotation` says how they came about: a hash of everything that is in an encoding. */
export function describeEncoding(primitives: Hashing, encoding: Encoding): EncodingDescription {
  const hash = primitives.sha256(encodingBytes(encoding)).subarray(0, LABEL_BYTES);
  return {
    vectorLength: encoding.words,
    wordBits: encoding.wordBits,
    valueBits: encoding.valueBits,
    clippingNorm: encoding.clippingNorm,
    quantiserScale: encoding.scale,
    rotation: `encoding/${hexOf(hash)}`,
    noise: encoding.noise?.name ?? 'none',
  };
}

/** The canonical bytes of an encoding: what a log keeps beside the configuration, and what the label is a hash of. */
export function encodingBytes(encoding: Encoding): Uint8Array<ArrayBuffer> {
  const { windows, noise, counters, maximumWeight, maximumSquaredNorm } = encoding;
  const writer = new CanonicalWriter();
  writer.name('a label', 'sumus/1/encoding');
  writer.u32('vectorLength', encoding.vectorLength);
  writer.f64('clippingNorm', encoding.clippingNorm);
  writer.u8('valueBits', encoding.valueBits);
  writer.u8('wordBits', encoding.wordBits);
  writer.u32('maximumContributors', encoding.maximumContributors);
  writer.u32('values', windows.length).u8('layers', windows.layers).u32('secondAt', windows.secondAt);
  writer.name('rounding', encoding.rounding);
  writer.name('noise', noise?.name ?? 'none').f64('variance', noise?.variance ?? 0);
  writer.f64('scale', encoding.scale);
  // 0 where there are none: neither maximum can be 0.
  writer.u64('maximumWeight', maximumWeight ?? 0).f64('maximumSquaredNorm', maximumSquaredNorm ?? 0);
  writer.u16('counters', counters.length);
  for (const { name, maximum } of counters) writer.name('a counter', name).u64('maximum', maximum);
  return writer.finish();
}
