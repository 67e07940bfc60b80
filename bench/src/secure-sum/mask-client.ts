// One client of mask goes through a recorded round: all its steps, with what the coordinator told it. What it sends is compared with what
// it sent when the round was recorded, so the work measured is the work done. Nothing of Node here: chromium-page.ts runs it as well.

import { confirmEntry, nothingEntered, proposeEntry } from '@sumus/secure-sum/high-water';
import { maskParticipant, type ParticipantSetup, type SecretParticipant } from '@sumus/secure-sum/mask';
import type { SecretPrimitives } from '@sumus/secure-sum/secret-primitives';
import { openRound, proofsFor, type RoundSize, rosterFrom } from './mask-world.ts';

/** What one member was told after the roster, in order, and the digest of all it sent. */
export interface RecordedClient {
  readonly roster: Uint8Array;
  /** Before its vector, and after it. */
  readonly boxes: Uint8Array;
  readonly later: readonly Uint8Array[];
  /** SHA-256 of each message it sent, in hexadecimal. */
  readonly sent: readonly string[];
}

export interface ClientCost {
  /** From its first step to its last, the decoding of the roster among them. */
  readonly ms: number;
  readonly steps: Readonly<Record<string, number>>;
}

/** `now`: milliseconds of whatever is measured. `values` are the caller's and not changed. */
export async function playClient(
  platform: SecretPrimitives,
  setup: ParticipantSetup,
  size: RoundSize,
  recorded: RecordedClient,
  values: Int32Array,
  now: () => number | Promise<number>,
): Promise<ClientCost> {
  const open = openRound(platform, size);
  const proofs = await proofsFor(platform, open, rosterFrom(platform, open, recorded.roster));
  const entry = proposeEntry(platform, nothingEntered(), open);
  const entered = confirmEntry(entry, entry.bytes);
  const sent: Uint8Array[] = [];
  const steps: Record<string, number> = {};
  const before = await now();
  let last = before;
  let state: SecretParticipant | undefined;
  const act = async (what: string, made: ReturnType<typeof maskParticipant.step>): Promise<void> => {
    const { state: next, outputs } = await made;
    state = next;
    for (const output of outputs) {
      if (output.kind === 'abort') throw new Error(`the client left: ${output.reason.reason}`);
      if (output.kind === 'send') sent.push(output.bytes);
    }
    const after = await now();
    steps[what] = after - last;
    last = after;
  };
  const told = (bytes: Uint8Array): Promise<void> =>
    act(`received while ${state?.phase}`, maskParticipant.step(setup, state!, { kind: 'received', bytes }));
  await act('open', maskParticipant.open(setup, entered));
  const roster = rosterFrom(platform, open, recorded.roster);
  await act('roster', maskParticipant.step(setup, state!, { kind: 'roster', roster, ...proofs }));
  await told(recorded.boxes);
  await act('vector', maskParticipant.step(setup, state!, { kind: 'vector', values }));
  for (const bytes of recorded.later) await told(bytes);
  const cost = { ms: last - before, steps };
  if (state?.phase !== 'done') throw new Error(`the client ended ${state?.phase}`);
  requireSame(
    sent.map((bytes) => hexOf(platform.sha256(bytes))),
    recorded.sent,
  );
  return cost;
}

function requireSame(sent: readonly string[], recorded: readonly string[]): void {
  if (sent.length !== recorded.length || sent.some((digest, i) => digest !== recorded[i])) {
    throw new Error('the client sent other bytes than when the round was recorded');
  }
}

export const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
