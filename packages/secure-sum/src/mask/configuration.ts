// What mask adds to a round's configuration, and what follows from it and the number of members: everybody derives the graph, t and c
// (parameters.ts), so there is no threshold that a coordinator could lower. Who was told another configuration has another context.

import { sameBytes } from '../canonical/index.ts';
import type { OpenContext } from '../context/index.ts';
import { configurationHash, type RoundConfiguration } from '../context/index.ts';
import { ParameterError } from '../errors.ts';
import type { MaskProposal } from '../floors/index.ts';
import type { Role } from '../identity/index.ts';
import type { Hashing } from '../primitives.ts';
import { WORD_BITS_AT_MOST } from './key-stream.ts';
import {
  completeParameters,
  type Fractions,
  type MaskParameters,
  SHARING_SET_AT_MOST,
  sparseParameters,
} from './parameters.ts';

/** Who may take part: who has data. A committee's members open sums of others; a certificate for that is none for this. */
export const MASK_ROLES: readonly Role[] = Object.freeze<Role[]>(['silo', 'device']);

/** Keys of an advertisement: one for masks, one for boxes. */
export const MASK_KEYS = 2;

export interface MaskRules extends Fractions {
  /** 'sparse' where a sparse graph of so many members exists, else complete. */
  readonly graph: 'complete' | 'sparse';
}

/** `own` of a RoundConfiguration. On the complete graph ⌊γ·n⌋ members are corrupt; γ = 1/3 gives t = ⌊2n/3⌋ + 1. */
export function maskRules({ graph, corruptFraction, dropoutFraction }: MaskRules): RoundConfiguration['own'] {
  return Object.freeze({ graph, corruptFraction, dropoutFraction });
}

export function rulesOf({ protocol, own, wordBits }: RoundConfiguration): MaskRules {
  const { graph, corruptFraction, dropoutFraction, ...others } = own;
  const sound =
    protocol === 'mask' &&
    (graph === 'complete' || graph === 'sparse') &&
    typeof corruptFraction === 'number' &&
    typeof dropoutFraction === 'number' &&
    Object.keys(others).length === 0;
  if (!sound) throw new ParameterError('this is not the configuration of a round of mask');
  if (wordBits > WORD_BITS_AT_MOST) {
    throw new ParameterError(`words of ${wordBits} bits: masks have at most ${WORD_BITS_AT_MOST}`);
  }
  return { graph, corruptFraction, dropoutFraction };
}

/** Graph, k, t and c for so many members. */
export function parametersFor(configuration: RoundConfiguration, members: number): MaskParameters {
  const rules = rulesOf(configuration);
  const sparse = rules.graph === 'sparse' ? sparseParameters(members, rules) : undefined;
  const found = sparse ?? completeParameters(members, Math.floor(rules.corruptFraction * members + 1e-9));
  if (found.sharingSet > SHARING_SET_AT_MOST) {
    throw new ParameterError(
      `${members} members need sharing sets of ${found.sharingSet}, more than ${SHARING_SET_AT_MOST}`,
    );
  }
  return found;
}

/** What floors judge. */
export function proposalOf(configuration: RoundConfiguration, parameters: MaskParameters): MaskProposal {
  const { minimumContributors, wordBits, valueBits, vectorLength } = configuration;
  return {
    protocol: 'mask',
    members: parameters.members,
    sharingSet: parameters.sharingSet,
    threshold: parameters.threshold,
    corruptInSharingSet: parameters.corrupt,
    minimumContributors,
    wordBits,
    valueBits,
    vectorLength,
  };
}

/** Fewest members whose values are opened together: n_min, and never fewer than t. */
export const fewestContributors = (configuration: RoundConfiguration, { threshold }: MaskParameters): number =>
  Math.max(configuration.minimumContributors, threshold);

/** The largest magnitude of a member's value: 2^(b−1) − 1. */
export const largestValue = ({ valueBits }: RoundConfiguration): number => 2 ** (valueBits - 1) - 1;

/** The context is that of this configuration, or the caller mixed up two rounds. */
export function requireConfigured(primitives: Hashing, open: OpenContext, configuration: RoundConfiguration): void {
  if (!sameBytes(open.fields.configHash, configurationHash(primitives, configuration))) {
    throw new ParameterError('the context is not that of this configuration');
  }
}
