// Flow 2: the vector under its masks. y = x + PRG(own seed) + Σ ± PRG(pair) mod 2^w over the neighbours who shared; then everything
// that could make another y is wiped, and y itself is stored before it is sent: masks are used once.
//
// Bonawitz and others, CCS 2017, section 4; PRG and sign are those of key-stream.ts and session.ts.

import { pairSeed } from '../../boxes/index.ts';
import { ParameterError } from '../../errors.ts';
import { PERSIST, send, step, TO_COORDINATOR } from '../../machine/outputs.ts';
import { encodeMessage, signMessage } from '../../messages/index.ts';
import { agreementOf } from '../../secret-primitives.ts';
import { MASKED } from '../bodies.ts';
import { largestValue } from '../configuration.ts';
import { applyMasks, extremesOf, isWithin, type Mask, packWords } from '../key-stream.ts';
import { PAIR_LABEL, selfMaskKey, signOf } from '../session.ts';
import type { ParticipantSetup, ParticipantStep } from './setup.ts';
import type { ReadyParticipant } from './state.ts';

export async function takeVector(
  setup: ParticipantSetup,
  state: ReadyParticipant,
  values: Int32Array,
): Promise<ParticipantStep> {
  const { engine, primitives, signer, configuration } = setup;
  const { vectorLength, wordBits } = configuration;
  if (values.length !== vectorLength) {
    throw new ParameterError(`a vector of ${values.length} values, not ${vectorLength}`);
  }
  if (!isWithin(extremesOf(engine, values), largestValue(configuration))) {
    throw new ParameterError(`a value has more than ${configuration.valueBits} bits`);
  }
  const masks = await masksOf(setup, state);
  // Two's complement: the same bits.
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length).slice();
  applyMasks(engine, primitives, words, wordBits, masks);
  for (const { key } of masks) key.fill(0);
  const body = packWords(engine, words, wordBits);
  words.fill(0);
  const { session, own } = state;
  const message = await signMessage(primitives, signer, session.context, { ...MASKED, sender: own.memberId, body });
  const outgoing = encodeMessage(message);

  const { secretMaskKey, secretSeed, ...kept } = state;
  secretMaskKey.wipe();
  secretSeed.wipe();
  const next = Object.freeze({ ...kept, phase: 'masked' as const, outgoing });
  return step(next, PERSIST, send(TO_COORDINATOR, MASKED.type, outgoing));
}

/** The caller wipes the keys. */
async function masksOf(
  { primitives }: ParticipantSetup,
  { session, own, peers, secretMaskKey, secretSeed, secretHoldings }: ReadyParticipant,
): Promise<readonly Mask[]> {
  const { context } = session;
  const key = await agreementOf(primitives, secretMaskKey);
  const masks: Mask[] = [
    { key: secretSeed.with((seed) => selfMaskKey(primitives, context, own.memberId, seed)), sign: 1 },
  ];
  for (const index of secretHoldings.keys()) {
    const { memberId, maskKey } = peers.get(index)!;
    const pair = {
      context,
      label: PAIR_LABEL,
      own: { memberId: own.memberId, key },
      peer: { memberId, publicKey: maskKey },
      lengthBytes: 32,
    };
    masks.push({ key: await pairSeed(primitives, pair), sign: signOf(own.index, index) });
  }
  return masks;
}
