// One step of the coordinator while it is being taken: what is gathered until it is answered with. Mutable, and nobody's but that step's.

import { canonicalJson } from '@sumus/differential-privacy/mechanisms';
import { memberId } from '@sumus/secure-sum/identity';
import { toMember } from '@sumus/secure-sum/machine';
import { utf8Bytes } from '../../canonical/utf8.ts';
import { MalformedMessage, ParameterError } from '../../errors.ts';
import type { BlobName, RunEvent } from '../events.ts';
import { fold } from '../fold.ts';
import { blobName, type HeadAround, type HeaderToParticipant, joinFrame, writeHeadAround } from '../frame.ts';
import type { ToParticipant } from '../messages.ts';
import { memberOf, type RunState } from '../state.ts';
import type { CoordinatorOutput, CoordinatorSetup, LiveSum, RunCoordinator, RunSend } from './setup.ts';

export class Work {
  readonly setup: CoordinatorSetup;
  readonly nowMs: number;
  readonly events: RunEvent[] = [];
  readonly blobs: Map<string, Uint8Array> = new Map();
  readonly outputs: CoordinatorOutput[] = [];
  state: RunState;
  live: LiveSum | undefined;
  standing: RunCoordinator['standing'];
  published: RunCoordinator['published'];
  readonly restoredAtMs: number | undefined;
  #outbox: ReadonlyMap<string, readonly RunSend[]>;
  #ownOutbox: Map<string, readonly RunSend[]> | undefined;

  constructor(
    setup: CoordinatorSetup,
    { state, live, standing, published, restoredAtMs, outbox }: RunCoordinator,
    nowMs: number,
  ) {
    this.setup = setup;
    this.nowMs = nowMs;
    this.state = state;
    this.live = live;
    this.standing = standing;
    this.published = published;
    this.restoredAtMs = restoredAtMs;
    this.#outbox = outbox;
  }

  /** Bytes that an event of this step named, or (in a replay) one before it. */
  async read(name: BlobName): Promise<Uint8Array> {
    const found = this.blobs.get(name.sha256) ?? (await this.setup.readBlob(name));
    if (blobName(this.setup.primitives, found).sha256 !== name.sha256) {
      throw new MalformedMessage(`the blob ${name.sha256} has other bytes`);
    }
    return found;
  }

  /** It happened. Throws where it does not follow: then nothing of the step did. */
  happen(event: RunEvent): void {
    const next = fold(this.setup.primitives, this.state, event);
    if (next === undefined || next === this.state) throw new ParameterError(`${event.kind} does not follow here`);
    this.state = next;
    this.events.push(event);
  }

  /** Bytes that an event names. */
  keep(bytes: Uint8Array): BlobName {
    return this.keepAs(blobName(this.setup.primitives, bytes), bytes);
  }

  /** The same where they were hashed before: megabytes, once. `name`: that of verifyFrame, or of blobName. */
  keepAs({ sha256, bytes: sizeBytes }: BlobName, bytes: Uint8Array): BlobName {
    this.blobs.set(sha256, bytes);
    return Object.freeze({ sha256, bytes: sizeBytes });
  }

  /** A numbered message of this chapter, kept for who asks again. */
  async tell(to: string, message: ToParticipant, body: Uint8Array = nothing): Promise<void> {
    const told = this.#outbox.get(to) ?? [];
    const send = await this.#sendOf(to, message, body, told.length);
    this.#ownOutbox ??= new Map(this.#outbox);
    this.#outbox = this.#ownOutbox.set(to, [...told, send]);
    this.outputs.push(send);
  }

  /** A message that stands for itself, whatever was said before. */
  async say(to: string, message: ToParticipant, body: Uint8Array = nothing): Promise<void> {
    this.outputs.push(await this.#sendOf(to, message, body, null));
  }

  /** What a member was told in this chapter, from a number on. */
  again(to: string, from: number): void {
    this.outputs.push(...(this.#outbox.get(to) ?? []).slice(from));
  }

  newChapter(): void {
    this.#ownOutbox = new Map();
    this.#outbox = this.#ownOutbox;
  }

  done(): RunCoordinator {
    const { state, live, standing, published, restoredAtMs } = this;
    return Object.freeze({ state, live, standing, published, restoredAtMs, outbox: this.#outbox });
  }

  async #sendOf(to: string, message: ToParticipant, body: Uint8Array, number: number | null): Promise<RunSend> {
    const { primitives, signer } = this.setup;
    const { chapter } = this.state;
    const header: HeaderToParticipant = {
      format: 'sumus/run/1',
      run: this.state.runId,
      to,
      chapter,
      number,
      acknowledged: memberOf(this.state, to)?.next ?? 0,
      message,
      body: body.length === 0 ? null : this.#nameOf(body),
    };
    const said = this.#bytesOf(message);
    const head = joined(await writeHeadAround(primitives, signer, header, said), said);
    const place = number === null ? null : Object.freeze({ chapter, number });
    return frameSend({ to, type: message.type, place, bodyName: header.body, head, body });
  }

  readonly #messages: Map<ToParticipant, Uint8Array> = new Map();

  /** A thousand members are told the certificates of a thousand: written and kept once, and not a thousand times. */
  #bytesOf(message: ToParticipant): Uint8Array {
    let bytes = this.#messages.get(message);
    if (bytes === undefined) {
      bytes = utf8Bytes(canonicalJson(message));
      this.#messages.set(message, bytes);
    }
    return bytes;
  }

  readonly #names: Map<Uint8Array, ReturnType<typeof blobName>> = new Map();

  /** One body goes to many: hashed once. */
  #nameOf(body: Uint8Array): ReturnType<typeof blobName> {
    let name = this.#names.get(body);
    if (name === undefined) {
      name = blobName(this.setup.primitives, body);
      this.#names.set(body, name);
    }
    return name;
  }
}

const nothing = new Uint8Array(0);

const joined =
  ({ before, behind }: HeadAround, message: Uint8Array) =>
  () =>
    joinFrame(joinFrame(before, message), behind);

interface SendParts extends Pick<RunSend, 'type' | 'place' | 'bodyName' | 'body'> {
  readonly to: string;
  readonly head: () => Uint8Array;
}

function frameSend({ to, type, place, bodyName, head, body }: SendParts): RunSend {
  return Object.freeze({
    kind: 'send',
    to: toMember(memberId(to)),
    type,
    place,
    bodyName,
    get head() {
      return head();
    },
    body,
    get bytes() {
      return joinFrame(head(), body);
    },
  });
}
