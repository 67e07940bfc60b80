// Evaluation keys for a secret that nobody holds, from every party's own secret s_i, while it still has it (after that: a new key).
//
// Galois keys are linear in the secret and take one round: each party makes the key for its own s_i with the common random polynomials,
// and the sums are the key (MTBH21, eprint 2020/304, §4.3). Its error is √n times a single party's.
//
// Relinearisation needs s² = (Σ s_i)², which is not linear, hence two rounds (ibid., RelinKeyGen; in the hybrid gadget form of
// keys/key-switching-key.ts: w_d = P·g_d, a_d common, u_i a fresh ternary secret of each party for this alone):
//   round 1   h0_i,d = −u_i·a_d + w_d·s_i + e          h1_i,d = s_i·a_d + e          H0 = Σ h0_i,  H1 = Σ h1_i
//   round 2   k0_i,d = s_i·H0_d + e                     k1_i,d = (u_i − s_i)·H1_d + e
//   key       b_d = Σ (k0_i,d + k1_i,d),  a_d′ = H1_d :  b_d + a_d′·s = w_d·s² + s·E0 + u·E1 + E2 + E3,
// so its error has deviation ≈ n·σ·√(4N/3), where a single party's is σ: 9 to 14 bits more. The key carries n, and the evaluator counts
// it in its estimates (relinearisationErrorFactor).
//
// Round 1 is committed to before it is revealed (commitments.ts). Without that the last party could make H0 a polynomial of its
// choice, a constant for instance, and read everybody's s_i in k0_i.
//
// REPEATS. The common polynomials of a step are fixed by the epoch, so fresh errors at a repeat would give s_i away to whoever averages
// over the repeats. Every error, and u_i, is therefore a function of s_i, the run, the step and, in round 2, of H0 and H1
// (party-randomness.ts): a party that repeats a step, after a restart too, sends the same bytes again.
// Round 1 is revealed ONCE in a run: who has seen it can commit to a summand that makes H1 a constant, and a second round 2 would tell
// u_i − s_i. So a party answers for one set of commitments in a run: `continueRelinearisation` refuses a second while the process
// lives; keep the commitments with the secret where it must survive a restart. Where they went wrong: a new key.

import { sameBytes, toHex } from '../bytes.ts';
import { ProtocolViolation } from '../errors.ts';
import { encryptZeroSymmetric } from '../keys/encrypt-zero.ts';
import { type GaloisKey, generateGaloisKey, type RelinearisationKey } from '../keys/evaluation-key.ts';
import { generateSecretKey } from '../keys/generate.ts';
import { generateKeySwitchingKey, type KeySwitchingKey } from '../keys/key-switching-key.ts';
import type { SecretKey } from '../keys/secret-key.ts';
import { expandUniform, RandomStream, sampleSmall } from '../random/index.ts';
import {
  allocateBlock,
  forwardBlock,
  loadBlock,
  multiplyAddBlock,
  negateBlock,
  readBlock,
  signedToBlock,
  subtractBlock,
} from '../ring/blocks.ts';
import { type EvaluationPolynomial, evaluationPolynomial } from '../ring/polynomial.ts';
import { checkCommitments, checkContributions, checkOpened, commitTo, contribution } from './commitments.ts';
import { commonSeed, type KeyEpoch, layoutOf } from './epoch.ts';
import type { Commitment, Contribution, Step } from './messages.ts';
import { type PartySecret, withPartySeed } from './party-randomness.ts';
import { requireMember } from './roster.ts';
import { sumOf } from './sum-of-polynomials.ts';
import { digest, residueBytes } from './transcript.ts';

/** In round 2 the errors of the first half have their digits' numbers as stream index, those of the second half these and more. */
const SECOND_HALF = 2 ** 20;

/**
 * One party's part of the key for X → X^element: the same at every call. Broadcast the commitment, then, when all are there, the
 * contribution.
 */
export function galoisContribution(
  epoch: KeyEpoch,
  member: number,
  secret: SecretKey,
  element: number,
): { readonly commitment: Commitment; readonly contribution: Contribution } {
  requireMember(epoch.roster, member);
  const step: Step = `rotation ${element}`;
  const { lattice, parameters } = epoch;
  const { error } = parameters.scheme;
  const layout = layoutOf(epoch);
  const { key } = withPartySeed(party(epoch, member, secret), step, (seed) =>
    generateGaloisKey(lattice, layout, secret, element, commonSeed(epoch, step), { seed, error }),
  );
  const own = contribution(
    epoch,
    step,
    member,
    key.digits.map(({ b }) => b),
  );
  return { commitment: commitTo(epoch, own), contribution: own };
}

