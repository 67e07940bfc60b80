// Making a key that nobody holds (MTBH21, eprint 2020/304, §4; shared as in MBH23, eprint 2022/780, §3). Party i draws s_i; the
// secret key is s = Σ s_i, which is computed nowhere.
//
//   begin    s_i ← ternary, b_i = −a·s_i + e_i with a from the public seed; broadcast a commitment to b_i
//   reveal   all commitments are there: broadcast b_i; send every member j its value S_i(α_j) of a random polynomial with S_i(0) = s_i
//   finish   all b_i are what was committed to: the public key is (Σ b_i, a); the own share is S(α) = Σ_i S_i(α)
//
// Each transition takes a state and all messages of the round and gives the next state and what to send; nothing is kept anywhere
// else. A state is used once. Parties are assumed to follow the protocol when they deal (wrong dealings make decryption fail;
// certification.ts finds that out before anything is encrypted); what can be checked on arrival is.

import { sameBytes } from '../bytes.ts';
import { ParameterError, ProtocolViolation } from '../errors.ts';
import { generateSecretKey } from '../keys/generate.ts';
import { generatePublicKey, type PublicKey } from '../keys/public-key.ts';
import type { SecretKey } from '../keys/secret-key.ts';
import { expandUniform } from '../random/index.ts';
import { type EvaluationPolynomial, wipePolynomial } from '../ring/polynomial.ts';
import { checkCommitments, checkContributions, checkOpened, commitTo, contribution } from './commitments.ts';
import { commonSeed, type KeyEpoch } from './epoch.ts';
import { KeyShare } from './key-share.ts';
import {
  type Commitment,
  type Contribution,
  type Dealing,
  onePerMember,
  PAIR_SEED_BYTES,
  type PairSeed,
  requireAddressee,
  requireBytes,
  requireReduced,
  secretMessage,
} from './messages.ts';
import { pairKey, pairSeedsOf } from './pair-masks.ts';
import { type PartySecret, partySeed, withPartySeed } from './party-randomness.ts';
import { requireMember } from './roster.ts';
import { dealShares } from './shamir.ts';
import { sumOf } from './sum-of-polynomials.ts';

const STEP = 'public key';

export interface KeyBegun {
  readonly phase: 'begun';
  readonly epoch: KeyEpoch;
  readonly member: number;
  /** SECRET: s_i; it also makes this party's shares of evaluation keys. Wipe it when those are made. */
  readonly secret: SecretKey;
  readonly contribution: Contribution;
}

export interface KeyRevealed {
  readonly phase: 'revealed';
  readonly epoch: KeyEpoch;
  readonly member: number;
  readonly secret: SecretKey;
  readonly commitments: readonly Commitment[];
  /** SECRET: what this party dealt itself, and the halves of pair keys it sent. */
  readonly own: Dealing;
  readonly pairSeeds: readonly PairSeed[];
}

/** Round 0. Broadcast `commitment`. */
export function beginKey(
  epoch: KeyEpoch,
  member: number,
): { readonly state: KeyBegun; readonly commitment: Commitment } {
  requireMember(epoch.roster, member);
  const { lattice, ring, dataRing, parameters } = epoch;
  const { secret: distribution, error } = parameters.scheme;
  const secret = generateSecretKey(lattice, ring, distribution);
  const { b } = generatePublicKey(lattice, dataRing, secret, commonSeed(epoch, STEP), { error });
  const revealed = contribution(epoch, STEP, member, [b]);
  return {
    state: { phase: 'begun', epoch, member, secret, contribution: revealed },
    commitment: commitTo(epoch, revealed),
  };
}

/**
 * Round 1. `commitments`: of all members, the own one included. Broadcast `contribution`; send each dealing and pair seed, sealed. A
 * repeat gives the same messages: one secret is never dealt by two polynomials (party-randomness.ts).
 */
export function revealKey(
  state: KeyBegun,
  commitments: readonly Commitment[],
): {
  readonly state: KeyRevealed;
  readonly contribution: Contribution;
  readonly dealings: readonly Dealing[];
  readonly pairSeeds: readonly PairSeed[];
} {
  const { epoch, member, secret } = state;
  const checked = checkCommitments(epoch, STEP, commitments);
  requireEcho(checked, commitTo(epoch, state.contribution));
  const party = { primitives: epoch.lattice.primitives, run: epoch.run, member, secret: secret.reveal() };
  const dealings = deal(epoch, party, party.secret);
  const [own] = dealings.filter(({ to }) => to === member);
  const pairSeeds = pairSeedsOf(epoch, member, (other) => partySeed(party, `pair seed for ${other}`));
  return {
    state: { phase: 'revealed', epoch, member, secret, commitments: checked, own, pairSeeds: ownCopies(pairSeeds) },
    contribution: state.contribution,
    dealings: dealings.filter(({ to }) => to !== member),
    pairSeeds,
  };
}

