// Test material: an owner and participants at the other end of a network, with the real protocols and nothing of @sumus/client, so that what the
// server does is tested by somebody who believes nothing of it. One participant listens, sends, resumes and trains as the protocol says.
import { randomBytes } from 'node:crypto';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { emptyLedger } from '@sumus/federation/ledger';
import { architectureData, architectureOf, firstWeightsOf } from '@sumus/federation/model';
import {
  outsideTheRun,
  type ParticipantInput,
  type ParticipantInTheClear,
  type ParticipantSetup,
  restoreParticipant,
  stepParticipant,
  storeParticipantInTheClear,
} from '@sumus/federation/participant';
import {
  checkPlan,
  type Plan,
  planTemplate,
  type SignedPlan,
  signPlan,
  type TemplateOptions,
  wordEncodingOf,
} from '@sumus/federation/plan';
import { CAUTIOUS_POLICY } from '@sumus/federation/policy';
import { bytesOfPublished, startPublished } from '@sumus/federation/release';
import { loadSumEngines, thresholdKeyOf } from '@sumus/federation/sum';
import { LocalTraining, randomSourceOf } from '@sumus/federation/training';
import { wasmEngine } from '@sumus/learning/engine';
import { architecture as checkedArchitecture } from '@sumus/learning/model';
import { Network } from '@sumus/learning/network';
import { nodePrimitives } from '@sumus/platform/node';
import { SecretKey } from '@sumus/platform/primitives';
import { type Certificate, certify, encodeCertificate, memberId, noRevocations } from '@sumus/secure-sum/identity';
import type { Signer } from '@sumus/secure-sum/primitives';
import { freshSecretKey, signerOf } from '@sumus/secure-sum/secret-primitives';
import {
  BYTES_TYPE,
  type CreateRun,
  FRAME_BLOB_TYPE,
  JSON_TYPE,
  type RunStatus,
  writeThresholdKey,
} from '@sumus/wire/bodies';
import { signRequest } from '@sumus/wire/request';
import { addressOf, ROUTES, type RouteName } from '@sumus/wire/routes';
import { EventReader, readMessageEvent } from '@sumus/wire/stream';
import { hexOf, jsonBytes } from '@sumus/wire/text';

export const primitives = { ...nodePrimitives(), secretKeys: SecretKey };
export const freshSigner = (): Promise<Signer> => signerOf(primitives, freshSecretKey(primitives, 'ed25519'));

export const PROJECT = 'hospitals';
const INPUTS = 6;
const CLASSES = 3;
const ROWS = 40;
const DAY_MS = 86_400_000;

/** Where a server is, as a test knows it. */
export interface At {
  readonly url: string;
  /** Hexadecimal. */
  readonly coordinator: string;
  /** PEM. */
  readonly ca?: string | undefined;
}

export interface Answered {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  json(): unknown;
}

export interface Question {
  readonly parameters?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly body?: Uint8Array;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly nowMs?: number;
  readonly nonce?: Uint8Array;
}

export async function signedHeaders(
  at: At,
  signer: Signer,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  question: Question = {},
) {
  const { body = new Uint8Array(0), nowMs = Date.now(), nonce = Uint8Array.from(randomBytes(16)) } = question;
  return signRequest(primitives, signer, { server: at.coordinator, method, path, body, nowMs, nonce });
}

