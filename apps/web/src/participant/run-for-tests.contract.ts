// Test material: a server as the program that it is, with the pages; an owner who answers those who ask; and participants in Node, for a run that
// browsers take part in. Runs what `npm test` has built.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Connection } from '@sumus/client/connection';
import { LocalParticipant, nodeClock, nodeTransport } from '@sumus/client/node';
import type { Outcome, Progress } from '@sumus/client/participation';
import { workerHere } from '@sumus/client/worker';
import { architectureData, firstWeightsOf } from '@sumus/federation/model';
import { type CheckedPlan, checkPlan, planTemplate, problemLines, signPlan } from '@sumus/federation/plan';
import { bytesOfPublished, startPublished } from '@sumus/federation/release';
import type { WorkerData } from '@sumus/federation/worker';
import { wasmEngine } from '@sumus/learning/engine';
import { parameterCount, zoo } from '@sumus/learning/model';
import { nodePrimitives } from '@sumus/platform/node';
import { SecretKey } from '@sumus/platform/primitives';
import { certify, encodeCertificate, memberId } from '@sumus/secure-sum/identity';
import type { Signer } from '@sumus/secure-sum/primitives';
import { freshSecretKey, signerOf } from '@sumus/secure-sum/secret-primitives';
import { BYTES_TYPE, enrolmentAsked, type RunStatus, runStatus } from '@sumus/wire/bodies';
import { type InvitationLink, InvitationSecret, isEnrolmentProof, writeInvitationLink } from '@sumus/wire/link';
import { bytesOfHex, hexOf, readJsonText } from '@sumus/wire/text';

const root: string = join(import.meta.dirname, '../../../..');
const program: string = join(root, 'apps/server/bin/sumus-server.mjs');
const primitives = { ...nodePrimitives(), secretKeys: SecretKey };
const DAY_MS = 86_400_000;
const RUN = 'digits';
const PROJECT = 'readers';
export const MEMBERS: readonly string[] = ['anna', 'bela', 'cleo', 'tab-one', 'tab-two'];

/** Everybody's whole data in one step a round, so that what a sum must be can be computed beside it. */
function digitsPlan(authority: string): CheckedPlan {
  const model = zoo('logistic');
  const base = planTemplate({
    name: 'reading-digits',
    purpose: 'Five people teach one small network to read digits.',
    architecture: architectureData(model),
    parameterCount: parameterCount(model),
    loss: 'crossEntropy',
    firstWeightsSeed: 3,
    schedule: 'synchronous',
    protection: 'mask',
    reason: 'a test of the page, on published digits',
    minimumContributors: 4,
    maximumContributors: 5,
    rounds: 2,
    epsilon: null,
    delta: 1e-6,
    unit: 'record',
    uploadFraction: 1,
    batchSize: 100,
    learningRate: 0.5,
    minimumUnits: 100,
    authority,
    endsAtMs: Date.now() + DAY_MS,
  });
  const checked = checkPlan({
    ...base,
    metrics: [],
    batching: { ...base.batching, sampling: { kind: 'full' } },
    deadline: { ...base.deadline, roundSeconds: 12 },
    protection: { kind: 'mask', graph: 'complete', corruptFraction: 0.2, dropoutFraction: 0.2 },
  });
  if (checked.kind === 'invalid') throw new Error(problemLines(checked.problems).join('\n'));
  return checked.plan;
}

export class RunForTests {
  readonly folder: string;
  readonly plan: CheckedPlan;
  readonly origin: string;
  readonly #links: readonly InvitationLink[];
  readonly #server: ChildProcess;
  readonly #office: Connection;

