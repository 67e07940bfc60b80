// How large the noise of an exact ciphertext can get, and how little of the modulus it may fill: decryption that fails tells an
// adversary about the key (IND-CPA-D; Checri et al., eprint 2024/116; Cheon et al., eprint 2024/127), so a failure has to be rarer
// than 2^-128 per decryption, not merely unlikely.
//
// Fresh noise of a public-key encryption is e·u + e0 + e1·s with ternary u and s: variance σ²·(1 + (4/3)·N·k) when the secret
// is the sum of k parties' (shared-keys/smudging.ts); of a symmetric one, e alone: σ². E exp(t·e) ≤ exp(t²σ²/2) for the errors, so for e·u
// with u given it is ≤ exp(t²·kσ²·|u|²/2), and |u|² varies: the noise is a little more than sub-Gaussian, and Chernoff's bound is
// taken over the average (failureLog2). A sum of n such terms has E exp(t·Σ) ≤ E exp(n·t·term) HOWEVER they depend on each other (Hölder).
// So the bound grows with n, not with √n: the same ciphertext added n times, the classical attack, is inside it.
//
// Rounding is towards safety: bounds up, room down.

import { type Distribution, stddevOf } from './distributions.ts';

/** What the security table presumes of an error's deviation. */
export const SMALLEST_SECURE_ERROR: number = 3.19;

/**
 * Standard deviations a bound covers. Of a Gaussian: 2·exp(−14.7²/2) = 2^-154.9 per coefficient, 2^-138.9 for all 65536; of public-key
 * noise up to 4.8 bits more at N = 1024, 0.1 at 65536.
 */
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

/** What decides the tail of a decryption's noise. */
export interface NoiseShape {
  readonly degree: number;
  readonly key: 'public' | 'symmetric';
  readonly keyParties: number;
  readonly isFlooded: boolean;
}

/**
 * log2 of a bound on the probability that one decryption has a coefficient beyond the bound, by Chernoff with every t = τ/σ_f tried:
 * exp(−τ·TAIL)·E exp(t·noise), and E exp(t·noise) ≤ exp(θ)·(E exp(k·θ·u²))^N·(E exp(θ·s²))^N with θ = t²σ²/2. u is ternary: 1/3 +
 * 2/3·exp(kθ). s sums k ternary secrets, sub-Gaussian of proxy 2k/3: at most (1 − 4kθ/3)^(−1/2) (Boucheron, Lugosi, Massart,
 * "Concentration Inequalities", 2013, §2.3); as u for k = 1.
 */
export function failureLog2({ degree, key, keyParties, isFlooded }: NoiseShape): number {
  const gaussian = -(TAIL * TAIL) / 2;
  const tail = key === 'symmetric' ? gaussian : publicTail(degree, keyParties);
  // Flooding has a bound of its own, which either may pass.
  const either = isFlooded ? tail + Math.log1p(Math.exp(gaussian - tail)) : tail;
  return Math.log2(degree) + 1 + either / Math.LN2;
}

const STEPS = 256;

function publicTail(degree: number, keyParties: number): number {
  let least = 0;
  for (let step = 1; step <= STEPS; step++) {
    const tau = (TAIL * step) / STEPS;
    const theta = (tau * tau) / (2 * (1 + (4 / 3) * degree * keyParties));
    const mask = Math.log(1 / 3 + (2 / 3) * Math.exp(keyParties * theta));
    const left = 1 - (4 / 3) * keyParties * theta;
    if (keyParties > 1 && left <= 0) break;
    const secret = keyParties === 1 ? mask : -Math.log(left) / 2;
    least = Math.min(least, degree * (mask + secret) + theta - tau * TAIL);
  }
  return least;
}
