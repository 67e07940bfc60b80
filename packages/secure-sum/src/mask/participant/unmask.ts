// Flows 3 to 5. ALIVE: a participant says, once, whom it takes for alive, in a way that binds it. UNMASK: shown that enough others are
// bound to take itself for alive, it reveals one share of every member's secrets: of the seed of who lives, of the key of who is gone.
// Never both, because both follow from the one list it answered; never twice, because the state that could is left behind.

import { authenticate } from '../../boxes/index.ts';
import { ProtocolViolation } from '../../errors.ts';
import { done, PERSIST, send, step, TO_COORDINATOR } from '../../machine/outputs.ts';
import { encodeMessage, type MessageKind, signMessage } from '../../messages/index.ts';
import { ALIVE, encodeAliveMacs, encodeUnmaskEntries, UNMASK, type UnmaskEntry } from '../bodies.ts';
import { largestValue } from '../configuration.ts';
import type { MaskResult, Voucher } from '../deliveries.ts';
import { isWithin, signedPackedWords } from '../key-stream.ts';
import { hashOfLiving } from '../session.ts';
import { ALIVE_LABEL, type Guards } from './guards.ts';
import type { ParticipantSetup, ParticipantStep } from './setup.ts';
import {
  type AliveParticipant,
  type MaskedParticipant,
  type OwnSession,
  type UnmaskedParticipant,
  wipeParticipant,
} from './state.ts';

export async function takeLiving(
  setup: ParticipantSetup,
  guards: Guards,
  state: MaskedParticipant,
  living: readonly number[],
): Promise<ParticipantStep> {
  const { session, own, peers, secretHoldings } = state;
  guards.requireLiving(state, new Set(secretHoldings.keys()), living);
  const { primitives } = setup;
  const macTo = (index: number): Uint8Array =>
    authenticate(primitives, state.secretChannels.get(index)!, ALIVE_LABEL, peers.get(index)!.memberId);
  const body =
    session.graph === 'complete'
      ? hashOfLiving(primitives, session.context, living)
      : encodeAliveMacs(living.filter((index) => index !== own.index).map((index) => ({ index, mac: macTo(index) })));
  const outgoing = await signed(setup, state, ALIVE, body);
  const next = Object.freeze({ ...state, phase: 'alive' as const, living: Object.freeze([...living]), outgoing });
  return step(next, PERSIST, send(TO_COORDINATOR, ALIVE.type, outgoing));
}

export async function takeVouchers(
  setup: ParticipantSetup,
  guards: Guards,
  state: AliveParticipant,
  vouchers: readonly Voucher[],
): Promise<ParticipantStep> {
  const { session, accepted, own, peers, living, secretOwnShare, secretHoldings, secretChannels } = state;
  await guards.requireVouchers(setup.primitives, state, secretChannels, living, vouchers);
  const lives = new Set(living);
  const entries: UnmaskEntry[] = [{ index: own.index, of: 'seed', share: secretOwnShare.exposeInTheClear() }];
  for (const [index, { seedShare, keyShare }] of secretHoldings) {
    entries.push(
      lives.has(index)
        ? { index, of: 'seed', share: seedShare.exposeInTheClear() }
        : { index, of: 'key', share: keyShare.exposeInTheClear() },
    );
  }
  entries.sort((a, b) => a.index - b.index);
  const outgoing = await signed(setup, state, UNMASK, encodeUnmaskEntries(entries));
  wipeParticipant(state);
  const next = Object.freeze({ phase: 'unmasked' as const, session, accepted, own, peers, living, outgoing });
  return step(next, PERSIST, send(TO_COORDINATOR, UNMASK.type, outgoing));
}

async function signed(
  { primitives, signer }: ParticipantSetup,
  { session, own }: OwnSession,
  kind: MessageKind,
  body: Uint8Array,
): Promise<Uint8Array> {
  return encodeMessage(await signMessage(primitives, signer, session.context, { ...kind, sender: own.memberId, body }));
}

/** Whoever masked a vector may see the sum, also when it was too late to help opening it. */
export function takeResult(
  { engine, configuration }: ParticipantSetup,
  state: MaskedParticipant | AliveParticipant | UnmaskedParticipant,
  { contributors, packed }: MaskResult,
): ParticipantStep {
  const { session, own } = state;
  const { members } = session.parameters;
  const stranger = contributors.find((index) => index >= members);
  if (stranger !== undefined) {
    throw new ProtocolViolation('E_ALIVE', `contributor ${stranger} is none of ${members} members`);
  }
  requireSameLiving(state, contributors);
  const opened = signedPackedWords(engine, packed, configuration.vectorLength, configuration.wordBits);
  if (!isWithin(opened, contributors.length * largestValue(configuration))) {
    throw new ProtocolViolation('E_SUM', `no sum of ${contributors.length} vectors has values that large`);
  }
  if (contributors.length < session.configuration.minimumContributors) {
    throw new ProtocolViolation('E_TOO_FEW', `a sum of ${contributors.length} members`);
  }
  wipeParticipant(state);
  const contributed = contributors.includes(own.index);
  return step(
    Object.freeze({ phase: 'done' as const }),
    PERSIST,
    done({ sum: opened.values, contributors, contributed }),
  );
}

/** The contributors are those who were said to live, as far as this participant was told. */
function requireSameLiving(
  state: MaskedParticipant | AliveParticipant | UnmaskedParticipant,
  contributors: readonly number[],
): void {
  if (state.phase === 'masked') return;
  const { session, own, peers, living } = state;
  const seen = contributors.filter((index) => index === own.index || peers.has(index));
  if (seen.length !== living.length || seen.some((index, i) => index !== living[i])) {
    throw new ProtocolViolation('E_ALIVE', `${session.graph}: the contributors are not those who were said to live`);
  }
}
