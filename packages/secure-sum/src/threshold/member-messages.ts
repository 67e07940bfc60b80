// What all transitions of a serving member share: its signature, the request that a message is about, and the end.

import { sameBytes } from '../canonical/index.ts';
import type { AnyContext } from '../context/index.ts';
import { ProtocolViolation } from '../errors.ts';
import { PERSIST, type Step, step } from '../machine/outputs.ts';
import { encodeMessage, type MessageKind, signMessage } from '../messages/index.ts';
import { HASH_BYTES } from '../primitives.ts';
import { receive } from './circle.ts';
import { BODY_BYTES_AT_MOST } from './kinds.ts';
import type { Loaded, MemberEvent, MemberState, OpenedSum, ServingSetting } from './member-state.ts';

export type MemberStep = Step<MemberState, OpenedSum>;
export type Serving = Extract<MemberState, { readonly phase: 'serving' }>;
export type Of<Kind extends MemberEvent['kind']> = Extract<MemberEvent, { readonly kind: Kind }>;

export async function signed(
  { primitives, signer, memberId }: ServingSetting,
  context: AnyContext,
  kind: MessageKind,
  body: Uint8Array,
): Promise<Uint8Array> {
  return encodeMessage(await signMessage(primitives, signer, context, { ...kind, sender: memberId, body }));
}

/** The request that messages are about: by the statement that the first of them names. */
export async function loadedBy(
  setting: ServingSetting,
  state: Serving,
  [first]: readonly Uint8Array[],
  kind: MessageKind,
): Promise<Loaded> {
  if (first === undefined) throw new ProtocolViolation('E_QUORUM', `no ${kind.type}`);
  for (const loaded of state.loaded.values()) {
    const { context, opening } = loaded;
    const expected = { ...kind, context, bodyBytesAtMost: BODY_BYTES_AT_MOST };
    const { message } = await receive(setting.primitives, setting.circle, expected, first).catch((error: unknown) => {
      if (error instanceof ProtocolViolation && error.code === 'E_CTX') return { message: undefined };
      throw error;
    });
    if (message !== undefined && sameBytes(message.body.subarray(0, HASH_BYTES), opening.statement)) return loaded;
  }
  throw new ProtocolViolation('E_PHASE', `${kind.type} for a request that this member does not have at hand`);
}

/** The share and the answers are wiped; what was answered for stays known. */
export function close({ share, ledger, answers }: Serving, phase: 'burnt' | 'ended'): MemberStep {
  share.wipe();
  for (const { own } of answers.values()) own?.wipe();
  return step(Object.freeze({ phase, ledger }), PERSIST);
}
