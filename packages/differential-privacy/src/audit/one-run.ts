// A lower bound on ε from a single training run (Steinke, Nasr, Jagielski 2023, arXiv 2305.08846): m canaries, each in
// with probability ½; the attacker guesses about r of them and is right v times. If training is (ε, δ)-private, v is
// hardly ever larger than a binomial of success e^ε/(1 + e^ε) allows, plus what δ allows.
//
// The f-DP form (Mahloujifar, Melis, Chaudhuri 2025, arXiv 2410.22235) assumes the trade-off curve of a Gaussian
// mechanism with this (ε, δ) and sees much more. It is the one to use where noise is Gaussian. How many guesses are
// made must be fixed before the scores are seen, or paid for by dividing the significance.

import { gaussianDelta } from '../accountants/closed-form.ts';
import { ParameterError } from '../errors.ts';
import { normalUpperTail } from '../numerics/normal.ts';
import { atLeast, binomialMass, requireCounts, requireDelta, requireLevel } from './binomial.ts';

export interface Guesses {
  /** m. */
  readonly canaries: number;
  /** r. */
  readonly guesses: number;
  /** v. */
  readonly correct: number;
}

export interface Confidence {
  readonly delta: number;
  readonly significance: number;
}

/**
 * The largest ε that the guesses refute: the true ε is at least this, with confidence 1 − significance. 0 when nothing
 * is refuted.
 */
export function auditOneRun(guesses: Guesses, confidence: Confidence): number {
  requireGuesses(guesses, confidence);
  return largestRefuted((epsilon) => oneRunPValue(guesses, epsilon, confidence.delta) <= confidence.significance);
}

/**
 * p = min(1, β + 2mδα), β = P[Bin(r, e^ε/(1 + e^ε)) ≥ v], α = max over 1 ≤ i ≤ v of (P[Bin ≥ v − i] − β)/i.
 */
export function oneRunPValue({ canaries, guesses, correct }: Guesses, epsilon: number, delta: number): number {
  const p = 1 / (1 + Math.exp(-epsilon));
  const beta = atLeast(guesses, p, correct);
  if (delta === 0) return beta;
  let alpha = 0;
  let between = 0;
  for (let i = 1; i <= correct; i++) {
    // P[Bin ≥ v − i] − β, as a sum of masses: no cancellation.
    between += binomialMass(guesses, p, correct - i);
    alpha = Math.max(alpha, between / i);
  }
  return Math.min(1, beta + 2 * canaries * delta * alpha);
}

/** The same assuming Gaussian trade-off curves. */
export function auditOneRunGaussian(guesses: Guesses, confidence: Confidence): number {
  requireGuesses(guesses, confidence);
  if (confidence.delta === 0)
    throw new ParameterError('no Gaussian curve is (ε, 0)-private: with δ = 0 everything would be refuted');
  return largestRefuted((epsilon) => refutesGaussian(guesses, epsilon, confidence));
}

/**
 * Algorithm 3 of the f-DP audit for two outcomes: start from r = τv/m right and h = τ(r_g − v)/m wrong, and grow both
 * downwards in the count; what a curve allows at r right is Φ(Φ⁻¹(r) − μ) wrong. Refuted when more guesses than were
 * made would have to exist.
 */
function refutesGaussian(
  { canaries, guesses, correct }: Guesses,
  epsilon: number,
  { delta, significance }: Confidence,
): boolean {
  const mu = gaussianMu(epsilon, delta);
  let right = (significance * correct) / canaries;
  let wrong = (significance * (guesses - correct)) / canaries;
  for (let i = correct - 1; i >= 0; i--) {
    const allowed = Math.max(wrong, normalCumulative(normalQuantile(right) - mu));
    // Once this stands still it does so for good.
    if (allowed === wrong) break;
    right = Math.min(1, right + (i / (guesses - i)) * (allowed - wrong));
    wrong = allowed;
  }
  return right + wrong > guesses / canaries;
}

/**
 * μ of the Gaussian mechanism that is exactly (ε, δ): δ = Φ(μ/2 − ε/μ) − e^ε Φ(−μ/2 − ε/μ) (Balle, Wang 2018, theorem
 * 8; arXiv 1805.06530).
 */
