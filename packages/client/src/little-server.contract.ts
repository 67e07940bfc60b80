// Test material: a server in this process, as small as one can be that speaks the wire: a coordinator, a disk that survives it, streams, uploads
// and enrolments. Lines to it break where a test says so; it crashes and comes back. The real one is apps/server.

import { runs } from '@sumus/federation/coordinator';
import type { SignedPlan } from '@sumus/federation/plan';
import type { Published } from '@sumus/federation/release';
import { type RunEvent, readFrameToParticipant } from '@sumus/federation/run';
import type { SumEngines, ThresholdKey } from '@sumus/federation/sum';
import { SecretKey } from '@sumus/platform/primitives';
import {
  type Certificate,
  certify,
  encodeCertificate,
  encodeRevocationList,
  memberId,
  noRevocations,
  type RevocationList,
  verifyRevocations,
} from '@sumus/secure-sum/identity';
import type { Signer } from '@sumus/secure-sum/primitives';
import { agreementOf, type SecretPrimitives } from '@sumus/secure-sum/secret-primitives';
import * as bodies from '@sumus/wire/bodies';
import { type InvitationLink, isEnrolmentProof } from '@sumus/wire/link';
import { PROBLEM_TYPE, Problem } from '@sumus/wire/problem';
import { RecentNonces, requireBody, verifyRequest } from '@sumus/wire/request';
import { type Matched, matchAddress } from '@sumus/wire/routes';
import { eventText, HEARTBEAT, messageEvent } from '@sumus/wire/stream';
import { bytesOfHex, hexOf, jsonBytes, readJson, utf8Bytes } from '@sumus/wire/text';
import type { Clock } from './clock/clock.ts';
import { type Transport, type TransportAnswer, type TransportRequest, Unreachable } from './transport/transport.ts';

export interface LittleServerSetup {
  readonly primitives: SecretPrimitives;
  readonly engines: SumEngines;
  readonly clock: Clock;
  readonly signer: Signer;
  readonly authority: Signer;
  readonly projectId: string;
  readonly runId: string;
  readonly plan: SignedPlan;
  readonly first: Published;
  readonly roundsPaid: number;
  readonly thresholdKey?: ThresholdKey | undefined;
  readonly limits?: Partial<bodies.ServerLimits>;
}

interface Enrolment {
  readonly key: string;
  readonly state: bodies.EnrolmentState;
  readonly certificate: Certificate | undefined;
}

interface Stream {
  push(text: string): void;
  end(): void;
  readonly answer: AsyncIterable<Uint8Array>;
}

const DAY_MS = 86_400_000;

export class LittleServer {
  readonly setup: LittleServerSetup;
  readonly limits: bodies.ServerLimits;
  readonly events: RunEvent[] = [];
  readonly #blobs = new Map<string, Uint8Array>();
  readonly #uploads = new Map<string, { readonly bytes: Uint8Array; received: number }>();
  readonly invitations = new Map<string, InvitationLink>();
  readonly #enrolments = new Map<string, Enrolment>();
  readonly streams = new Map<string, Stream>();
  #nonces = new RecentNonces();
  #coordinator: runs.RunCoordinator | undefined;
  #steps: Promise<unknown> = Promise.resolve();
  #list: RevocationList | undefined;
  #revocations;
  readonly #turnedAway = new Set<string>();
  readonly refusals: string[] = [];
  /** The desk of the owner: answers who asks, where it is open. */
  isDeskOpen = true;
  /** Frames that were taken as blobs. */
  framesFromBlobs = 0;

  constructor(setup: LittleServerSetup) {
    this.setup = setup;
    this.limits = { ...bodies.USUAL_LIMITS, ...setup.limits };
    this.#revocations = noRevocations(setup.projectId);
  }

  get key(): string {
    return hexOf(this.setup.signer.publicKey);
  }

  get state(): runs.RunCoordinator['state'] | undefined {
    return this.#coordinator?.state;
  }

  get hasEnded(): boolean {
    return this.events.at(-1)?.kind === 'run ended';
  }

