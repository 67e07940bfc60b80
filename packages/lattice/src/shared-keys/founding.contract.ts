// Test material: a key founded by all its members in one process, messages handed over as they are. For every runtime.

import type { EncryptedVector } from '../integers/ciphertext.ts';
import { addVectors, encryptVector } from '../integers/index.ts';
import type { PublicKey } from '../keys/public-key.ts';
import { restrict } from '../keys/restrict.ts';
import type { SecretKey } from '../keys/secret-key.ts';
import type { Lattice } from '../lattice.ts';
import { toCoefficients, toIntegers } from '../ring/operations.ts';
import { type EvaluationPolynomial, evaluationPolynomial } from '../ring/polynomial.ts';
import { PRIME_BOUND, primesBelow } from '../ring/primes.ts';
import type { KeyEpoch } from './epoch.ts';
import { insecureSharedIntegerParameters, type SharedIntegerParameters } from './integers.ts';
import { beginKey, finishKey, revealKey } from './key-generation.ts';
import type { KeyShare } from './key-share.ts';
import type { Commitment, Contribution } from './messages.ts';
import { beginReshare, dealReshare, finishReshare, reshareEpoch } from './resharing.ts';
import type { ActiveSet, Roster } from './roster.ts';
import { lagrangeScalars } from './shamir.ts';
import { sumOf } from './sum-of-polynomials.ts';

export interface Founded {
  readonly lattice: Lattice;
  readonly epoch: KeyEpoch;
  readonly publicKey: PublicKey;
  /** By member number. */
  readonly shares: ReadonlyMap<number, KeyShare>;
  /** What no real run ever has in one place. */
  readonly secrets: readonly SecretKey[];
  readonly commitments: readonly Commitment[];
  readonly contributions: readonly Contribution[];
}

export function found(epoch: KeyEpoch): Founded {
  const { members } = epoch.roster;
  const begun = members.map((member) => beginKey(epoch, member));
  const commitments = begun.map(({ commitment }) => commitment);
  const revealed = begun.map(({ state }) => revealKey(state, commitments));
  const contributions = revealed.map(({ contribution }) => contribution);
  const dealings = revealed.flatMap((r) => r.dealings);
  const pairSeeds = revealed.flatMap((r) => r.pairSeeds);
  const finished = revealed.map(({ state }) =>
    finishKey(
      state,
      contributions,
      dealings.filter(({ to }) => to === state.member),
      pairSeeds.filter(({ to }) => to === state.member),
    ),
  );
  return {
    lattice: epoch.lattice,
    epoch,
    publicKey: finished[0].publicKey,
    shares: new Map(finished.map(({ share }) => [share.member, share])),
    secrets: begun.map(({ state }) => state.secret),
    commitments,
    contributions,
  };
}

export function shareOf({ shares }: Founded, member: number): KeyShare {
  const share = shares.get(member);
  if (share === undefined) throw new Error(`no share of member ${member}`);
  return share;
}

/** s, over all primes. */
export function collectiveSecret({ secrets }: Founded): EvaluationPolynomial {
  return sumOf(secrets.map((secret) => secret.reveal()));
}

/** Coefficients of c0 + c1·s. */
export function phase(founded: Founded, c0: EvaluationPolynomial, c1: EvaluationPolynomial): bigint[] {
  return toIntegers(toCoefficients(evaluate(c0, c1, restrict(collectiveSecret(founded), c0.ring))));
}

function evaluate(c0: EvaluationPolynomial, c1: EvaluationPolynomial, s: EvaluationPolynomial): EvaluationPolynomial {
  const { ring } = c0;
  const residues = Uint32Array.from(c0.residues, (x, i) => {
    const { q } = ring.moduli[Math.floor(i / ring.degree)];
    return Number((BigInt(x) + BigInt(c1.residues[i]) * BigInt(s.residues[i])) % BigInt(q));
  });
  return evaluationPolynomial(ring, residues);
}

export interface InsecureChoice {
  readonly members?: readonly number[];
  readonly threshold?: number;
  readonly degree?: number;
  readonly primeCount?: number;
  readonly decryptions?: number;
  readonly additions?: number;
  readonly lanes?: number;
}

/** No security: a small ring with room for the flooding all the same. */
export function insecureParameters(choice: InsecureChoice = {}): SharedIntegerParameters {
  const { members = [1, 2, 3, 4, 5], threshold = 3, degree = 64, primeCount = 5, decryptions = 100 } = choice;
  return insecureSharedIntegerParameters({
    integers: {
      degree,
      primes: primesBelow(PRIME_BOUND, primeCount, degree),
      plaintext: { kind: 'lanes', valueBits: 16, signed: true, lanes: choice.lanes ?? 1 },
      additions: choice.additions ?? 10,
    },
    members,
    threshold,
    decryptions,
  });
}

/** One vector of every party, and their sum. */
export function encryptedSum(
  founded: Founded & SharedIntegerParameters,
  values: readonly (readonly number[])[],
): { readonly summands: EncryptedVector[]; readonly sum: EncryptedVector } {
  const { lattice, publicKey, integers } = founded;
  const summands = values.map((own) => encryptVector(lattice, publicKey, integers, own));
  const [first, ...rest] = summands;
  return { summands, sum: rest.reduce((total, next) => addVectors(lattice, total, next), first) };
}

/** All of a resharing in one process. */
export function reshareTogether(
  before: KeyEpoch,
  shares: ReadonlyMap<number, KeyShare>,
  dealers: ActiveSet,
  members: Roster,
): { readonly next: KeyEpoch; readonly shares: ReadonlyMap<number, KeyShare> } {
  const next = reshareEpoch(before, dealers, members);
  const dealings = dealers.members.flatMap((member) => dealReshare(shareAmong(shares, member), dealers, next));
  const begun = members.members.map((member) => beginReshare(next, member));
  const pairSeeds = begun.flatMap((b) => b.pairSeeds);
  const made = begun.map(({ state }) =>
    finishReshare(
      state,
      dealers,
      dealings.filter(({ to }) => to === state.member),
      pairSeeds.filter(({ to }) => to === state.member),
    ),
  );
  return { next, shares: new Map(made.map((share) => [share.member, share])) };
}

export function shareAmong(shares: ReadonlyMap<number, KeyShare>, member: number): KeyShare {
  const share = shares.get(member);
  if (share === undefined) throw new Error(`no share of member ${member}`);
  return share;
}

/** What interpolating these shares gives. */
export function interpolate(shares: readonly KeyShare[]): EvaluationPolynomial {
  const members = shares.map(({ member }) => member);
  return sumOf(
    shares.map((share) => {
      const p = share.reveal();
      const residues = p.residues.map((x, i) => {
        const limb = Math.floor(i / p.ring.degree);
        const { value } = lagrangeScalars(members, share.member, p.ring)[limb];
        return Number((BigInt(x) * BigInt(value)) % BigInt(p.ring.moduli[limb].q));
      });
      return evaluationPolynomial(p.ring, residues);
    }),
  );
}
