// Test material: a shared key made by all its members in one process, messages handed over as they are, with the evaluation keys of a plan.

import type { GaloisKey, PublicKey } from '@sumus/lattice/ckks';
import {
  beginKey,
  beginRelinearisation,
  collectiveGaloisKey,
  collectiveRelinearisationKey,
  continueRelinearisation,
  finishKey,
  galoisContribution,
  type KeyEpoch,
  type KeyShare,
  revealKey,
} from '@sumus/lattice/shared-keys';
import { type EvaluationKeys, galoisElements } from '../execute/keys.ts';
import type { Plan } from '../parameters/plan.ts';

export interface SharedKey {
  readonly publicKey: PublicKey;
  readonly shares: ReadonlyMap<number, KeyShare>;
  readonly keys: EvaluationKeys;
}

export function foundSharedKey(epoch: KeyEpoch, plan: Plan): SharedKey {
  const { members } = epoch.roster;
  const begun = members.map((member) => beginKey(epoch, member));
  const commitments = begun.map(({ commitment }) => commitment);
  const revealed = begun.map(({ state }) => revealKey(state, commitments));
  const contributions = revealed.map(({ contribution }) => contribution);
  const finished = revealed.map(({ state }) =>
    finishKey(
      state,
      contributions,
      revealed.flatMap(({ dealings }) => dealings).filter(({ to }) => to === state.member),
      revealed.flatMap(({ pairSeeds }) => pairSeeds).filter(({ to }) => to === state.member),
    ),
  );
  const secrets = begun.map(({ state }) => state.secret);
  const one = members.map((member, i) => beginRelinearisation(epoch, member, secrets[i]));
  const first = one.map(({ contribution }) => contribution);
  const firstCommitments = one.map(({ commitment }) => commitment);
  const second = one.map(({ state }) => continueRelinearisation(state, firstCommitments, first));
  const galois = new Map<number, GaloisKey>();
  for (const element of galoisElements(plan)) {
    const parts = members.map((member, i) => galoisContribution(epoch, member, secrets[i], element));
    const key = collectiveGaloisKey(
      epoch,
      element,
      parts.map(({ commitment }) => commitment),
      parts.map(({ contribution }) => contribution),
    );
    galois.set(element, key);
  }
  return {
    publicKey: finished[0].publicKey,
    shares: new Map(finished.map(({ share }) => [share.member, share])),
    keys: { galois, relinearisation: collectiveRelinearisationKey(epoch, firstCommitments, first, second) },
  };
}
