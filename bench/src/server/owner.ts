// The owner of a run at a server, as far as a bench needs one: it creates the run, invites by links, certifies who asks, and reads the log.

import { firstWeightsOf } from '@sumus/federation/model';
import type { SignedPlan } from '@sumus/federation/plan';
import { wordEncodingOf } from '@sumus/federation/plan';
import { bytesOfPublished, startPublished } from '@sumus/federation/release';
import { thresholdKeyOf } from '@sumus/federation/sum';
import { certify, encodeCertificate, memberId } from '@sumus/secure-sum/identity';
import type { Signer } from '@sumus/secure-sum/primitives';
import {
  BYTES_TYPE,
  enrolmentAsked,
  JSON_TYPE,
  type RunStatus,
  runStatus,
  writeThresholdKey,
} from '@sumus/wire/bodies';
import { InvitationSecret, isEnrolmentProof, writeInvitationLink } from '@sumus/wire/link';
import { signRequest } from '@sumus/wire/request';
import { addressOf, ROUTES, type RouteName } from '@sumus/wire/routes';
import { EventReader } from '@sumus/wire/stream';
import { bytesOfHex, hexOf, jsonBytes, readJson, utf8Bytes } from '@sumus/wire/text';
import { ownPrimitives } from '../round/run-of-round.ts';
import type { ServerPlace } from './program.ts';

type Words = Readonly<Record<string, string>>;

interface Question {
  readonly parameters?: Words;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: Uint8Array<ArrayBuffer>;
  readonly type?: string;
  readonly signal?: AbortSignal;
}

const PROJECT = 'bench';
const DAY_MS = 86_400_000;
const PIECE_BYTES = 2 ** 22;

export interface OwnerKeys {
  readonly owner: Signer;
  readonly authority: Signer;
}

export class BenchOwner {
  readonly runId: string;
  readonly #place: ServerPlace;
  readonly #keys: OwnerKeys;
  readonly #signed: SignedPlan;
  readonly #primitives = ownPrimitives();
  readonly #secrets = new Map<string, { readonly member: string; readonly secret: InvitationSecret }>();
  readonly #stop = new AbortController();
  #desk: Promise<void> = Promise.resolve();

  constructor(runId: string, place: ServerPlace, keys: OwnerKeys, signed: SignedPlan) {
    this.runId = runId;
    this.#place = place;
    this.#keys = keys;
    this.#signed = signed;
  }