/** Sends it as it is; answers when all of the answer is there. */
export function rawAsk(
  at: At,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: Uint8Array = new Uint8Array(0),
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const sent = open(at, method, path, { 'content-length': String(body.length), ...headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const whole = Buffer.concat(chunks);
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: whole,
          json: () => JSON.parse(whole.toString('utf8')),
        });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

function open(
  at: At,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  onAnswer: (answer: IncomingMessage) => void,
): ClientRequest {
  const { hostname: host, port, protocol } = new URL(at.url);
  const options = { host, port, method, path, headers, agent: false as const };
  return protocol === 'https:'
    ? httpsRequest({ ...options, ...(at.ca === undefined ? {} : { ca: at.ca }) }, onAnswer)
    : httpRequest(options, onAnswer);
}

export async function ask(
  at: At,
  signer: Signer | undefined,
  name: RouteName,
  question: Question = {},
): Promise<Answered> {
  const { method } = ROUTES[name];
  const path = addressOf(name, question.parameters, question.query);
  const signed = signer === undefined ? {} : await signedHeaders(at, signer, method, path, question);
  const type: Record<string, string> = question.type === undefined ? {} : { 'content-type': question.type };
  return rawAsk(at, method, path, { ...signed, ...type, ...question.headers }, question.body);
}

export const askJson = (
  at: At,
  signer: Signer,
  name: RouteName,
  parameters: Readonly<Record<string, string>>,
  body: object,
): Promise<Answered> => ask(at, signer, name, { parameters, body: jsonBytes(body), type: JSON_TYPE });

// ── the owner ──

export interface Owner {
  readonly runId: string;
  readonly owner: Signer;
  readonly authority: Signer;
  readonly signed: SignedPlan;
  readonly first: Uint8Array;
  readonly create: CreateRun;
}

export interface OwnerOptions {
  readonly runId?: string;
  readonly keys?: { readonly owner: Signer; readonly authority: Signer };
  readonly template?: Partial<TemplateOptions>;
  readonly change?: (plan: Plan) => Plan;
}

export async function ownerOf({
  runId = 'run-1',
  keys,
  template,
  change = (plan) => plan,
}: OwnerOptions = {}): Promise<Owner> {
  const { owner, authority } = keys ?? { owner: await freshSigner(), authority: await freshSigner() };
  const plan = change(
    planTemplate({
      name: 'small',
      purpose: 'a test of the server',
      architecture: architectureData(
        checkedArchitecture({ input: [INPUTS], layers: [{ kind: 'dense', units: CLASSES }] }),
      ),
      parameterCount: (INPUTS + 1) * CLASSES,
      loss: 'crossEntropy',
      firstWeightsSeed: 5,
      schedule: 'synchronous',
      protection: 'one-shot',
      reason: 'a test of what the server does',
      minimumContributors: 3,
      maximumContributors: 4,
      rounds: 2,
      epsilon: null,
      delta: 1e-6,
      unit: 'record',
      uploadFraction: 1,
      batchSize: 8,
      learningRate: 0.5,
      minimumUnits: 10,
      authority: hexOf(authority.publicKey),
      endsAtMs: Date.now() + DAY_MS,
      ...template,
    }),
  );
  const checked = checkPlan(plan);
  if (checked.kind === 'invalid') throw new Error(JSON.stringify(checked.problems));
  const signed = await signPlan(primitives, owner, checked.plan);
  const { exchange, protection } = checked.plan;
  const first = bytesOfPublished(
    startPublished(checked.plan, exchange.schedule === 'one-round' ? undefined : firstWeightsOf(checked.plan)),
  );
  const key =
    protection.kind === 'threshold'
      ? thresholdKeyOf({ plan: checked.plan, encoding: wordEncodingOf(checked.plan) })
      : undefined;
  const create: CreateRun = {
    runId,
    projectId: PROJECT,
    plan: signed,
    authority: hexOf(authority.publicKey),
    thresholdKey: key === undefined ? null : writeThresholdKey(key),
    firstModel: hexOf(primitives.sha256(first)),
  };
  return { runId, owner, authority, signed, first, create };
}

export const uploadFirst = ({ runId, owner, first, create }: Owner, at: At): Promise<Answered> =>
  ask(at, owner, 'upload', {
    parameters: { run: runId, sha256: create.firstModel },
    query: { bytes: first.length, offset: 0 },
    body: first,
    type: BYTES_TYPE,
  });

/** Uploads what it begins with, and creates it. */
export async function createAt(owner: Owner, at: At): Promise<RunStatus> {
  const uploaded = await uploadFirst(owner, at);
  if (uploaded.status !== 200) throw new Error(`upload: ${uploaded.status} ${uploaded.body}`);
  const created = await askJson(at, owner.owner, 'createRun', {}, owner.create);
  if (created.status !== 201) throw new Error(`create: ${created.status} ${created.body}`);
  return JSON.parse(created.body.toString('utf8'));
}

export const statusAt = async ({ owner, runId }: Owner, at: At): Promise<RunStatus> =>
  JSON.parse((await ask(at, owner, 'run', { parameters: { run: runId } })).body.toString('utf8'));

/** Invites, is asked, and certifies, as the owner's command and a participant would. */
export async function enrolAt(owner: Owner, at: At, name: string, key: Signer): Promise<Certificate> {
  const invitation = randomBytes(16).toString('hex');
  const run = { run: owner.runId };
  const invited = await askJson(at, owner.owner, 'invite', run, {
    id: invitation,
    member: name,
    role: 'silo',
    notAfterMs: Date.now() + DAY_MS,
  });
  if (invited.status !== 204) throw new Error(`invite: ${invited.status} ${invited.body}`);
  const asked = await askJson(at, key, 'enrol', run, {
    invitation,
    publicKey: hexOf(key.publicKey),
    proof: '00'.repeat(32),
  });
  if (asked.status !== 204) throw new Error(`enrol: ${asked.status} ${asked.body}`);
  const certificate = await certificateFor(owner, name, key);
  const answer = { kind: 'certified', certificate: hexOf(encodeCertificate(certificate)) };
  const answered = await askJson(at, owner.owner, 'answerEnrolment', { ...run, invitation }, answer);
  if (answered.status !== 204) throw new Error(`answer: ${answered.status} ${answered.body}`);
  return certificate;
}

export const certificateFor = (
  owner: Owner,
  name: string,
  { publicKey }: Pick<Signer, 'publicKey'>,
): Promise<Certificate> =>
  certify(owner.authority, {
    projectId: PROJECT,
    memberId: memberId(name),
    role: 'silo',
    publicKey,
    notBeforeMs: Date.now() - DAY_MS,
    notAfterMs: Date.now() + 30 * DAY_MS,
    quotaClass: 'organisation',
  });

// ── a participant ──

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export interface TestParticipantOptions {
  readonly owner: Owner;
  readonly name: string;
  readonly key: Signer;
  readonly certificate: Certificate;
  /** Where the server is: asked anew for every request. */
  readonly at: () => At;
  /** Frames longer than this go as a blob. */
  readonly inlineBytes?: number;
  /** Every frame, before it is sent; then it is not. */
  readonly onSend?: (bytes: Uint8Array) => void;
}

export class TestParticipant {
  readonly name: string;
  readonly versions: number[] = [];
  readonly refused: string[] = [];
  readonly notes: string[] = [];
  over: string | undefined;
  readonly #options: TestParticipantOptions;
  readonly #setup: ParticipantSetup;
  readonly #training: LocalTraining;
  readonly #data: { readonly inputs: Float32Array; readonly targets: Uint32Array };
  readonly #outbox: Uint8Array[] = [];
  readonly #stop = new AbortController();
  #state: ParticipantInTheClear;
  #stored: Uint8Array | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #sending: Promise<void> | undefined;
  #asking: ClientRequest | undefined;
  #listening: Promise<void> | undefined;

  private constructor(options: TestParticipantOptions, parts: { setup: ParticipantSetup; training: LocalTraining }) {
    this.#options = options;
    this.name = options.name;
    this.#setup = parts.setup;
    this.#training = parts.training;
    this.#data = dataOf(options.name);
    this.#state = outsideTheRun(emptyLedger(options.key.publicKey));
  }

  static async make(options: TestParticipantOptions): Promise<TestParticipant> {
    const { owner, key, certificate, at } = options;
    const { plan } = owner.signed;
    const engine = await wasmEngine();
    const setup: ParticipantSetup = {
      primitives,
      engines: await loadSumEngines(primitives),
      signer: key,
      certificate,
      revocations: noRevocations(PROJECT),
      projectId: PROJECT,
      runId: owner.runId,
      coordinator: Uint8Array.from(Buffer.from(at().coordinator, 'hex')),
      policy: {
        ...CAUTIOUS_POLICY,
        plansSignedBy: [hexOf(owner.owner.publicKey)],
        minimumContributors: 3,
        corruptFraction: 0.3,
        minimumUnits: 10,
        countedIn: 'rows',
        protections: ['mask', 'one-shot', 'threshold', 'none'],
        openedTo: ['everyone', 'participants'],
        budgets: [{ dataset: 'ward', unit: 'record', epsilonAtMost: null, delta: 1e-6 }],
        metrics: [{ name: 'loss', resolution: 0.001, minimumUnits: 10 }],
      },
      dataset: 'ward',
      messageBytesAtMost: 2 ** 26,
    };
    const network = new Network(engine, architectureOf(plan), { seed: 1, maxBatch: plan.batching.pieceSize });
    const training = new LocalTraining(
      network,
      plan,
      randomSourceOf((length) => primitives.randomBytes(length)),
    );
    return new TestParticipant(options, { setup, training });
  }

  /** Begins, or goes on from what it stored; listens until it is over or stopped. */
  async begin(): Promise<void> {
    if (this.#stored !== undefined) this.#state = await restoreParticipant(this.#setup, this.#stored, Date.now());
    const isFirst = this.#stored === undefined;
    this.#listening = this.#listen(isFirst);
  }

  /** When it is over, or stopped. */
  async ended(withinMs: number): Promise<string> {
    const until = Date.now() + withinMs;
    while (this.over === undefined) {
      if (Date.now() > until)
        throw new Error(`${this.name} is not over: ${JSON.stringify([...this.refused, ...this.notes].slice(-8))}`);
      await pause(20);
    }
    await this.stop();
    return this.over;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    this.#asking?.destroy();
    await this.#listening;
    await this.#sending;
  }

  async #listen(isFirst: boolean): Promise<void> {
    let isNew = isFirst;
    while (!this.#stop.signal.aborted && this.over === undefined) {
      try {
        await this.#stream(async () => {
          await this.#happens({ kind: isNew ? 'begin' : 'resume' });
          isNew = false;
        });
      } catch (error) {
        this.notes.push(`stream: ${String(error)}`);
      }
      if (!this.#stop.signal.aborted && this.over === undefined) await pause(50);
    }
  }

  async #stream(onOpen: () => Promise<void>): Promise<void> {
    const { key, at, owner } = this.#options;
    const path = addressOf('messages', { run: owner.runId });
    const headers = await signedHeaders(at(), key, 'GET', path);
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = open(at(), 'GET', path, { ...headers }, resolve);
      sent.on('error', reject);
      this.#asking = sent;
      sent.end();
    });
    if (answer.statusCode !== 200) {
      answer.destroy();
      throw new Error(`messages: ${answer.statusCode}`);
    }
    const opened = onOpen();
    const reader = new EventReader();
    try {
      for await (const chunk of answer) {
        for (const event of reader.read(Uint8Array.from(chunk))) {
          const { head, body } = readMessageEvent(event);
          const bytes =
            body instanceof Uint8Array || body === null ? (body ?? new Uint8Array(0)) : await this.#fetch(body.sha256);
          await this.#happens({ kind: 'received', bytes: Buffer.concat([head, bytes]) });
          if (this.over !== undefined) return;
        }
      }
    } finally {
      answer.destroy();
      await opened;
    }
  }

  async #fetch(sha256: string): Promise<Uint8Array> {
    const { key, at, owner } = this.#options;
    const answer = await ask(at(), key, 'blob', { parameters: { run: owner.runId, sha256 } });
    if (answer.status !== 200) throw new Error(`blob ${sha256}: ${answer.status} ${answer.body}`);
    return answer.body;
  }

  /** One input after the other. */
  #happens(input: ParticipantInput): Promise<void> {
    const mine = this.#turn.then(() => this.#step(input));
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  async #step(input: ParticipantInput): Promise<void> {
    let step: Awaited<ReturnType<typeof stepParticipant>>;
    try {
      step = await stepParticipant(this.#setup, this.#state, input, Date.now());
    } catch (error) {
      if (!(error instanceof Error) || !['MalformedMessage', 'ProtocolViolation'].includes(error.name)) throw error;
      this.refused.push(error.message);
      return;
    }
    this.#state = step.state;
    for (const output of step.outputs) {
      if (output.kind === 'persist') this.#stored = storeParticipantInTheClear(this.#setup, step.state);
      else if (output.kind === 'send') this.#send(output.bytes);
      else if (output.kind === 'new model') this.versions.push(output.published.version);
      else if (output.kind === 'run over') this.over = output.text;
      else if (output.kind === 'note') this.notes.push(output.text);
      else if (output.kind === 'train') {
        const { work, task } = output;
        if (work.kind !== 'update') throw new Error('this plan sums statistics');
        const result = this.#training.contribute({
          start: work.start,
          drift: work.drift,
          data: { examples: this.#data },
        });
        void this.#happens({ kind: 'trained', task, result });
      }
    }
  }

  #send(bytes: Uint8Array): void {
    const { onSend } = this.#options;
    if (onSend !== undefined) {
      onSend(bytes);
      return;
    }
    this.#outbox.push(bytes);
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined;
    });
  }

  async #sendAll(): Promise<void> {
    for (let bytes = this.#outbox[0]; bytes !== undefined; bytes = this.#outbox[0]) {
      try {
        const answer = await this.#post(bytes);
        if (answer.status === 204 || (answer.status >= 400 && answer.status < 500 && answer.status !== 429)) {
          if (answer.status !== 204) this.refused.push(`${answer.status} ${answer.body}`);
          this.#outbox.shift();
          continue;
        }
      } catch (error) {
        this.notes.push(`post: ${String(error)}`);
      }
      if (this.#stop.signal.aborted || this.over !== undefined) return;
      await pause(50);
    }
  }

  async #post(bytes: Uint8Array): Promise<Answered> {
    const { key, at, owner, inlineBytes = 2 ** 20 } = this.#options;
    const parameters = { run: owner.runId };
    if (bytes.length <= inlineBytes) return ask(at(), key, 'frames', { parameters, body: bytes, type: BYTES_TYPE });
    const sha256 = hexOf(primitives.sha256(bytes));
    const piece = Math.ceil(bytes.length / 3);
    for (let offset = 0; offset < bytes.length; offset += piece) {
      await ask(at(), key, 'upload', {
        parameters: { ...parameters, sha256 },
        query: { bytes: bytes.length, offset },
        body: bytes.subarray(offset, offset + piece),
        type: BYTES_TYPE,
      });
    }
    return ask(at(), key, 'frames', {
      parameters,
      body: jsonBytes({ sha256, bytes: bytes.length }),
      type: FRAME_BLOB_TYPE,
    });
  }
}

function dataOf(name: string): { readonly inputs: Float32Array; readonly targets: Uint32Array } {
  let word = [...name].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), 7) >>> 0;
  const uniform = (): number => {
    word = (Math.imul(word, 1_664_525) + 1_013_904_223) >>> 0;
    return word / 2 ** 32;
  };
  const targets = Uint32Array.from({ length: ROWS }, () => Math.floor(uniform() * CLASSES));
  const inputs = Float32Array.from(
    { length: ROWS * INPUTS },
    (_, at) => (at % CLASSES === targets[Math.floor(at / INPUTS)] ? 1 : 0) + uniform(),
  );
  return { inputs, targets };
}

/** So many, certified. */
export async function participantsOf(
  owner: Owner,
  at: () => At,
  count = 4,
  rest: Partial<TestParticipantOptions> = {},
): Promise<TestParticipant[]> {
  const made: TestParticipant[] = [];
  for (let index = 0; index < count; index += 1) {
    const key = await freshSigner();
    const name = `silo-${index + 1}`;
    const certificate = await enrolAt(owner, at(), name, key);
    made.push(await TestParticipant.make({ owner, name, key, certificate, at, ...rest }));
  }
  return made;
}