  async begin(): Promise<void> {
    const { clock, projectId, runId, plan, first } = this.setup;
    const setup = this.#coordinatorSetup();
    const step =
      this.events.length === 0
        ? runs.createRun(setup, { projectId, runId, plan, first }, clock.nowMs())
        : await runs.restoreRun(setup, this.events, clock.nowMs());
    this.#carryOut(step);
  }

  /** Everything that is not on the disk is gone. */
  async crash(): Promise<void> {
    await this.#steps;
    this.#coordinator = undefined;
    this.#nonces = new RecentNonces();
    for (const stream of this.streams.values()) stream.end();
    this.streams.clear();
  }

  happens(input: runs.CoordinatorInput): Promise<void> {
    const done = this.#steps.then(async () => {
      const coordinator = this.#coordinator;
      if (coordinator === undefined) throw new Problem('unavailable', 'the server is away');
      try {
        this.#carryOut(await runs.advance(this.#coordinatorSetup(), coordinator, input, this.setup.clock.nowMs()));
      } catch (error) {
        if (!(error instanceof Error && /^(MalformedMessage|ProtocolViolation)$/.test(error.name))) throw error;
        this.refusals.push(error.message);
        throw new Problem('refused', error.message);
      }
    });
    this.#steps = done.catch(() => undefined);
    return done;
  }

  async revoke(list: RevocationList): Promise<void> {
    const { primitives, authority, clock } = this.setup;
    const trust = {
      authority: authority.publicKey,
      nowMs: clock.nowMs(),
      maximumAgeMs: DAY_MS,
      before: this.#revocations,
    };
    this.#revocations = await verifyRevocations(primitives, trust, list);
    this.#list = list;
  }

  certificateOf(member: string): Certificate | undefined {
    return [...this.#enrolments.values()].find(({ certificate }) => certificate?.memberId === member)?.certificate;
  }

  #coordinatorSetup(): runs.CoordinatorSetup {
    const { primitives, engines, signer, roundsPaid, thresholdKey } = this.setup;
    return {
      primitives,
      engines,
      signer,
      revocations: this.#revocations,
      revealedKey: (bytes) => agreementOf(primitives, SecretKey.fromBytes('x25519', bytes)),
      thresholdKey,
      roundsPaid,
      failuresAtMost: 5,
      readBlob: async ({ sha256 }) => {
        const found = this.#blobs.get(sha256);
        if (found === undefined) throw new Error(`no blob ${sha256}`);
        return found;
      },
      messageBytesAtMost: 2 ** 30,
    };
  }

  #carryOut({ coordinator, events, blobs, outputs }: runs.CoordinatorStep): void {
    this.#coordinator = coordinator;
    for (const [name, bytes] of blobs) this.#blobs.set(name, bytes.slice());
    this.events.push(...events);
    for (const output of outputs) {
      if (output.kind !== 'send' || output.to.kind === 'coordinator') continue;
      for (const [member, stream] of this.streams) {
        if (output.to.kind === 'member' && output.to.memberId !== member) continue;
        stream.push(eventText(messageEvent(this.#messageOut(output))));
      }
    }
  }

  #messageOut({ head, body, bytes }: runs.RunSend): Parameters<typeof messageEvent>[0] {
    const { chapter, number } = readFrameToParticipant(bytes, 2 ** 30).header;
    const place = number === null ? undefined : { chapter, number };
    if (body.length === 0) return { place, head, body: null };
    if (body.length <= this.limits.inlineBodyBytes) return { place, head, body };
    const sha256 = hexOf(this.setup.primitives.sha256(body));
    this.#blobs.set(sha256, body.slice());
    return { place, head, body: { sha256, bytes: body.length } };
  }

  // ── what is asked ──

  async answer(request: TransportRequest): Promise<TransportAnswer> {
    try {
      if (this.#coordinator === undefined) throw new Unreachable('nobody listens');
      const { primitives, clock } = this.setup;
      const matched = matchAddress(request.method, request.path);
      const { method, path, headers, body } = request;
      const asked = { server: this.key, method, path, headers, nowMs: clock.nowMs() };
      const verified = await verifyRequest(primitives, asked, this.#nonces);
      await requireBody(primitives, verified, body);
      return await this.#act(matched, verified.key, request);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const more: Record<string, string> =
        error.retryAfter === undefined ? {} : { 'retry-after': String(error.retryAfter) };
      return answerOf(error.status, jsonBytes(error.body), { 'content-type': PROBLEM_TYPE, ...more });
    }
  }

  async #act({ name, parameters, query }: Matched, key: string, request: TransportRequest): Promise<TransportAnswer> {
    const { clock, projectId, plan, runId } = this.setup;
    if (parameters['run'] !== undefined && parameters['run'] !== runId) throw new Problem('not-found', 'no such run');
    const invitation = this.invitations.get(parameters['invitation'] ?? '');
    const member = this.#memberOf(key);
    const requireMember = (): string => {
      if (member === undefined) throw new Problem('forbidden', 'this key takes no part');
      return member;
    };
    switch (name) {
      case 'server':
        return json<bodies.ServerInfo>({
          protocol: 'sumus/wire/1',
          version: 'little',
          coordinator: this.key,
          nowMs: clock.nowMs(),
          limits: this.limits,
        });
      case 'invitation': {
        if (invitation === undefined) throw new Problem('not-found', 'no such invitation');
        const { invitation: id, member: invited } = invitation;
        const isSpent = this.#enrolments.has(id);
        const details = { id, member: invited, role: 'silo', notAfterMs: 2 ** 50, projectId, plan, isSpent } as const;
        return json<bodies.InvitationDetails>(details);
      }
      case 'enrol':
        await this.#enrol(readJson(bodies.enrol, request.body), key);
        return answerOf(204);
      case 'enrolment': {
        const found = this.#enrolments.get(parameters['invitation'] ?? '');
        if (found?.key !== key) throw new Problem('forbidden', 'another key asked');
        return json<bodies.EnrolmentState>(found.state);
      }
      case 'revocations':
        requireMember();
        return json<bodies.RevocationsBody>({
          list: this.#list === undefined ? null : hexOf(encodeRevocationList(this.#list)),
        });
      case 'messages':
        return this.#open(requireMember());
      case 'frames': {
        requireMember();
        await this.happens({ kind: 'received', bytes: this.#frameIn(request) });
        return answerOf(204);
      }
      case 'uploaded':
        requireMember();
        return json(this.#stateOf(parameters['sha256'] ?? ''));
      case 'upload':
        requireMember();
        return json(
          this.#take(parameters['sha256'] ?? '', Number(query['bytes']), Number(query['offset']), request.body),
        );
      case 'blob': {
        requireMember();
        const found = this.#blobs.get(parameters['sha256'] ?? '');
        if (found === undefined) throw new Problem('not-found', 'no such blob');
        return answerOf(200, found);
      }
      default:
        throw new Problem('not-found', `the little server has no ${name}`);
    }
  }

  #memberOf(key: string): string | undefined {
    const found = [...this.#enrolments.values()].find((one) => one.key === key)?.certificate?.memberId;
    return found === undefined || this.#turnedAway.has(found) ? undefined : found;
  }

  turnAway(member: string): void {
    this.#turnedAway.add(member);
  }

  #frameIn({ headers, body }: TransportRequest): Uint8Array {
    if (headers['content-type'] !== bodies.FRAME_BLOB_TYPE) {
      if (body.length > this.limits.frameBytes) throw new Problem('too-large', 'as a blob, please');
      return body;
    }
    const { sha256 } = readJson(bodies.blobReference, body);
    const found = this.#uploads.get(sha256);
    if (found === undefined || found.received < found.bytes.length) throw new Problem('conflict', 'not uploaded');
    this.framesFromBlobs += 1;
    return found.bytes;
  }

  #stateOf(sha256: string): bodies.BlobState {
    const found = this.#uploads.get(sha256);
    if (found === undefined) throw new Problem('not-found', 'no such blob');
    const { bytes, received } = found;
    return { sha256, bytes: bytes.length, received, isComplete: received === bytes.length };
  }

  #take(sha256: string, bytes: number, offset: number, piece: Uint8Array): bodies.BlobState {
    const found = this.#uploads.get(sha256) ?? { bytes: new Uint8Array(bytes), received: 0 };
    if (piece.length > this.limits.pieceBytes) throw new Problem('too-large', 'a smaller piece, please');
    if (offset !== found.received) throw new Problem('offset', `it stands at ${found.received}`);
    found.bytes.set(piece, offset);
    found.received += piece.length;
    this.#uploads.set(sha256, found);
    if (found.received === bytes && hexOf(this.setup.primitives.sha256(found.bytes)) !== sha256) {
      this.#uploads.delete(sha256);
      throw new Problem('wrong-hash', 'these are other bytes');
    }
    return this.#stateOf(sha256);
  }

  async #enrol({ invitation, publicKey, proof }: bodies.Enrol, key: string): Promise<void> {
    const link = this.invitations.get(invitation);
    if (link === undefined) throw new Problem('not-found', 'no such invitation');
    if (publicKey !== key) throw new Problem('forbidden', 'signed by another key');
    const known = this.#enrolments.get(invitation);
    if (known !== undefined) {
      if (known.key === key) return;
      throw new Problem('spent', 'the invitation was used');
    }
    const { primitives, authority, projectId, runId, clock } = this.setup;
    this.#enrolments.set(invitation, { key, state: { kind: 'waiting' }, certificate: undefined });
    while (!this.isDeskOpen) await new Promise<void>((resolve) => void clock.after(50, resolve));
    const claim = { projectId, runId, invitation, member: link.member, publicKey: bytesOfHex(publicKey) };
    if (!isEnrolmentProof(primitives, link.secret, claim, proof)) {
      const state = { kind: 'refused', reason: 'the proof is none' } as const;
      this.#enrolments.set(invitation, { key, state, certificate: undefined });
      return;
    }
    const certificate = await certify(authority, {
      projectId,
      memberId: memberId(link.member),
      role: 'silo',
      publicKey: bytesOfHex(publicKey),
      notBeforeMs: clock.nowMs() - DAY_MS,
      notAfterMs: clock.nowMs() + 3650 * DAY_MS,
      quotaClass: 'test',
    });
    const state = { kind: 'certified', certificate: hexOf(encodeCertificate(certificate)), revocations: null } as const;
    this.#enrolments.set(invitation, { key, state, certificate });
  }

  #open(member: string): TransportAnswer {
    this.streams.get(member)?.end();
    const stream = streamOfText();
    this.streams.set(member, stream);
    stream.push(HEARTBEAT);
    const close = (): void => stream.end();
    return { status: 200, headers: { 'content-type': bodies.EVENTS_TYPE }, body: stream.answer, close };
  }
}

