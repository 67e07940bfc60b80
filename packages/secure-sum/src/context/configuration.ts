// Everything a round is configured with, as one hash: who changes the length, the clip, the width or a threshold for one
// participant gives it another context. What all protocols have is named here and cannot be left out; what one protocol has of its
// own (k, m, quorum, packing, …) is added by name.

import { CanonicalWriter, compareNames } from '../canonical/index.ts';
import { ParameterError } from '../errors.ts';
import { HASH_BYTES, type Hashing } from '../primitives.ts';

export interface RoundConfiguration {
  readonly protocol: 'mask' | 'one-shot' | 'threshold';
  /** Values of a participant's vector, before padding. */
  readonly vectorLength: number;
  /** Bits of one word of the sum. */
  readonly wordBits: number;
  /** Bits of one participant's value. */
  readonly valueBits: number;
  /** The L2 norm a participant clips to. */
  readonly clippingNorm: number;
  /** The quantiser's factor from values to integers. */
  readonly quantiserScale: number;
  /** Which rotation: a label of the encoding, 'none' included. */
  readonly rotation: string;
  /** Hash of the support; of the empty string when all coordinates take part. */
  readonly supportHash: Uint8Array;
  /** Fewest contributors that a sum may have. */
  readonly minimumContributors: number;
  /** How long each phase stays open, in order. */
  readonly phaseTimeoutsMs: readonly number[];
  /** What noise each participant adds: a description by who adds it; 'none'. */
  readonly noise: string;
  /** The protocol's own parameters, by name. */
  readonly own: Readonly<Record<string, number | string | Uint8Array>>;
}

const NUMBER = 0;
const TEXT = 1;
const BYTES = 2;

export function configurationHash(primitives: Hashing, configuration: RoundConfiguration): Uint8Array<ArrayBuffer> {
  return primitives.sha256(encodeConfiguration(configuration));
}

/** The canonical bytes: what the log keeps, and what the hash is of. */
export function encodeConfiguration(configuration: RoundConfiguration): Uint8Array<ArrayBuffer> {
  const { supportHash, phaseTimeoutsMs, own } = configuration;
  const writer = new CanonicalWriter();
  writer.name('a label', 'sumus/1/configuration');
  writer.name('protocol', configuration.protocol);
  writer.u32('vectorLength', positive('vectorLength', configuration.vectorLength));
  writer.u8('wordBits', positive('wordBits', configuration.wordBits));
  writer.u8('valueBits', positive('valueBits', configuration.valueBits));
  writer.f64('clippingNorm', positive('clippingNorm', configuration.clippingNorm));
  writer.f64('quantiserScale', positive('quantiserScale', configuration.quantiserScale));
  writer.name('rotation', configuration.rotation);
  writer.fixed('supportHash', supportHash, HASH_BYTES);
  writer.u32('minimumContributors', positive('minimumContributors', configuration.minimumContributors));
  writer.u8('phases', phaseTimeoutsMs.length);
  for (const timeout of phaseTimeoutsMs) writer.u64('a timeout', timeout);
  writer.name('noise', configuration.noise);
  const names = Object.keys(own).sort(compareNames);
  writer.u16('own parameters', names.length);
  for (const name of names) writeValue(writer, name, own[name]);
  return writer.finish();
}

function writeValue(writer: CanonicalWriter, name: string, value: number | string | Uint8Array | undefined): void {
  writer.name('a parameter', name);
  if (typeof value === 'number') writer.u8('kind', NUMBER).f64(name, value);
  else if (typeof value === 'string') writer.u8('kind', TEXT).name(name, value);
  else if (value instanceof Uint8Array) writer.u8('kind', BYTES).blob(name, value);
  else throw new ParameterError(`parameter ${name} is neither a number nor a name nor bytes`);
}

function positive(what: string, value: number): number {
  if (!(value > 0)) throw new ParameterError(`${what} is ${value}, not positive`);
  return value;
}