  async create(): Promise<void> {
    const { plan } = this.#signed;
    const first = bytesOfPublished(
      startPublished(plan, plan.exchange.schedule === 'one-round' ? undefined : firstWeightsOf(plan)),
    );
    const firstModel = hexOf(this.#primitives.sha256(first));
    for (let offset = 0; offset < first.length; offset += PIECE_BYTES) {
      const body = first.slice(offset, offset + PIECE_BYTES);
      const query = { bytes: first.length, offset };
      await this.#ask('upload', { parameters: { run: this.runId, sha256: firstModel }, query, body, type: BYTES_TYPE });
    }
    const key =
      plan.protection.kind === 'threshold' ? thresholdKeyOf({ plan, encoding: wordEncodingOf(plan) }) : undefined;
    const created = {
      runId: this.runId,
      projectId: PROJECT,
      plan: this.#signed,
      authority: hexOf(this.#keys.authority.publicKey),
      thresholdKey: key === undefined ? null : writeThresholdKey(key),
      firstModel,
    };
    await this.#say('createRun', {}, created);
  }

  /** A link each; who follows it is certified. */
  async invite(names: readonly string[]): Promise<readonly string[]> {
    const links: string[] = [];
    for (const member of names) {
      const id = hexOf(this.#primitives.randomBytes(16));
      const secret = new InvitationSecret(this.#primitives.randomBytes(16));
      this.#secrets.set(id, { member, secret });
      const run = { run: this.runId };
      await this.#say('invite', run, { id, member, role: 'silo', notAfterMs: Date.now() + DAY_MS });
      links.push(
        writeInvitationLink(this.#primitives, {
          server: this.#place.url,
          runId: this.runId,
          projectId: PROJECT,
          member,
          invitation: id,
          secret,
          coordinator: this.#place.coordinator,
          authority: hexOf(this.#keys.authority.publicKey),
          plan: this.#signed.id,
          owner: hexOf(this.#keys.owner.publicKey),
          fingerprint: undefined,
        }),
      );
    }
    this.#desk = this.#answer();
    return links;
  }

  status(): Promise<RunStatus> {
    return this.#ask('run', { parameters: { run: this.runId } }).then(async (answer) =>
      readJson(runStatus, new Uint8Array(await answer.arrayBuffer())),
    );
  }

  start(): Promise<void> {
    return this.#say('start', { run: this.runId }, {}).catch(async (error: unknown) => {
      // It begins by itself when everybody is there.
      if ((await this.status()).phase === 'gathering') throw error;
    });
  }

  /** The log, one event a line. */
  async log(): Promise<string> {
    const answer = await this.#ask('events', { parameters: { run: this.runId }, query: { format: 'ndjson' } });
    return answer.text();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#desk;
  }

  /** Reads who asks, from the first one anew where the line broke. */
  async #answer(): Promise<void> {
    const done = new Set<string>();
    while (!this.#stop.signal.aborted && done.size < this.#secrets.size) {
      try {
        const { signal } = this.#stop;
        const stream = await this.#ask('enrolments', { parameters: { run: this.runId }, signal });
        const reader = new EventReader();
        for await (const chunk of stream.body ?? []) {
          for (const { data } of reader.read(chunk)) {
            const asked = readJson(enrolmentAsked, utf8Bytes(data));
            if (done.has(asked.invitation)) continue;
            await this.#certify(asked);
            done.add(asked.invitation);
          }
          if (done.size === this.#secrets.size) return;
        }
      } catch {
        // The server was killed, or is about to be.
        if (!this.#stop.signal.aborted) await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  async #certify({
    invitation,
    publicKey,
    proof,
  }: {
    readonly invitation: string;
    readonly publicKey: string;
    readonly proof: string;
  }): Promise<void> {
    const known = this.#secrets.get(invitation);
    if (known === undefined) throw new Error(`nobody was invited by ${invitation}`);
    const { member, secret } = known;
    const key = bytesOfHex(publicKey);
    const claim = { projectId: PROJECT, runId: this.runId, invitation, member, publicKey: key };
    if (!isEnrolmentProof(this.#primitives, secret, claim, proof)) throw new Error(`${member} does not have the link`);
    const certificate = await certify(this.#keys.authority, {
      projectId: PROJECT,
      memberId: memberId(member),
      role: 'silo',
      publicKey: key,
      notBeforeMs: Date.now() - DAY_MS,
      notAfterMs: Date.now() + 30 * DAY_MS,
      quotaClass: 'bench',
    });
    const answer = { kind: 'certified', certificate: hexOf(encodeCertificate(certificate)) };
    await this.#say('answerEnrolment', { run: this.runId, invitation }, answer);
  }

  async #say(name: RouteName, parameters: Words, body: object): Promise<void> {
    await this.#ask(name, { parameters, body: jsonBytes(body), type: JSON_TYPE });
  }

  async #ask(name: RouteName, question: Question): Promise<Response> {
    const { parameters = {}, query = {}, body = new Uint8Array(0), type, signal } = question;
    const { method } = ROUTES[name];
    const path = addressOf(name, parameters, query);
    const signed = await signRequest(this.#primitives, this.#keys.owner, {
      server: this.#place.coordinator,
      method,
      path,
      body,
      nowMs: Date.now(),
      nonce: this.#primitives.randomBytes(16),
    });
    const answer = await fetch(`${this.#place.url}${path}`, {
      method,
      headers: { ...signed, ...(type === undefined ? {} : { 'content-type': type }) },
      ...(method === 'GET' ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    });
    if (answer.ok) return answer;
    throw new Error(`${name}: ${answer.status} ${(await answer.text()).slice(0, 300)}`);
  }
}