  /** `words`: for the server, beside those that it needs. */
  static async begin(words: readonly string[] = []): Promise<RunForTests> {
    const folder = mkdtempSync(join(tmpdir(), 'sumus-tabs-'));
    const owner = await signerOf(primitives, freshSecretKey(primitives, 'ed25519'));
    const authority = await signerOf(primitives, freshSecretKey(primitives, 'ed25519'));
    const { server, url, coordinator } = await startServer(folder, hexOf(owner.publicKey), words);
    const plan = await signPlan(primitives, owner, digitsPlan(hexOf(authority.publicKey)));
    const first = bytesOfPublished(startPublished(plan.plan, firstWeightsOf(plan.plan)));
    const firstModel = hexOf(primitives.sha256(first));
    const transport = nodeTransport({ server: url, fingerprint: undefined });
    const office = new Connection({ transport, primitives, clock: nodeClock, signer: owner, server: coordinator });
    await office.tell('upload', {
      parameters: { run: RUN, sha256: firstModel },
      query: { bytes: first.length, offset: 0 },
      body: first,
      type: BYTES_TYPE,
    });
    const run = { runId: RUN, projectId: PROJECT, authority: hexOf(authority.publicKey) };
    await office.tellJson('createRun', {}, { ...run, plan, thresholdKey: null, firstModel });
    const links = MEMBERS.map(
      (member): InvitationLink => ({
        ...run,
        server: url,
        member,
        invitation: hexOf(primitives.randomBytes(16)),
        secret: new InvitationSecret(primitives.randomBytes(16)),
        coordinator,
        plan: plan.id,
        owner: hexOf(owner.publicKey),
        fingerprint: undefined,
      }),
    );
    for (const { invitation: id, member } of links) {
      await office.tellJson('invite', { run: RUN }, { id, member, role: 'silo', notAfterMs: Date.now() + DAY_MS });
    }
    const begun = new RunForTests({ folder, plan: plan.plan, origin: url, links, server, office });
    begun.#answer(authority).catch(() => undefined);
    return begun;
  }

  private constructor(parts: {
    readonly folder: string;
    readonly plan: CheckedPlan;
    readonly origin: string;
    readonly links: readonly InvitationLink[];
    readonly server: ChildProcess;
    readonly office: Connection;
  }) {
    this.folder = parts.folder;
    this.plan = parts.plan;
    this.origin = parts.origin;
    this.#links = parts.links;
    this.#server = parts.server;
    this.#office = parts.office;
  }

  link(member: string): string {
    const found = this.#links.find((one) => one.member === member);
    if (found === undefined) throw new Error(`nobody invited ${member}`);
    return writeInvitationLink(primitives, found);
  }

  /** As `sumus invite` answers: by the proof that the link is had. */
  async #answer(authority: Signer): Promise<void> {
    const desk = await this.#office.listen('enrolments', { parameters: { run: RUN }, query: { from: 0 } });
    for await (const { data } of desk.events) {
      const { invitation, publicKey, proof } = readJsonText(enrolmentAsked, data);
      const link = this.#links.find((one) => one.invitation === invitation);
      const key = bytesOfHex(publicKey);
      if (link === undefined || !isEnrolmentProof(primitives, link.secret, { ...link, publicKey: key }, proof))
        continue;
      const certificate = await certify(authority, {
        projectId: PROJECT,
        memberId: memberId(link.member),
        role: 'silo',
        publicKey: key,
        notBeforeMs: Date.now() - DAY_MS,
        notAfterMs: Date.now() + DAY_MS,
        quotaClass: 'reader',
      });
      const answer = { kind: 'certified', certificate: hexOf(encodeCertificate(certificate)) };
      await this.#office.tellJson('answerEnrolment', { run: RUN, invitation }, answer);
    }
  }

  async inNode(member: string, data: WorkerData, onProgress: (progress: Progress) => void): Promise<Outcome> {
    const local = await LocalParticipant.open(this.link(member), { folder: join(this.folder, member) });
    try {
      const tools = { engine: await wasmEngine(), platform: primitives };
      const worker = workerHere(tools, data, (length) => primitives.randomBytes(length));
      const participation = await local.begin({ policy: 'this plan', worker, onProgress });
      return await participation.run();
    } finally {
      await local.close();
    }
  }

  status(): Promise<RunStatus> {
    return this.#office.ask(runStatus, 'run', { parameters: { run: RUN } });
  }

  async until(what: (status: RunStatus) => boolean): Promise<RunStatus> {
    for (;;) {
      const found = await this.status();
      if (what(found)) return found;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  start(): Promise<void> {
    return this.#office.tellJson('start', { run: RUN }, {});
  }

  async end(): Promise<void> {
    this.#office.close();
    const gone = new Promise((resolve) => this.#server.once('exit', resolve));
    this.#server.kill('SIGKILL');
    await gone;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function startServer(
  folder: string,
  ownerKey: string,
  more: readonly string[],
): Promise<{ readonly server: ChildProcess; readonly url: string; readonly coordinator: string }> {
  const words = ['--listen', '127.0.0.1:0', '--state', join(folder, 'server'), '--owner', ownerKey, ...more];
  const child = spawn(process.execPath, [program, ...words, '--pages', join(root, 'apps/web/pages')], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
  });
  const { url, coordinator }: { readonly url: string; readonly coordinator: string } = JSON.parse(line);
  return { server: child, url, coordinator };
}