export function gaussianMu(epsilon: number, delta: number): number {
  const deltaAt = (mu: number): number => gaussianDelta(mu, epsilon);
  let low = 1e-9;
  let high = 1;
  while (deltaAt(high) < delta && high < 1e3) high *= 2;
  for (let i = 0; i < 200 && high - low > 1e-14 * high; i++) {
    const middle = (low + high) / 2;
    if (deltaAt(middle) < delta) low = middle;
    else high = middle;
  }
  return low;
}

/** What the canaries' scores say, guessing the highest as in and the lowest as out, `guesses` in all. */
export function guessFromScores(
  scores: { readonly in: readonly number[]; readonly out: readonly number[] },
  guesses: number,
): Guesses {
  const all = [
    ...scores.in.map((score) => ({ score, in: true })),
    ...scores.out.map((score) => ({ score, in: false })),
  ];
  if (all.some(({ score }) => Number.isNaN(score))) throw new ParameterError('a canary has a score that is no number');
  if (!Number.isSafeInteger(guesses) || guesses < 1 || guesses > all.length)
    throw new ParameterError(`${guesses} guesses on ${all.length} canaries`);
  // Ties are broken against the attacker: a guess among equals must not profit from how they were listed.
  const high = Math.ceil(guesses / 2);
  const low = guesses - high;
  const best = [...all].sort((a, b) => b.score - a.score || Number(a.in) - Number(b.in)).slice(0, high);
  const rest = [...all].sort((a, b) => a.score - b.score || Number(b.in) - Number(a.in)).slice(0, low);
  const correct = best.filter((one) => one.in).length + rest.filter((one) => !one.in).length;
  return { canaries: all.length, guesses, correct };
}

/** An audit from canaries' scores, with the ε that is claimed beside what was found. */
export interface ScoreAudit {
  /** ε is at least this, with confidence 1 − significance. */
  readonly epsilon: number;
  /** How many guesses showed it. */
  readonly guesses: number;
  readonly claimed: number;
  /** The claim is refuted: noise, clipping, sampling or accounting are not what they say. */
  readonly violated: boolean;
}

/**
 * The best bound over several numbers of guesses, each at its share of the significance (Bonferroni): trying more of
 * them is paid for. `curve` says whether a Gaussian trade-off curve may be assumed.
 */
export function auditScores(
  scores: { readonly in: readonly number[]; readonly out: readonly number[] },
  {
    guessCounts,
    claimed,
    curve,
  }: { readonly guessCounts: readonly number[]; readonly claimed: number; readonly curve: 'gaussian' | 'any' },
  { delta, significance }: Confidence,
): ScoreAudit {
  if (guessCounts.length === 0) throw new ParameterError('an audit makes at least one guess');
  if (!(claimed >= 0)) throw new ParameterError(`a claimed ε is non-negative, not ${claimed}`);
  const audit = curve === 'gaussian' ? auditOneRunGaussian : auditOneRun;
  const each = { delta, significance: significance / guessCounts.length };
  const found = guessCounts.map((guesses) => ({ guesses, epsilon: audit(guessFromScores(scores, guesses), each) }));
  const best = found.reduce((most, one) => (one.epsilon > most.epsilon ? one : most));
  return { ...best, claimed, violated: best.epsilon > claimed };
}

/** The largest ε ≥ 0 for which a monotone test refutes, to 1e-7 and not above it. */
function largestRefuted(refuted: (epsilon: number) => boolean): number {
  if (!refuted(0)) return 0;
  let low = 0;
  let high = 1;
  while (refuted(high) && high < 1000) {
    low = high;
    high *= 2;
  }
  while (high - low > 1e-7) {
    const middle = (low + high) / 2;
    if (refuted(middle)) low = middle;
    else high = middle;
  }
  return low;
}

const normalCumulative = (z: number): number => normalUpperTail(-z);

/** Φ⁻¹ by bisection: fifty halvings of [−40, 40]. */
function normalQuantile(p: number): number {
  if (p <= 0) return -40;
  if (p >= 1) return 40;
  let low = -40;
  let high = 40;
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (normalCumulative(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function requireGuesses({ canaries, guesses, correct }: Guesses, { delta, significance }: Confidence): void {
  requireCounts(guesses, canaries);
  if (guesses === 0) throw new ParameterError('an audit makes at least one guess');
  requireCounts(correct, guesses);
  requireDelta(delta);
  requireLevel('a significance', significance);
}
