// A contributor: it speaks once. It makes a one-time key, shares it to the committee in boxes, encrypts its vector under it, wipes
// it, signs the head and sends everything in one message; what drops out afterwards costs nobody anything. Where sums are opened to
// participants it comes back once for the committee's boxes and opens the sum itself.
//
//   ready ─contribute→ sent ─received→ ready …      (an epoch lets one member contribute several times, once a flush)
//   any ─end→ ended
//
// Refused: a round below the participant's floors, a round that was not entered, values out of range, a second contribution where one
// is allowed, any step from a state that was left behind. The key of a contribution that was refused is gone, and so is nothing else.

import { encryptOncePacked, oneTimeKey } from '@sumus/lattice/one-time';
import { ParameterError, ProtocolViolation } from '../../errors.ts';
import { stepOnce } from '../../machine/once.ts';
import { done, PERSIST, type Step, send, step, TO_COORDINATOR } from '../../machine/outputs.ts';
import { signMessage } from '../../messages/index.ts';
import { agreementOf, freshSecretKey } from '../../secret-primitives.ts';
import { ciphertextHashOf, encodeContribution, encodeHeadBody, nullifierOf } from '../round/contribution.ts';
import { CONTRIBUTE, DELIVERY } from '../round/kinds.ts';
import type { ModelVersion } from '../round/models.ts';
import { type Start, useStart } from '../round/start.ts';
import type { ContributorState, OpeningKey } from './contributor-state.ts';
import { boxKeyShares } from './key-shares.ts';
import { type BoxedOpening, type OwnOpening, openBoxed } from './open-boxed.ts';
import { freshOpeningKey } from './opening-key.ts';
import type { Contributor } from './tools.ts';

export type ContributorEvent =
  /** The encoded vector, and the model that it was computed on. */
  | { readonly kind: 'contribute'; readonly values: Int32Array; readonly model: ModelVersion }
  /** It may not have arrived: the same bytes again. */
  | { readonly kind: 'send again' }
  /** The coordinator has it. */
  | { readonly kind: 'received' }
  /** The committee's boxes, where sums are opened to participants. */
  | { readonly kind: 'opening'; readonly opening: BoxedOpening }
  | { readonly kind: 'end' };

export type ContributorStep = Step<ContributorState, OwnOpening>;

/** Begins where the round's checks, the participant's floors and its high-water mark have all spoken. */
export async function startContributor(
  contributor: Pick<Contributor, 'round' | 'lattice' | 'primitives' | 'postQuantum'>,
  start: Start,
): Promise<ContributorStep> {
  const { round } = contributor;
  useStart(round, start);
  const openingKey =
    round.parameters.openedTo === 'participants' ? await freshOpeningKey(contributor, round.parameters) : undefined;
  return step(Object.freeze({ phase: 'ready', nextIndex: 0, openingKey }), PERSIST);
}

export function contributorStep(
  contributor: Contributor,
  state: ContributorState,
  event: ContributorEvent,
): Promise<ContributorStep> {
  return stepOnce(state, async () => {
    switch (event.kind) {
      case 'contribute':
        return contribute(contributor, state, event);
      case 'send again':
        return step(state, ...sending(state));
      case 'received':
        return received(state);
      case 'opening':
        return step(state, done(await openBoxed(contributor, live(state), event.opening)));
      case 'end':
        return end(state);
      default:
        return event satisfies never;
    }
  });
}

type Live = Exclude<ContributorState, { phase: 'ended' }>;

function live(state: ContributorState): Live {
  if (state.phase === 'ended') throw new ProtocolViolation('E_PHASE', 'this contributor has ended');
  return state;
}

async function contribute(
  contributor: Contributor,
  state: ContributorState,
  { values, model }: Extract<ContributorEvent, { kind: 'contribute' }>,
): Promise<ContributorStep> {
  const { nextIndex, openingKey } = live(state);
  const { parameters } = contributor.round;
  if (nextIndex >= parameters.flushes.contributionsEach) {
    throw new ProtocolViolation(
      'E_PHASE',
      `contribution ${nextIndex + 1}; ${parameters.flushes.contributionsEach} are allowed`,
    );
  }
  if (values.length !== parameters.vectorLength) {
    throw new ParameterError(`a vector of ${values.length} values, not ${parameters.vectorLength}`);
  }
  const contribution = await makeContribution(contributor, { values, model, index: nextIndex, openingKey });
  const next: ContributorState = Object.freeze({ phase: 'sent', nextIndex: nextIndex + 1, openingKey, contribution });
  return step(next, PERSIST, ...sending(next));
}

const sending = (state: ContributorState) =>
  state.phase === 'sent' ? [send(TO_COORDINATOR, DELIVERY.contribution, state.contribution)] : [];

interface ContributionInput {
  readonly values: Int32Array;
  readonly model: ModelVersion;
  readonly index: number;
  readonly openingKey: OpeningKey | undefined;
}

/** All of it: key, shares, boxes, vector, head. The secrets are wiped before it returns, whatever happens. */
async function makeContribution(
  contributor: Contributor,
  { values, model, index, openingKey }: ContributionInput,
): Promise<Uint8Array<ArrayBuffer>> {
  const { lattice, primitives, round, memberId, certificate, signer } = contributor;
  const { context, parameters } = round;
  const ephemeralSecret = freshSecretKey(primitives, 'x25519');
  const key = oneTimeKey(lattice, parameters.oneTime);
  try {
    const ephemeral = await agreementOf(primitives, ephemeralSecret);
    const { boxes, commitments } = await boxKeyShares(contributor, round, { memberId, ephemeral }, key);
    const ciphertext = encryptOncePacked(lattice, { key, context: round.polynomialSeed, values });
    const body = encodeHeadBody(parameters, {
      index,
      model,
      ephemeralKey: ephemeral.publicKey,
      openingKey: openingKey?.publicKey,
      ciphertextHash: await ciphertextHashOf(primitives, ciphertext),
      commitments,
    });
    const head = await signMessage(primitives, signer, context, { ...CONTRIBUTE, sender: memberId, body });
    return encodeContribution(parameters, { certificate, head, ciphertext, boxes });
  } finally {
    key.wipe();
    ephemeralSecret.wipe();
  }
}

function received(state: ContributorState): ContributorStep {
  const { nextIndex, openingKey } = live(state);
  return step(Object.freeze({ phase: 'ready', nextIndex, openingKey }), PERSIST);
}

function end(state: ContributorState): ContributorStep {
  if (state.phase === 'ended') return step(state);
  state.openingKey?.key.wipe();
  return step(Object.freeze({ phase: 'ended', nextIndex: state.nextIndex }), PERSIST);
}

/** How a contribution is named in results and reports. */
export const ownNullifier = ({ primitives, round, memberId }: Contributor, index: number): string =>
  nullifierOf(primitives, round, memberId, index);
