// What is promised about a participant's input, and what is not. Secrecy protects inputs from being seen, the wrong ones too: a participant
// that ignores its clip is not found out by the protocols, only bounded.
//
//   who keeps to the program   ‖weighted x‖ ≤ clip; words within the range; counts within their maxima
//   who does not, mask         adds any words modulo 2^w: to n times the clip pass the checks of decode(), more make the sum refused
//   who does not, one-shot     adds any digits, or noise that spoils the sum: the same bound on what passes, and sums can be spoilt
//   two servers with a proof   ‖words‖ exactly within the bound, or the participant is left out, and the sum goes on without it
//
// So one hostile participant can move a mean of n by up to about two clips, or make a round fail. What helps: cohorts with a filter or a
// robust mean (cohorts/), the secure sum of ‖x‖² (who clips nothing by mistake shows), audits of accountable silos; where hostile
// participants must be kept out one by one, a proof of the norm. Its place is below; nothing implements it yet.

import type { AnyContext } from '../context/index.ts';
import type { Encoding } from './encoding.ts';

/** The largest factor of the clip that one participant's words can have, as long as each is within the range: κ · √d, 8 to 11 for long vectors. */
export const worstNormWithinRange = ({ windows, largestWord, scale, clippingNorm }: Encoding): number =>
  (largestWord * Math.sqrt(windows.length)) / (scale * clippingNorm);

/** The largest factor of the clip by which one participant can move the mean of `contributors` without the sum being refused. */
export const worstShiftOfMean = ({ scale, clippingNorm, windows }: Encoding, contributors: number): number => {
  const rounding = Math.sqrt(windows.length) / (scale * clippingNorm);
  // decode() accepts a norm of n (clip + √d steps); the others have at most (n − 1) clips, and may point the other way.
  return (contributors * (1 + rounding) + (contributors - 1) * (1 + rounding)) / contributors;
};

/** What a proof is about: words of an encoding, and the largest norm that they may have. */
export interface NormStatement {
  readonly context: AnyContext;
  readonly words: number;
  readonly wordBits: number;
  /** ‖words‖ ≤ this: encoding.largestNorm. */
  readonly largestNorm: number;
}

export const normStatement = (context: AnyContext, encoding: Encoding): NormStatement => ({
  context,
  words: encoding.words,
  wordBits: encoding.wordBits,
  largestNorm: encoding.largestNorm,
});

/** A participant's part of a two-server proof (PINE, arXiv 2311.10237): its words as two shares, each with its share of the proof. */
export interface NormProver {
  split(
    statement: NormStatement,
    words: Int32Array,
  ): Promise<{ readonly first: Uint8Array; readonly second: Uint8Array }>;
}

/** One of two servers that do not collude. Neither learns more than whether the statement holds. */
export interface NormVerifier<State> {
  readonly server: 'first' | 'second';
  /** One message to the other server. */
  begin(statement: NormStatement, share: Uint8Array): Promise<{ readonly state: State; readonly message: Uint8Array }>;
  /** Both servers come to the same verdict; an accepted share is added to the others'. */
  decide(state: State, message: Uint8Array): Promise<NormVerdict>;
}

export type NormVerdict =
  | { readonly kind: 'accepted'; readonly share: Int32Array }
  /** This participant is left out; the sum goes on without it. */
  | { readonly kind: 'refused'; readonly reason: string };
