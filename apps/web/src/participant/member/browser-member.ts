// A participant in this browser: an invitation, a key that cannot be read out, a sealed store, and the participation of packages/client as it is
// in Node. It looks at the plan first; it says its name only after its person said yes. Start here for what the page's worker does.
//
// Refuses: a link to another server than the one that the page's host names, or else that host itself (the browser would not let it); a second tab.

import { pause } from '@sumus/client/clock';
import { Connection, type Patience, patiently } from '@sumus/client/connection';
import { dryRun, policyFor } from '@sumus/client/consent';
import { enrolled, type Invited, lookAt } from '@sumus/client/joining';
import { Participation, type Progress } from '@sumus/client/participation';
import type { Storage } from '@sumus/client/storage';
import type { TrainingWorker } from '@sumus/client/worker';
import { MalformedMessage } from '@sumus/federation/errors';
import { readLedgerText, recordLine, type VerifiedLedger, verifyLedger } from '@sumus/federation/ledger';
import { loadSumEngines } from '@sumus/federation/sum';
import { type Primitives, SecretKey } from '@sumus/platform/primitives';
import type { Signer } from '@sumus/secure-sum/primitives';
import { type InvitationLink, readInvitationLink } from '@sumus/wire/link';
import { hexOf, utf8Text } from '@sumus/wire/text';
import type { FromMember, Told } from './member-messages.ts';
import { type Remembered, remember, remembered } from './remembered.ts';
import { webClock } from './web-clock.ts';
import { webTransport } from './web-transport.ts';

export interface MemberTools {
  readonly primitives: Primitives;
  readonly storage: Storage;
  readonly signer: Signer;
  /** Of the host that the page came from. */
  readonly origin: string;
  /** The one server that this page may talk to, where its host is none itself (`sumus page`). */
  readonly server: string | undefined;
  readonly tell: (message: FromMember) => void;
}

/** The data set's name in the ledger. */
const DATASET = 'data';

interface Following {
  readonly text: string;
  readonly link: InvitationLink;
  readonly connection: Connection;
  readonly invited: Invited;
}

export class BrowserMember {
  readonly #tools: MemberTools;
  #following: Following | undefined;
  #participation: Participation | undefined;
  #isPaused = false;
  #underWay: Promise<void> = Promise.resolve();

  constructor(tools: MemberTools) {
    this.#tools = tools;
  }

  /** Looks at what the invitation is for; nothing is said but its number. */
  async open(text: string | null): Promise<void> {
    const { storage, tell, primitives, signer } = this.#tools;
    const before = await remembered(storage);
    const following = text ?? before?.link;
    if (following === undefined) return tell({ kind: 'no invitation' });
    const link = this.#linkIn(following);
    const said = before?.link === following ? before.said : 'nothing';
    // A link that somebody else made this browser open does not take the place of one that its person said yes to: only a yes does.
    const isKept = before === undefined || before.said === 'nothing' || before.link === following;
    if (isKept) await remember(storage, { link: following, said });
    const setup = {
      transport: webTransport(link.server),
      primitives,
      clock: webClock,
      signer,
      server: link.coordinator,
    };
    const connection = new Connection(setup);
    const invited = await this.#patiently(() => lookAt(connection, primitives, link));
    this.#following = { text: following, link, connection, invited };
    await this.#show(said);
  }

