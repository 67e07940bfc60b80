// Commit, then reveal: every member broadcasts the hash of its contribution before any contribution is seen. Otherwise the last to
// speak could choose b* = b − Σ b_j and hold the collective key alone (rogue key), or make the sum of relinearisation shares a
// polynomial from which the second round's answers give the secrets away.
//
// No randomness is mixed in: a contribution is an encryption, which nobody guesses.

import { sameBytes } from '../bytes.ts';
import { ProtocolViolation } from '../errors.ts';
import type { EvaluationPolynomial } from '../ring/polynomial.ts';
import type { Ring } from '../ring/ring.ts';
import type { KeyEpoch } from './epoch.ts';
import {
  type Commitment,
  type Contribution,
  onePerMember,
  requireBytes,
  requireReduced,
  type Step,
} from './messages.ts';
import { ascii, digest, numbers, residueBytes } from './transcript.ts';

export function contribution(
  { run }: KeyEpoch,
  step: Step,
  from: number,
  polynomials: readonly EvaluationPolynomial[],
): Contribution {
  return Object.freeze({ kind: 'contribution', run, step, from, polynomials: Object.freeze([...polynomials]) });
}

export function commitTo(epoch: KeyEpoch, of: Contribution): Commitment {
  return Object.freeze({
    kind: 'commitment',
    run: epoch.run,
    step: of.step,
    from: of.from,
    digest: contributionDigest(epoch, of),
  });
}

function contributionDigest({ lattice, run }: KeyEpoch, { step, from, polynomials }: Contribution): Uint8Array {
  return digest(
    lattice.primitives,
    'sumus/lattice/shared key/contribution',
    run,
    ascii(step),
    numbers([from]),
    ...polynomials.map(residueBytes),
  );
}

/** One commitment of every member to this step, in their order. */
export function checkCommitments(epoch: KeyEpoch, step: Step, commitments: readonly Commitment[]): Commitment[] {
  for (const { step: actual, from } of commitments) requireStep('commitment', step, actual, from);
  const ordered = onePerMember('commitment', epoch.run, epoch.roster.members, commitments);
  for (const { from, digest: bytes } of ordered) requireBytes('commitment', from, bytes);
  return ordered;
}

/** One contribution of every member to this step, in their order, `count` polynomials of `ring` each. */
export function checkContributions(
  epoch: KeyEpoch,
  step: Step,
  contributions: readonly Contribution[],
  shape: { readonly ring: Ring; readonly count: number },
): Contribution[] {
  for (const { step: actual, from } of contributions) requireStep('contribution', step, actual, from);
  const ordered = onePerMember('contribution', epoch.run, epoch.roster.members, contributions);
  for (const { from, polynomials } of ordered) {
    if (polynomials.length !== shape.count) {
      throw new ProtocolViolation(
        `contribution of member ${from} to ${step} has ${polynomials.length} polynomials, not ${shape.count}`,
      );
    }
    for (const p of polynomials) requireReduced(`contribution to ${step}`, from, p, shape.ring);
  }
  return ordered;
}

/** Every contribution is what its sender committed to. Both lists are checked and in order. */
export function checkOpened(
  epoch: KeyEpoch,
  commitments: readonly Commitment[],
  contributions: readonly Contribution[],
): void {
  contributions.forEach((c, i) => {
    if (!sameBytes(contributionDigest(epoch, c), commitments[i].digest)) {
      throw new ProtocolViolation(`contribution of member ${c.from} to ${c.step} is not what it committed to`);
    }
  });
}

function requireStep(what: string, expected: Step, actual: Step, from: number): void {
  if (actual !== expected) {
    throw new ProtocolViolation(`${what} of member ${from} belongs to ${actual}, this is ${expected}`);
  }
}