/** The Galois key from everybody's parts. Public. */
export function collectiveGaloisKey(
  epoch: KeyEpoch,
  element: number,
  commitments: readonly Commitment[],
  contributions: readonly Contribution[],
): GaloisKey {
  const step: Step = `rotation ${element}`;
  const layout = layoutOf(epoch);
  const opened = openStep(epoch, step, commitments, contributions, layout.digits.length);
  const seed = commonSeed(epoch, step);
  const digits = layout.digits.map((_, d) =>
    Object.freeze({
      b: sumOf(opened.map(({ polynomials }) => polynomials[d])),
      a: expandUniform(epoch.ring, epoch.lattice.primitives, seed, d),
    }),
  );
  return Object.freeze({
    kind: 'galois',
    element,
    key: Object.freeze({ layout, digits: Object.freeze(digits), seed }),
  });
}

const ROUND_ONE = 'relinearisation 1';
const ROUND_TWO = 'relinearisation 2';

export interface RelinearisationBegun {
  readonly phase: 'relinearisation begun';
  readonly epoch: KeyEpoch;
  readonly member: number;
  readonly secret: SecretKey;
  /** SECRET: u_i. */
  readonly ephemeral: SecretKey;
}

/** Round 1, the same at every call: broadcast the commitment, then, when all are there, the contribution. */
export function beginRelinearisation(
  epoch: KeyEpoch,
  member: number,
  secret: SecretKey,
): { readonly state: RelinearisationBegun; readonly commitment: Commitment; readonly contribution: Contribution } {
  requireMember(epoch.roster, member);
  const { lattice, ring } = epoch;
  const { error, secret: distribution } = epoch.parameters.scheme;
  const layout = layoutOf(epoch);
  const crs = commonSeed(epoch, ROUND_ONE);
  const from = party(epoch, member, secret);
  const ephemeral = withPartySeed(from, `${ROUND_ONE}, u`, (seed) =>
    generateSecretKey(lattice, ring, distribution, seed),
  );
  const first = withPartySeed(from, `${ROUND_ONE}, h0`, (seed) =>
    generateKeySwitchingKey(lattice, layout, secret.reveal(), ephemeral.reveal(), crs, { seed, error }),
  );
  // −(−s_i·a_d + e): the error is symmetric.
  const second = withPartySeed(from, `${ROUND_ONE}, h1`, (seed) =>
    layout.digits.map((_, d) =>
      ring.engine.memory.secretScope(() => {
        const h = allocateBlock(ring);
        encryptZeroSymmetric(lattice, secret, ring, error, crs, d, seed, h);
        negateBlock(ring, h, h);
        return evaluationPolynomial(ring, readBlock(ring, h));
      }),
    ),
  );
  const own = contribution(epoch, ROUND_ONE, member, [...first.digits.map(({ b }) => b), ...second]);
  return {
    state: { phase: 'relinearisation begun', epoch, member, secret, ephemeral },
    commitment: commitTo(epoch, own),
    contribution: own,
  };
}

/** Of every secret: which commitments it has answered for, by run. */
const answered = new WeakMap<SecretKey, Map<string, Uint8Array>>();

/** Refuses to answer for a second set of commitments in one run: see REPEATS above. */
function requireFirstAnswer(epoch: KeyEpoch, secret: SecretKey, commitments: readonly Commitment[]): void {
  const runs = answered.get(secret) ?? new Map<string, Uint8Array>();
  answered.set(secret, runs);
  const ordered = checkCommitments(epoch, ROUND_ONE, commitments).map(({ digest: bytes }) => bytes);
  const name = digest(epoch.lattice.primitives, 'sumus/lattice/shared key/commitments', epoch.run, ...ordered);
  const before = runs.get(toHex(epoch.run));
  if (before !== undefined && !sameBytes(before, name)) {
    throw new ProtocolViolation('relinearisation was answered for other commitments before: make a new key');
  }
  runs.set(toHex(epoch.run), name);
}