  /** In an invitation opened at this page's own address, the part behind the `#` counts: the server is the one that the page may talk to. */
  #linkIn(text: string): InvitationLink {
    const { primitives, origin, server = origin } = this.#tools;
    const link = readInvitationLink(primitives, text);
    const at = new URL(link.server).origin;
    if (at === new URL(server).origin) return link;
    if (at === origin) return { ...link, server };
    throw new MalformedMessage(
      `the invitation is to ${link.server}: open it there, this page speaks to ${server} alone`,
    );
  }

  async #show(said: Remembered['said']): Promise<void> {
    const { signer, tell } = this.#tools;
    const { link, invited } = this.#known;
    const { plan: signed, notAfterMs, isSpent } = invited;
    const { plan } = signed;
    const would = dryRun({
      signed,
      policy: policyFor(signed, DATASET),
      dataset: DATASET,
      ledger: await this.#ledger(),
      nowMs: webClock.nowMs(),
    });
    tell({
      kind: 'invited',
      invitation: {
        server: link.server,
        run: link.runId,
        project: link.projectId,
        member: link.member,
        coordinator: link.coordinator,
        owner: link.owner,
        plan: link.plan,
        planText: JSON.stringify(plan),
        name: plan.name,
        purpose: plan.purpose,
        notAfterMs,
        isSpent: isSpent && said === 'nothing',
        dryRun: would,
        key: hexOf(signer.publicKey),
        said,
      },
    });
  }

  /** Its person said yes: enrols where it has not yet, and takes part until it ends or is paused. */
  async begin(worker: TrainingWorker): Promise<void> {
    // One after the other: what was paused may be writing still.
    const before = this.#underWay;
    this.#underWay = before.then(() => this.#takePart(worker));
    await this.#underWay.catch((cause: unknown) => {
      this.#underWay = Promise.resolve();
      if (this.#isPaused && cause instanceof Error && cause.name === 'EnrolmentRefused') return;
      throw cause;
    });
  }

  async #takePart(worker: TrainingWorker): Promise<void> {
    const { storage, primitives: platform, signer, tell } = this.#tools;
    const { text, link, connection, invited } = this.#known;
    await remember(storage, { link: text, said: 'yes' });
    this.#isPaused = false;
    const primitives = { ...platform, secretKeys: SecretKey };
    const onWaiting = (): void => tell({ kind: 'waiting' });
    const isOver = (): boolean => this.#isPaused;
    const enrolment = { connection, primitives, clock: webClock, storage, signer, link, onWaiting, isOver };
    const member = await this.#patiently(() => enrolled(enrolment));
    const participation = new Participation({
      primitives,
      engines: await loadSumEngines(primitives),
      clock: webClock,
      storage,
      connection,
      pinned: link,
      signer,
      member,
      policy: policyFor(invited.plan, DATASET),
      dataset: DATASET,
      worker,
      onProgress: (progress) => tell({ kind: 'told', told: toldOf(progress) }),
    });
    this.#participation = participation;
    try {
      const { ended } = await participation.run();
      tell({ kind: 'ended', how: ended });
    } finally {
      this.#participation = undefined;
    }
  }

  async pause(): Promise<void> {
    this.#isPaused = true;
    await remember(this.#tools.storage, { link: this.#known.text, said: 'pause' });
    this.#participation?.pause();
  }

  async leave(reason: string): Promise<void> {
    await this.#participation?.leave(reason);
  }

  /** The own ledger as a file, and of it the receipts. */
  async papers(): Promise<void> {
    const { records } = await this.#ledger();
    const lines = records.map(recordLine);
    const receipts = lines.filter((_, at) => records[at]?.content.kind === 'receipt kept');
    this.#tools.tell({ kind: 'papers', ledger: lines.join(''), receipts });
  }

  get #known(): Following {
    if (this.#following === undefined) throw new MalformedMessage('there is no invitation yet');
    return this.#following;
  }

  async #ledger(): Promise<VerifiedLedger> {
    const { storage, primitives, signer } = this.#tools;
    const bytes = await storage.read('ledger');
    const records = bytes === undefined ? [] : readLedgerText(utf8Text(bytes));
    const verdict = await verifyLedger(primitives, hexOf(signer.publicKey), records);
    if (verdict.kind === 'intact') return verdict.ledger;
    throw new MalformedMessage(`the ledger in this browser is damaged: ${verdict.findings[0]?.what}`);
  }

  async #patiently<T>(work: () => Promise<T>): Promise<T> {
    const { primitives, tell } = this.#tools;
    const patience: Patience = {
      randomBytes: (length) => primitives.randomBytes(length),
      isOver: () => false,
      pause: (ms) => pause(webClock, ms).over,
    };
    const found = await patiently(patience, async () => {
      try {
        return { value: await work() };
      } catch (cause) {
        if (cause instanceof Error && cause.name === 'Unreachable') tell({ kind: 'unreachable', why: cause.message });
        throw cause;
      }
    });
    if (found === undefined) throw new MalformedMessage('nobody answered');
    return found.value;
  }
}

function toldOf(progress: Progress): Told {
  if (progress.kind === 'evidence') return { kind: 'evidence', reason: progress.reason };
  if (progress.kind !== 'model') return progress;
  const { published, ...rest } = progress;
  return { ...rest, version: published.version };
}