/** The values of a sharing of `value` for all members of an epoch, by a polynomial that `party` draws for that epoch. */
export function deal(
  { roster, run }: KeyEpoch,
  party: Omit<PartySecret, 'run'>,
  value: EvaluationPolynomial,
): Dealing[] {
  const { primitives, member: from } = party;
  const { members, threshold } = roster;
  const values = withPartySeed({ ...party, run }, 'dealing', (seed) =>
    dealShares({ primitives, secret: value, members, threshold, seed }),
  );
  return members.map((to, i) => secretMessage({ kind: 'dealing', run, from, to, share: values[i] }));
}

/**
 * Round 2, the last. `contributions`: of all members, the own one included; `dealings` and `pairSeeds`: of all others, addressed to this
 * one. The share is this member's to keep; dealings and pair seeds are wiped.
 */
export function finishKey(
  state: KeyRevealed,
  contributions: readonly Contribution[],
  dealings: readonly Dealing[],
  pairSeeds: readonly PairSeed[],
): { readonly publicKey: PublicKey; readonly share: KeyShare } {
  const { epoch, member } = state;
  const publicKey = collectivePublicKey(epoch, state.commitments, contributions);
  const share = assembleShare(
    epoch,
    member,
    epoch.roster.members,
    [...dealings, state.own],
    pairSeeds,
    state.pairSeeds,
  );
  wipeSecretMessages([...dealings, state.own], [...pairSeeds, ...state.pairSeeds]);
  return { publicKey, share };
}

/** The sum of all contributions. Anybody can compute it: servers and encryptors do so from the broadcasts. */
export function collectivePublicKey(
  epoch: KeyEpoch,
  commitments: readonly Commitment[],
  contributions: readonly Contribution[],
): PublicKey {
  const { lattice, dataRing } = epoch;
  const committed = checkCommitments(epoch, STEP, commitments);
  const opened = checkContributions(epoch, STEP, contributions, { ring: dataRing, count: 1 });
  checkOpened(epoch, committed, opened);
  const seed = commonSeed(epoch, STEP);
  return Object.freeze({
    ring: dataRing,
    b: sumOf(opened.map(({ polynomials: [b] }) => b)),
    a: expandUniform(dataRing, lattice.primitives, seed, 0),
    seed,
  });
}

/** S(α) = Σ S_i(α) over the dealers, and the pair keys with all other members of the epoch. Checks everything it is given. */
export function assembleShare(
  epoch: KeyEpoch,
  member: number,
  dealers: readonly number[],
  dealings: readonly Dealing[],
  received: readonly PairSeed[],
  sent: readonly PairSeed[],
): KeyShare {
  const { run, ring, roster } = epoch;
  requireMember(roster, member);
  const complete = onePerMember('dealing', run, dealers, dealings);
  for (const dealing of complete) {
    requireAddressee('dealing', dealing, member);
    requireReduced('dealing', dealing.from, dealing.share, ring);
    // Overwritten by an earlier use: an honest value is zero everywhere with probability 1/|R_q|.
    if (dealing.share.residues.reduce((bits, x) => bits | x, 0) === 0) {
      throw new ParameterError(`the dealing of member ${dealing.from} has been used: it is all zeros`);
    }
  }
  const others = roster.members.filter((other) => other !== member);
  const seeds = onePerMember('pair seed', run, others, received);
  const pairKeys = new Map<number, Uint8Array>();
  for (const theirs of seeds) {
    requireAddressee('pair seed', theirs, member);
    requireBytes('pair seed', theirs.from, theirs.seed, PAIR_SEED_BYTES);
    const ours = sent.find(({ to }) => to === theirs.from);
    if (ours === undefined) throw new ParameterError(`no pair seed was drawn for member ${theirs.from}`);
    pairKeys.set(theirs.from, pairKey(epoch, ours, theirs));
  }
  return new KeyShare(epoch, member, sumOf(complete.map(({ share }) => share)), pairKeys);
}

/** What a party keeps of what it sent: wiped with its state, whatever becomes of the messages. */
export function ownCopies(pairSeeds: readonly PairSeed[]): PairSeed[] {
  return pairSeeds.map((message) => secretMessage({ ...message, seed: message.seed.slice() }));
}

/** Overwrites the secret part of messages that are done with. */
export function wipeSecretMessages(dealings: readonly Dealing[], pairSeeds: readonly PairSeed[]): void {
  for (const { share } of dealings) wipePolynomial(share);
  for (const { seed } of pairSeeds) seed.fill(0);
}

function requireEcho(commitments: readonly Commitment[], own: Commitment): void {
  const echo = commitments.find(({ from }) => from === own.from);
  if (echo === undefined || !sameBytes(echo.digest, own.digest)) {
    throw new ProtocolViolation(`the commitment of member ${own.from} came back changed`);
  }
}