/** What is pushed, until it is ended; then the line is broken. */
function streamOfText(): Stream {
  const waiting: Uint8Array[] = [];
  let isOver = false;
  let wake = (): void => undefined;
  async function* answer(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const next = waiting.shift();
      if (isOver) throw new Unreachable('the line broke');
      if (next !== undefined) yield next;
      else {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  }
  return {
    push: (text) => {
      waiting.push(utf8Bytes(text));
      wake();
    },
    end: () => {
      isOver = true;
      wake();
    },
    answer: answer(),
  };
}

const json = <T extends object>(value: T): TransportAnswer => answerOf(200, jsonBytes(value));

function answerOf(
  status: number,
  bytes: Uint8Array = new Uint8Array(0),
  headers: Readonly<Record<string, string>> = {},
): TransportAnswer {
  async function* body(): AsyncGenerator<Uint8Array> {
    if (bytes.length > 0) yield bytes;
  }
  return { status, headers, body: body(), close: () => undefined };
}

/** What happens to a request: it is lost on its way, or its answer is; or all goes well. */
export type Weather = (request: TransportRequest) => 'lost' | 'answer lost' | 'fine';

export function lineTo(server: LittleServer, weather: Weather = () => 'fine'): Transport {
  let isClosed = false;
  return {
    server: 'http://127.0.0.1:1',
    prefix: '',
    request: async (request) => {
      // A network copies.
      const copy = { ...request, body: request.body.slice() };
      await new Promise<void>((resolve) => setTimeout(resolve, 0));
      if (isClosed) throw new Unreachable('the line was closed');
      const fate = weather(request);
      if (fate === 'lost') throw new Unreachable('lost on its way');
      const answer = await server.answer(copy);
      if (fate === 'fine') return answer;
      answer.close();
      throw new Unreachable('the answer was lost');
    },
    close: () => {
      isClosed = true;
    },
  };
}
