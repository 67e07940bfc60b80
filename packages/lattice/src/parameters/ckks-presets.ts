// Parameter sets by name for encrypted learning. `s`: one limb a level, twice the depth, 13 to 16 bits of
// precision. `d`: two limbs a level, 38 to 44 bits. The number is log2 N.

import { ParameterError } from '../errors.ts';
import { type CkksLiteral, type CkksParameters, ckksParameters } from './ckks-parameters.ts';

export type CkksPresetName =
  | 'learn-13s'
  | 'learn-13d'
  | 'learn-14s'
  | 'learn-14d'
  | 'learn-15s'
  | 'learn-15d'
  | 'learn-16d';

const single = { limbsPerLevel: 1, scaleBits: 28 } as const;
const double = { limbsPerLevel: 2, scaleBits: 55 } as const;

export const CKKS_PRESETS: Readonly<Record<CkksPresetName, CkksLiteral>> = Object.freeze({
  /** Small inference, tests. */
  'learn-13s': { degree: 8192, levels: 4, digits: 3, ...single },
  /** A linear layer and a square. */
  'learn-13d': { degree: 8192, levels: 2, digits: 6, ...double },
  /** Deeper inference at low precision; 429.99 of 430 bits. */
  'learn-14s': { degree: 16384, levels: 10, digits: 3, ...single },
  /** Inference of the CryptoNets kind, one short step. */
  'learn-14d': { degree: 16384, levels: 5, digits: 4, ...double },
  /** Deep, low precision. */
  'learn-15s': { degree: 32768, levels: 21, digits: 3, ...single },
  /** The default for training: one iteration without clipping between refreshes. */
  'learn-15d': { degree: 32768, levels: 10, digits: 3, ...double },
  /** Two iterations between refreshes; servers only. */
  'learn-16d': { degree: 65536, levels: 22, digits: 3, ...double },
});

const made = new Map<CkksPresetName, CkksParameters>();

/** The checked parameters of a preset; refuses a name that is not one. */
export function ckksPreset(name: CkksPresetName): CkksParameters {
  const literal = Object.hasOwn(CKKS_PRESETS, name) ? CKKS_PRESETS[name] : undefined;
  if (literal === undefined) throw new ParameterError(`no CKKS preset is called ${String(name)}`);
  const parameters = made.get(name) ?? ckksParameters(literal);
  made.set(name, parameters);
  return parameters;
}
