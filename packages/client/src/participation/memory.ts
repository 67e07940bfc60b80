// What of a participation is there after a crash: where it stands (secret, in the clear: storage is sealed or private) and the ledger of its
// key, which all its runs share. The ledger is written first: a crash between the two has spent what it did not send, never the other way.

import { MalformedMessage } from '@sumus/federation/errors';
import {
  emptyLedger,
  type Ledger,
  type LedgerRecord,
  ledgerText,
  readLedgerText,
  verifyLedger,
} from '@sumus/federation/ledger';
import {
  outsideTheRun,
  type ParticipantInTheClear,
  type ParticipantSetup,
  restoreParticipant,
  storedPiecesInTheClear,
} from '@sumus/federation/participant';
import { hexOf, utf8Bytes, utf8Text } from '@sumus/wire/text';
import { type Pinned, placeOf } from '../joining/place.ts';
import { EntryInParts } from '../storage/entry-in-parts.ts';
import type { Storage } from '../storage/storage.ts';

const LEDGER = 'ledger';

export class ParticipantMemory {
  readonly #storage: Storage;
  readonly #state: EntryInParts;
  #writtenHead: string | undefined;

  constructor(storage: Storage, primitives: ParticipantSetup['primitives'], pinned: Pinned) {
    this.#storage = storage;
    this.#state = new EntryInParts(storage, `participant-${placeOf(primitives, pinned)}`, primitives);
  }

  /** Where it stood, or outside the run; in both cases with the newest ledger of its key. */
  async recall(setup: ParticipantSetup, nowMs: number): Promise<ParticipantInTheClear> {
    const ledger = await this.#ledger(setup);
    const bytes = await this.#state.read();
    if (bytes === undefined) return outsideTheRun(ledger);
    const stored = await restoreParticipant(setup, bytes, nowMs);
    return Object.freeze({ ...stored, ledger: longerOf(ledger, stored.ledger) });
  }

  async keep(setup: ParticipantSetup, state: ParticipantInTheClear): Promise<void> {
    const { ledger } = state;
    if (ledger.head !== this.#writtenHead) {
      await this.#storage.write(LEDGER, utf8Bytes(ledgerText(ledger.records)));
      this.#writtenHead = ledger.head;
    }
    await this.#state.write(storedPiecesInTheClear(setup, state));
  }

  async #ledger({ primitives, signer }: ParticipantSetup): Promise<Ledger> {
    const bytes = await this.#storage.read(LEDGER);
    if (bytes === undefined) return emptyLedger(signer.publicKey);
    const verdict = await verifyLedger(primitives, hexOf(signer.publicKey), readLedgerText(utf8Text(bytes)));
    if (verdict.kind === 'damaged') {
      throw new MalformedMessage(`the stored ledger is damaged: ${verdict.findings[0]?.what}`);
    }
    return verdict.ledger;
  }
}

/** One of them goes on where the other ends: the key was used in another run meanwhile, or a crash came between two writings. */
function longerOf(a: Ledger, b: Ledger): Ledger {
  const [longer, shorter] = a.records.length >= b.records.length ? [a, b] : [b, a];
  const last: LedgerRecord | undefined = shorter.records.at(-1);
  // A record names the one before it by its hash, so equal last records have equal histories.
  if (last !== undefined && longer.records[shorter.records.length - 1]?.signature !== last.signature) {
    throw new MalformedMessage(
      'the stored ledger and the one of this run have different histories: one of them was put back',
    );
  }
  return longer;
}
