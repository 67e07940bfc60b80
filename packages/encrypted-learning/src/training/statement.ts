// The statement that goes with a released model: everything its guarantee rests on, as plain data, and the check of it by someone who
// was not there. The check trusts nothing that it can compute: η is searched for again from the coefficients, Δ, the noise multiplier
// and ε are derived again by differential-privacy; stated values must not be smaller.

import { serializeMechanism } from '@sumus/differential-privacy/mechanisms';
import { couplingDelta } from '@sumus/differential-privacy/sensitivity';
import { evaluateAt } from '../approximation/sigmoid.ts';
import { epsilonOf, type Guarantee, type GuaranteeLiteral, guarantee, historyOf } from './guarantee.ts';
import type { Invariant } from './invariant.ts';
import { type RecipeLiteral, recipe } from './recipe.ts';

export interface Statement {
  readonly format: 'sumus encrypted-learning statement 1';
  readonly adjacency: GuaranteeLiteral['adjacency'];
  readonly unit: 'record';
  readonly placement: 'every-step' | 'once';
  readonly recipe: RecipeLiteral;
  /** Of the activation, constant first; empty for exact models. */
  readonly coefficients: readonly number[];
  /** n. */
  readonly rowCount: number;
  readonly columns: number;
  /** B. */
  readonly normBound: number;
  readonly targetBound: number | null;
  readonly clippingNorm: number | null;
  /** R; null for exact models. */
  readonly interval: number | null;
  /** η. */
  readonly supError: number;
  readonly granularity: number;
  readonly arithmeticError: number;
  readonly invariant: Invariant;
  /** Δ. */
  readonly sensitivity: number;
  /** σ and σ/Δ. */
  readonly noiseStddev: number;
  readonly noiseMultiplier: number;
  /** ρ of zero-concentrated privacy, for a reader who thinks in it; ε is accounted more tightly. */
  readonly rho: number;
  /** Canonical JSON of every mechanism. */
  readonly history: readonly string[];
  readonly epsilon: number;
  readonly delta: number;
}

export function statementOf(made: Guarantee, literal: RecipeLiteral): Statement {
  const { recipe: used, rowCount, columns, normBound, adjacency } = made.literal;
  const releases = made.placement === 'once' ? 1 : used.steps.length;
  return Object.freeze({
    format: 'sumus encrypted-learning statement 1',
    adjacency,
    unit: 'record',
    placement: made.placement,
    recipe: literal,
    coefficients: used.activation?.coefficients ?? [],
    rowCount,
    columns,
    normBound,
    targetBound: made.literal.targetBound ?? null,
    clippingNorm: made.literal.clippingNorm ?? null,
    interval: used.activation?.interval ?? null,
    supError: made.supError,
    granularity: made.granularity,
    arithmeticError: made.literal.arithmeticError ?? 0,
    invariant: made.invariant,
    sensitivity: made.sensitivity,
    noiseStddev: made.noiseStddev,
    noiseMultiplier: made.noiseMultiplier,
    rho: releases / (2 * made.noiseMultiplier ** 2),
    history: made.history.map(serializeMechanism),
    epsilon: made.literal.epsilon,
    delta: made.literal.delta,
  });
}

export type Recheck =
  | { readonly kind: 'holds'; readonly epsilon: number }
  | { readonly kind: 'fails'; readonly reason: string };

/** How far a recomputed value may exceed a stated one: the roundings of two searches. */
const SLACK = 1 + 1e-9;

export function recheckStatement(stated: Statement): Recheck {
  const { epsilon, delta } = stated;
  const again = guarantee({
    recipe: recipe(stated.recipe),
    rowCount: stated.rowCount,
    columns: stated.columns,
    normBound: stated.normBound,
    adjacency: stated.adjacency,
    epsilon,
    delta,
    placement: stated.placement,
    granularity: stated.granularity,
    arithmeticError: stated.arithmeticError,
    ...(stated.targetBound === null ? {} : { targetBound: stated.targetBound }),
    ...(stated.clippingNorm === null ? {} : { clippingNorm: stated.clippingNorm }),
  });
  if (again.kind === 'refused') return fails(`no such guarantee can be had: ${again.reason}`);
  const { guarantee: own } = again;
  const error = worstError(stated);
  if (error > stated.supError * SLACK + 1e-12) {
    return fails(`the polynomial is off by ${error} on ±${stated.interval}, stated is η = ${stated.supError}`);
  }
  if (own.sensitivity > stated.sensitivity * SLACK) {
    return fails(`the sensitivity is ${own.sensitivity}, stated is ${stated.sensitivity}`);
  }
  if (stated.noiseStddev < stated.noiseMultiplier * stated.sensitivity * (2 - SLACK)) {
    return fails(`noise of ${stated.noiseStddev} is less than ${stated.noiseMultiplier} times the sensitivity`);
  }
  if (own.invariant.kind !== stated.invariant.kind) {
    return fails(`the interval is held by ${own.invariant.kind}, stated is ${stated.invariant.kind}`);
  }
  const charged = own.invariant.kind === 'coupling' ? couplingDelta({ epsilon, failure: own.invariant.failure }) : 0;
  const history = historyOf(own.literal, stated.placement, stated.noiseMultiplier);
  if (history.map(serializeMechanism).join('\n') !== stated.history.join('\n')) {
    return fails('the history is not that of this recipe at the stated noise');
  }
  const found = epsilonOf(history, delta - charged);
  if (found === undefined) return fails('no accountant covers the history');
  if (found > epsilon * SLACK) return fails(`ε is ${found} at δ = ${delta}, stated is ${epsilon}`);
  return { kind: 'holds', epsilon: found };
}

/** The largest |p − σ| on a grid over the interval: never above the true one, so a stated η below it is wrong for certain. */
function worstError({ coefficients, interval }: Statement): number {
  if (interval === null || coefficients.length === 0) return 0;
  const points = 4096;
  let worst = 0;
  for (let i = 0; i <= points; i += 1) {
    const z = interval * ((2 * i) / points - 1);
    worst = Math.max(worst, Math.abs(evaluateAt(coefficients, z) - 1 / (1 + Math.exp(-z))));
  }
  return worst;
}

const fails = (reason: string): Recheck => ({ kind: 'fails', reason });