/** Round 2: broadcast the contribution. u_i is wiped: a state makes one contribution. */
export function continueRelinearisation(
  state: RelinearisationBegun,
  commitments: readonly Commitment[],
  contributions: readonly Contribution[],
): Contribution {
  const { epoch, member, secret, ephemeral } = state;
  const { ring } = epoch;
  const { h0, h1 } = sumsOfRoundOne(epoch, commitments, contributions);
  const s = secret.reveal();
  const u = ephemeral.reveal();
  requireFirstAnswer(epoch, secret, commitments);
  const sums = [...h0, ...h1].map(residueBytes);
  const polynomials = withPartySeed(
    party(epoch, member, secret),
    ROUND_TWO,
    (seed) => {
      const half = (index: number, sum: EvaluationPolynomial, factor: (block: number) => void): EvaluationPolynomial =>
        ring.engine.memory.secretScope(() => {
          const out = smallErrorBlock(epoch, seed, index);
          const times = loadBlock(s);
          factor(times);
          multiplyAddBlock(ring, out, times, loadBlock(sum));
          return evaluationPolynomial(ring, readBlock(ring, out));
        });
      const first = h0.map((sum, d) => half(d, sum, () => undefined));
      const second = h1.map((sum, d) =>
        half(SECOND_HALF + d, sum, (block) => subtractBlock(ring, block, loadBlock(u), block)),
      );
      return [...first, ...second];
    },
    ...sums,
  );
  ephemeral.wipe();
  return contribution(epoch, ROUND_TWO, member, polynomials);
}

/** For party-randomness.ts. */
function party({ lattice, run }: KeyEpoch, member: number, secret: SecretKey): PartySecret {
  return { primitives: lattice.primitives, run, member, secret: secret.reveal() };
}

/** The relinearisation key from everything that was broadcast. Public. */
export function collectiveRelinearisationKey(
  epoch: KeyEpoch,
  commitments: readonly Commitment[],
  roundOne: readonly Contribution[],
  roundTwo: readonly Contribution[],
): RelinearisationKey {
  const { h1 } = sumsOfRoundOne(epoch, commitments, roundOne);
  const layout = layoutOf(epoch);
  const count = layout.digits.length;
  const second = checkContributions(epoch, ROUND_TWO, roundTwo, { ring: epoch.ring, count: 2 * count });
  const digits = h1.map((a, d) =>
    Object.freeze({ b: sumOf(second.flatMap(({ polynomials }) => [polynomials[d], polynomials[count + d]])), a }),
  );
  const key: KeySwitchingKey = Object.freeze({ layout, digits: Object.freeze(digits) });
  return Object.freeze({ kind: 'relinearisation', parties: epoch.parameters.keyParties, key });
}

function sumsOfRoundOne(
  epoch: KeyEpoch,
  commitments: readonly Commitment[],
  contributions: readonly Contribution[],
): { readonly h0: EvaluationPolynomial[]; readonly h1: EvaluationPolynomial[] } {
  const count = layoutOf(epoch).digits.length;
  const opened = openStep(epoch, ROUND_ONE, commitments, contributions, 2 * count);
  const sums = Array.from({ length: 2 * count }, (_, i) => sumOf(opened.map(({ polynomials }) => polynomials[i])));
  return { h0: sums.slice(0, count), h1: sums.slice(count) };
}

function openStep(
  epoch: KeyEpoch,
  step: Step,
  commitments: readonly Commitment[],
  contributions: readonly Contribution[],
  count: number,
): Contribution[] {
  const committed = checkCommitments(epoch, step, commitments);
  const opened = checkContributions(epoch, step, contributions, { ring: epoch.ring, count });
  checkOpened(epoch, committed, opened);
  return opened;
}

/** A fresh error, transformed, in scratch. Inside a secret scope. */
function smallErrorBlock({ lattice, ring, parameters }: KeyEpoch, seed: Uint8Array, index: number): number {
  const { memory } = ring.engine;
  const signed = memory.allocate(ring.limbBytes);
  const stream = new RandomStream(lattice.primitives, seed, 'err0', index);
  try {
    sampleSmall(ring.engine, stream, parameters.scheme.error, signed, ring.degree);
  } finally {
    stream.wipe();
  }
  const block = allocateBlock(ring);
  signedToBlock(ring, block, signed);
  forwardBlock(ring, block);
  return block;
}
