// A participant on this machine: a link, a folder with its key, its ledger and where it stands, and a line to the server of the link. What it
// would send is looked at first (look, dryRun); then it takes part (begin).

import { MalformedMessage } from '@sumus/federation/errors';
import { readLedgerText, type VerifiedLedger, verifyLedger } from '@sumus/federation/ledger';
import type { Policy } from '@sumus/federation/policy';
import { loadSumEngines } from '@sumus/federation/sum';
import { nodePrimitives } from '@sumus/platform/node';
import { type Primitives, SecretKey } from '@sumus/platform/primitives';
import type { Signer } from '@sumus/secure-sum/primitives';
import type { SecretPrimitives } from '@sumus/secure-sum/secret-primitives';
import { type InvitationLink, readInvitationLink } from '@sumus/wire/link';
import { hexOf, utf8Text } from '@sumus/wire/text';
import { pause } from '../clock/clock.ts';
import { Connection } from '../connection/connection.ts';
import { type Patience, passes, patiently } from '../connection/patience.ts';
import { type DryRun, dryRun, policyFor } from '../consent/consent.ts';
import { identityIn } from '../joining/identity.ts';
import { EnrolmentRefused, enrolled, type Invited, lookAt } from '../joining/joining.ts';
import { Participation } from '../participation/participation.ts';
import type { Progress } from '../participation/progress.ts';
import { sealedStorage } from '../storage/sealed-storage.ts';
import type { Storage } from '../storage/storage.ts';
import type { TrainingWorker } from '../worker/training-worker.ts';
import { folderKey } from './folder-key.ts';
import { type FolderStorage, folderStorage } from './folder-storage.ts';
import { nodeClock } from './node-clock.ts';
import { nodeTransport } from './node-transport.ts';

export interface FolderOptions {
  /** Of this participant: the same one for all its runs, whose budgets are counted together. */
  readonly folder: string;
  /** Seals the folder; a key file beside it does where there is none. */
  readonly passphrase?: string | undefined;
  /** Nobody answers, and it is tried again. */
  readonly onUnreachable?: ((why: string) => void) | undefined;
}

/** The participant's own file, or a yes to this plan as it is and to no other. */
export type Allowance = Policy | 'this plan';

export interface BeginOptions {
  readonly policy: Allowance;
  /** The data set's name in the policy; 'data' where nothing else is said. */
  readonly dataset?: string | undefined;
  readonly worker: TrainingWorker;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** The owner's command has to answer first. */
  readonly onWaiting?: (() => void) | undefined;
}

export const USUAL_DATASET = 'data';

interface Parts {
  readonly link: InvitationLink;
  readonly primitives: Primitives & SecretPrimitives;
  readonly folder: FolderStorage;
  readonly storage: Storage;
  readonly signer: Signer;
  readonly connection: Connection;
  readonly onUnreachable: (why: string) => void;
}

export class LocalParticipant {
  readonly link: InvitationLink;
  readonly #parts: Parts;
  #isClosed = false;
  #wake: () => void = () => undefined;
  #invited: Invited | undefined;

  private constructor(parts: Parts) {
    this.link = parts.link;
    this.#parts = parts;
  }

  /** Reads the link, opens the folder; says nothing to anybody. */
  static async open(text: string, options: FolderOptions): Promise<LocalParticipant> {
    const primitives = { ...nodePrimitives(), secretKeys: SecretKey };
    const link = readInvitationLink(primitives, text);
    const folder = await folderStorage(options.folder);
    try {
      const key = await folderKey(options.folder, options.passphrase, primitives.randomBytes);
      const storage = sealedStorage(primitives, key, folder);
      const signer = await identityIn(storage, primitives);
      const transport = nodeTransport({ server: link.server, fingerprint: link.fingerprint });
      const setup = { transport, primitives, clock: nodeClock, signer, server: link.coordinator };
      const onUnreachable = options.onUnreachable ?? ((): void => undefined);
      const connection = new Connection(setup);
      return new LocalParticipant({ link, primitives, folder, storage, signer, connection, onUnreachable });
    } catch (error) {
      await folder.close();
      throw error;
    }
  }

  /** Its own Ed25519 key, hexadecimal: the owner of its ledger. */
  get key(): string {
    return hexOf(this.#parts.signer.publicKey);
  }

  /** What the invitation is for, held against the link. */
  async look(): Promise<Invited> {
    const { connection, primitives } = this.#parts;
    this.#invited ??= await this.#patiently(() => lookAt(connection, primitives, this.link));
    return this.#invited;
  }

  /** What would leave this machine; nothing does. */
  async dryRun(policy: Allowance, dataset: string = USUAL_DATASET): Promise<DryRun> {
    const { plan: signed } = await this.look();
    const ledger = await this.ledger();
    return dryRun({ signed, policy: await this.#policy(policy, dataset), dataset, ledger, nowMs: nodeClock.nowMs() });
  }

  /** Its own, of all runs so far, verified. */
  async ledger(): Promise<VerifiedLedger> {
    const bytes = await this.#parts.storage.read('ledger');
    const records = bytes === undefined ? [] : readLedgerText(utf8Text(bytes));
    const verdict = await verifyLedger(this.#parts.primitives, this.key, records);
    if (verdict.kind === 'intact') return verdict.ledger;
    throw new MalformedMessage(`the ledger in ${this.#parts.folder.folder} is damaged: ${verdict.findings[0]?.what}`);
  }

  /** Enrols where it has not yet, and is ready to run(). */
  async begin({
    policy,
    dataset = USUAL_DATASET,
    worker,
    onProgress,
    onWaiting,
  }: BeginOptions): Promise<Participation> {
    const { link } = this;
    const { primitives, storage, signer, connection } = this.#parts;
    const allowed = await this.#policy(policy, dataset);
    const isOver = (): boolean => this.#isClosed;
    const member = await this.#patiently(() =>
      enrolled({ connection, primitives, clock: nodeClock, storage, signer, link, onWaiting, isOver }),
    );
    return new Participation({
      primitives,
      engines: await loadSumEngines(primitives),
      clock: nodeClock,
      storage,
      connection,
      pinned: link,
      signer,
      member,
      policy: allowed,
      dataset,
      worker,
      onProgress: onProgress ?? (() => undefined),
    });
  }

  /** Ends every line; the folder is others' to open. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wake();
    this.#parts.connection.close();
    await this.#parts.folder.close();
  }

  async #policy(policy: Allowance, dataset: string): Promise<Policy> {
    return policy === 'this plan' ? policyFor((await this.look()).plan, dataset) : policy;
  }

  async #patiently<T>(work: () => Promise<T>): Promise<T> {
    const { primitives, onUnreachable } = this.#parts;
    const patience: Patience = {
      randomBytes: primitives.randomBytes,
      isOver: () => this.#isClosed,
      pause: (ms) => {
        const { over, wake } = pause(nodeClock, ms);
        this.#wake = wake;
        return over;
      },
    };
    const found = await patiently(patience, async () => {
      try {
        return { value: await work() };
      } catch (error) {
        // What does not pass is thrown, and not tried again.
        if (passes(error) && !this.#isClosed) onUnreachable(error.message);
        throw error;
      }
    });
    if (found === undefined) throw new EnrolmentRefused('it was closed before the server answered');
    return found.value;
  }
}
