// How many neighbours a member has (k), how many shares open a secret (t), and how many corrupt members a sharing set has at most
// (c): from the number of members and from the fractions that are corrupt and that drop out. Everybody computes them from the
// configuration and the roster; nobody is told (specification §1.3). A sharing set is a member and its neighbours, K = k + 1 (point 2).
//
//   c   smallest with n · P[corrupt neighbours > c] ≤ 2^−40
//   t   ⌊(K + c)/2⌋ + 1 against a malicious coordinator; c + 1 against one that only looks
//   k   the smallest even number with n · P[living neighbours < t] ≤ 2^−30 and n · (γ + δ)^(k/2) ≤ 2^−40 (that the graph of the
//       honest and living stays connected; Bell and others, CCS 2020, eprint 2020/704)

import { ParameterError } from '../errors.ts';
import { maskThreshold } from '../floors/index.ts';
import { type Draw, hypergeometric, isRarelyBelow, smallestBound } from './tails.ts';

export const PRIVACY_BITS = 40;
export const CORRECTNESS_BITS = 30;
/** Evaluation points of GF(2^8) without 0, which would be the secret itself. */
export const SHARING_SET_AT_MOST = 255;

/** What the coordinator may do: anything, or only look. Floors accept the former alone. */
export type Adversary = 'malicious' | 'semi-honest';

export interface MaskParameters {
  readonly graph: 'complete' | 'sparse';
  /** n */
  readonly members: number;
  /** k */
  readonly neighbours: number;
  /** K = k + 1 */
  readonly sharingSet: number;
  /** t */
  readonly threshold: number;
  /** c */
  readonly corrupt: number;
}

export interface Fractions {
  /** γ, in [0, 1/2) */
  readonly corruptFraction: number;
  /** δ, in [0, 1) */
  readonly dropoutFraction: number;
}

/** Fractions of members, upwards: 0.1 of 100 are 10, whatever a product of doubles says. */
export function countOf(fraction: number, members: number): number {
  return Math.ceil(fraction * members - 1e-9);
}

/**
 * Everybody is everybody's neighbour. `corrupt` is at most ⌊n/3⌋ unless said otherwise, which gives the t = ⌊2n/3⌋ + 1 of Bonawitz
 * and others (CCS 2017). Up to n − t members may drop out: of three members none, unless corrupt = 0 is said, which trusts all.
 */
export function completeParameters(members: number, corrupt: number = Math.floor(members / 3)): MaskParameters {
  requireCount('members', members, 2);
  if (members > SHARING_SET_AT_MOST) {
    throw new ParameterError(
      `a complete graph of ${members} members needs more than ${SHARING_SET_AT_MOST} evaluation points; use a sparse one`,
    );
  }
  if (!Number.isInteger(corrupt) || corrupt < 0 || 2 * corrupt >= members) {
    throw new ParameterError(`${corrupt} corrupt of ${members} members are not fewer than half`);
  }
  const threshold = maskThreshold(members, corrupt);
  return Object.freeze({
    graph: 'complete',
    members,
    neighbours: members - 1,
    sharingSet: members,
    threshold,
    corrupt,
  });
}

/** undefined: so few members, or so bad fractions, that no sparse graph will do; then the complete one. */
export function sparseParameters(
  members: number,
  fractions: Fractions,
  adversary: Adversary = 'malicious',
): MaskParameters | undefined {
  requireCount('members', members, 2);
  requireFractions(fractions);
  const corruptMembers = countOf(fractions.corruptFraction, members);
  const dropouts = countOf(fractions.dropoutFraction, members);
  // A member's neighbours are drawn from the others; it is honest and alive itself.
  const population = members - 1;
  if (corruptMembers + dropouts >= population) return undefined;
  for (let neighbours = 2; neighbours <= population; neighbours += 2) {
    if (!isConnected(members, corruptMembers + dropouts, neighbours)) continue;
    const corrupt = corruptBound({ population, marked: corruptMembers, draws: neighbours }, members);
    const sharingSet = neighbours + 1;
    const threshold = adversary === 'malicious' ? maskThreshold(sharingSet, corrupt) : corrupt + 1;
    const living = hypergeometric({ population, marked: population - dropouts, draws: neighbours });
    if (threshold <= neighbours && isRarelyBelow(living, threshold, members, CORRECTNESS_BITS)) {
      return Object.freeze({ graph: 'sparse', members, neighbours, sharingSet, threshold, corrupt });
    }
  }
  return undefined;
}

/** What a participant itself takes for c, for its own γ, whatever was proposed. */
export function corruptInSharingSet(
  graph: MaskParameters['graph'],
  members: number,
  neighbours: number,
  gamma: number,
): number {
  if (graph === 'complete') return Math.floor(gamma * members + 1e-9);
  const marked = countOf(gamma, members);
  return corruptBound({ population: members - 1, marked, draws: neighbours }, members);
}

const corruptBound = (draw: Draw, members: number): number =>
  smallestBound(hypergeometric(draw), members, PRIVACY_BITS);

/** n · (bad/n)^(k/2) ≤ 2^−40, in whole numbers. */
function isConnected(members: number, bad: number, neighbours: number): boolean {
  const half = BigInt(neighbours / 2);
  return (BigInt(members) << BigInt(PRIVACY_BITS)) * BigInt(bad) ** half <= BigInt(members) ** half;
}

function requireFractions({ corruptFraction, dropoutFraction }: Fractions): void {
  if (!(corruptFraction >= 0 && corruptFraction < 0.5) || !(dropoutFraction >= 0 && dropoutFraction < 1)) {
    throw new ParameterError(`γ = ${corruptFraction} is not in [0, 1/2), or δ = ${dropoutFraction} is not in [0, 1)`);
  }
}

function requireCount(what: string, value: number, lowest: number): void {
  if (!Number.isSafeInteger(value) || value < lowest || value > 2 ** 24) {
    throw new ParameterError(`${what} is ${value}, not a whole number from ${lowest} to 2^24`);
  }
}
