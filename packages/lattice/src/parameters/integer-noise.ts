// How large the noise of an exact ciphertext can get, and how little of the modulus it may fill: decryption that fails tells an
// adversary about the key (IND-CPA-D; Checri et al., eprint 2024/116; Cheon et al., eprint 2024/127), so a failure has to be rarer
// than 2^-128 per decryption, not merely unlikely.
//
// Fresh noise of a public-key encryption is e·u + e0 + e1·s with ternary u and s: variance σ²·(1 + (4/3)·N·k) when the secret
// is the sum of k parties' (shared-keys/smudging.ts); of a symmetric one, e alone: σ². Every term is sub-Gaussian with
// its variance as proxy, and a sum of n terms of deviation σ_f has proxy (n·σ_f)² HOWEVER the terms depend on each other (Hölder).
// So the bound grows with n, not with √n: the same ciphertext added n times, the classical attack, is inside it.
//
// Rounding is towards safety: bounds up, room down.

import { type Distribution, stddevOf } from './distributions.ts';

/** What the security table presumes of an error's deviation. */
export const SMALLEST_SECURE_ERROR: number = 3.19;

/** Standard deviations a bound covers: 2·exp(−14.7²/2) = 2^-154.9 per coefficient, 2^-138.9 for all 65536. */
export const TAIL: number = 14.7;

/**
 * The part of q that noise may reach on either side. Exact decoding needs 1/2; what lies between is the guard band in which
 * tampering shows: noise spread over R_q misses it with probability 7/8 per coefficient, (7/8)^1024 < 2^-197 in all.
 */
export const LARGEST_FRACTION: number = 7 / 16;

/** The standard deviation of a fresh encryption's noise per coefficient. */
export function freshNoiseStddev(
  degree: number,
  key: 'public' | 'symmetric',
  error: Distribution,
  keyParties: number,
): number {
  const sigma = stddevOf(error);
  return key === 'symmetric' ? sigma : sigma * Math.sqrt(1 + (4 / 3) * degree * keyParties);
}

/** log2 of the probability that one decryption has a coefficient beyond the bound. */
export function failureLog2(degree: number): number {
  return Math.log2(degree) + 1 - (TAIL * TAIL) / 2 / Math.LN2;
}
