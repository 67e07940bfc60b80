// The statement that goes with a released model: everything its guarantee rests on, as plain data, and the check of it by someone who
// was not there. The check trusts nothing that it can compute: η is searched for again from the coefficients, Δ, the noise multiplier
// and ε are derived again by differential-privacy, and a field that is not what the recipe and the bounds make of it is named. What no
// check can see is whether the run was the one stated: who ran it signs for that.

import { serializeMechanism } from '@sumus/differential-privacy/mechanisms';
import { couplingDelta } from '@sumus/differential-privacy/sensitivity';
import { evaluateAt } from '../approximation/sigmoid.ts';
import { ParameterError } from '../errors.ts';
import { epsilonOf, type Guarantee, type GuaranteeLiteral, guarantee, historyOf } from './guarantee.ts';
import type { Invariant } from './invariant.ts';
import { type Recipe, type RecipeLiteral, recipe } from './recipe.ts';

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
  if (!isRecipe(used, literal)) throw new ParameterError('the guarantee was made for another recipe than is stated');
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

function isRecipe(used: Recipe, literal: RecipeLiteral): boolean {
  const words = ({ activation, ...rest }: Recipe): string => JSON.stringify([rest, activation?.coefficients]);
  return words(used) === words(recipe(literal));
}

export type Recheck =
  | { readonly kind: 'holds'; readonly epsilon: number }
  | { readonly kind: 'fails'; readonly reason: string };

/** How far a recomputed value may exceed a stated one: the roundings of two searches. */
const SLACK = 1 + 1e-9;
/** How far two machines' results of one search may lie apart. */
const SEARCH = 1e-9;

export function recheckStatement(stated: Statement): Recheck {
  try {
    return recheck(stated);
  } catch (cause) {
    // A statement comes from elsewhere: one that nobody could have made is not the checker's mistake.
    if (!(cause instanceof Error)) throw cause;
    return fails(`no guarantee can be stated like this: ${cause.message}`);
  }
}

function recheck(stated: Statement): Recheck {
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
  if (stated.targetBound !== null && own.literal.recipe.model.kind !== 'linear') {
    return fails('a bound on targets is stated, and the model has labels');
  }
  const error = worstError(stated);
  if (!(error <= stated.supError * SLACK + 1e-12)) {
    return fails(`the polynomial is off by ${error} on ±${stated.interval}, stated is η = ${stated.supError}`);
  }
  const other = difference(statementOf(own, stated.recipe), stated);
  if (other !== undefined) return fails(other);
  if (!(stated.noiseStddev >= stated.noiseMultiplier * stated.sensitivity * (2 - SLACK))) {
    return fails(`noise of ${stated.noiseStddev} is less than ${stated.noiseMultiplier} times the sensitivity`);
  }
  const charged = own.invariant.kind === 'coupling' ? couplingDelta({ epsilon, failure: own.invariant.failure }) : 0;
  const history = historyOf(own.literal, stated.placement, stated.noiseMultiplier);
  if (history.map(serializeMechanism).join('\n') !== stated.history.join('\n')) {
    return fails('the history is not that of this recipe at the stated noise');
  }
  const found = epsilonOf(history, delta - charged);
  if (found === undefined) return fails('no accountant covers the history');
  if (!(found <= epsilon * SLACK)) return fails(`ε is ${found} at δ = ${delta}, stated is ${epsilon}`);
  return { kind: 'holds', epsilon: found };
}

/** Where a statement is not the one that its recipe and its bounds make; the history is compared at the stated noise. */
function difference(own: Statement, stated: Statement): string | undefined {
  const values = new Map<string, unknown>(Object.entries(stated));
  const names = new Map<string, unknown>(Object.entries(own));
  for (const name of values.keys()) if (!names.has(name)) return `a statement has no ${name}`;
  for (const [name, value] of names) {
    if (name === 'history' || same(value, values.get(name))) continue;
    return `${name} is ${JSON.stringify(value)}, stated is ${JSON.stringify(values.get(name) ?? null)}`;
  }
  return undefined;
}

/** Numbers that a search found differ between machines by its tolerance; nothing else does. */
function same(own: unknown, stated: unknown): boolean {
  if (typeof own === 'number' && typeof stated === 'number') return Math.abs(own - stated) <= SEARCH * Math.abs(own);
  if (typeof own !== 'object' || own === null || typeof stated !== 'object' || stated === null) return own === stated;
  const [left, right] = [Object.entries(own), new Map<string, unknown>(Object.entries(stated))];
  return left.length === right.size && left.every(([name, value]) => right.has(name) && same(value, right.get(name)));
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
