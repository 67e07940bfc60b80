// Three stations want to know from pressure and humidity whether it will rain, with a training function of their own. Each of them is three lines:
//
//   const run = await takePart(link, { folder, policy: 'this plan' });
//   for await (const task of run) await task.send(await train(task));
//   const { published } = await run.outcome;
//
// Everything before and after training is the participant's: the link's keys and plan, the masks, the ledger, what to do when the line breaks. The
// server is a program of its own here, as it would be elsewhere; the owner's part is what `sumus start` and `sumus invite` do. It ends with status
// 1 if anything is wrong.
//
// Prints: Three stations have one model of their own training, over HTTP.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Connection } from '@sumus/client/connection';
import { nodeClock, nodeTransport, takePart } from '@sumus/client/node';
import { architectureData, firstWeightsOf } from '@sumus/federation/model';
import { checkPlan, planTemplate, problemLines, signPlan } from '@sumus/federation/plan';
import { bytesOfPublished, publishedHash, startPublished } from '@sumus/federation/release';
import { architecture, parameterCount } from '@sumus/learning/model';
import { nodePrimitives } from '@sumus/platform/node';
import { SecretKey } from '@sumus/platform/primitives';
import { certify, encodeCertificate, memberId } from '@sumus/secure-sum/identity';
import { freshSecretKey, signerOf } from '@sumus/secure-sum/secret-primitives';
import { BYTES_TYPE, enrolmentAsked, runStatus } from '@sumus/wire/bodies';
import { type InvitationLink, InvitationSecret, isEnrolmentProof, writeInvitationLink } from '@sumus/wire/link';
import { bytesOfHex, hexOf, readJsonText } from '@sumus/wire/text';

const STATIONS = ['arosa', 'brig', 'chur'] as const;
const PROJECT = 'weather';
const RUN = 'rain';
const DAYS = 200;
const DAY_MS = 86_400_000;
const primitives = { ...nodePrimitives(), secretKeys: SecretKey };
const folder = mkdtempSync(join(tmpdir(), 'sumus-own-training-'));

// ── what people bring: data of their own, and a function from weights to weights ──

interface Day {
  readonly pressure: number;
  readonly humidity: number;
  readonly rains: boolean;
}

/** Made up: it rains at low pressure and high humidity, and each station sees another part of the sky. */
const daysAt = (station: number): readonly Day[] =>
  Array.from({ length: DAYS }, (_, day) => {
    const pressure = Math.sin(day * 1.7 + station) + 0.3 * (station - 1);
    const humidity = Math.cos(day * 2.3 + 2 * station);
    return { pressure, humidity, rains: humidity - pressure + 0.1 * Math.sin(day * 91) > 0 };
  });

/** Weights of two inputs by two answers, then the two biases: W[0][0], W[0][1], W[1][0], W[1][1], b[0], b[1]. */
function chanceOfRain(w: Float32Array, { pressure, humidity }: Day): number {
  const dry = pressure * w[0]! + humidity * w[2]! + w[4]!;
  const wet = pressure * w[1]! + humidity * w[3]! + w[5]!;
  return 1 / (1 + Math.exp(dry - wet));
}

/** Twenty steps of plain gradient descent, written by hand; yours may call whatever you like. */
function descend(
  start: Float32Array,
  days: readonly Day[],
): { weights: Float32Array; examples: number; meanLoss: number } {
  const weights = start.slice();
  let loss = 0;
  for (let step = 0; step < 20; step++) {
    const gradient = new Float64Array(weights.length);
    loss = 0;
    for (const day of days) {
      const chance = chanceOfRain(weights, day);
      const wrong = (chance - (day.rains ? 1 : 0)) / days.length;
      const inputs = [-day.pressure, day.pressure, -day.humidity, day.humidity, -1, 1];
      for (const [i, input] of inputs.entries()) gradient[i]! += input * wrong;
      loss -= Math.log(day.rains ? chance : 1 - chance) / days.length;
    }
    for (const [i, slope] of gradient.entries()) weights[i]! -= 0.3 * slope;
  }
  return { weights, examples: days.length, meanLoss: loss };
}

// ── the server, a program of its own ──

const owner = await signerOf(primitives, freshSecretKey(primitives, 'ed25519'));
const authority = await signerOf(primitives, freshSecretKey(primitives, 'ed25519'));
const { server, url, coordinator } = await startServer(hexOf(owner.publicKey));

async function startServer(ownerKey: string): Promise<{ server: ChildProcess; url: string; coordinator: string }> {
  const manifest = createRequire(import.meta.url).resolve('@sumus/server/package.json');
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: Record<string, string> };
  const words = ['--listen', '127.0.0.1:0', '--state', join(folder, 'server'), '--owner', ownerKey];
  const program = join(dirname(manifest), Object.values(bin)[0]!);
  const child = spawn(process.execPath, [program, ...words], { stdio: ['ignore', 'pipe', 'ignore'] });
  // However this ends, the server ends with it.
  process.once('exit', () => child.kill('SIGKILL'));
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
  });
  return { server: child, ...(JSON.parse(line) as { url: string; coordinator: string }) };
}

// ── the owner: a plan, a run, three invitations, and answers to whoever asks with one ──

const model = architecture({ input: [2], layers: [{ kind: 'dense', units: 2 }] });
const checked = checkPlan(
  planTemplate({
    name: 'rain',
    purpose: 'To tell from pressure and humidity whether it will rain.',
    architecture: architectureData(model),
    parameterCount: parameterCount(model),
    loss: 'crossEntropy',
    firstWeightsSeed: 1,
    schedule: 'synchronous',
    protection: 'mask',
    reason: 'the weather is everybody’s, and nothing is promised about a day',
    minimumContributors: STATIONS.length,
    maximumContributors: STATIONS.length,
    rounds: 5,
    epsilon: null,
    delta: 1e-6,
    unit: 'record',
    uploadFraction: 1,
    batchSize: DAYS,
    learningRate: 0.3,
    minimumUnits: 100,
    authority: hexOf(authority.publicKey),
    endsAtMs: Date.now() + DAY_MS,
  }),
);
if (checked.kind === 'invalid') throw new Error(problemLines(checked.problems).join('\n'));
const plan = await signPlan(primitives, owner, checked.plan);
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
const links = STATIONS.map(
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
const desk = await office.listen('enrolments', { parameters: { run: RUN }, query: { from: 0 } });
const answering = answerThoseWhoAsk();

async function answerThoseWhoAsk(): Promise<void> {
  const answered = new Set<string>();
  for await (const { data } of desk.events) {
    const { invitation, publicKey, proof } = readJsonText(enrolmentAsked, data);
    const link = links.find((one) => one.invitation === invitation);
    const key = bytesOfHex(publicKey);
    if (link === undefined || !isEnrolmentProof(primitives, link.secret, { ...link, publicKey: key }, proof)) continue;
    const certificate = await certify(authority, {
      projectId: PROJECT,
      memberId: memberId(link.member),
      role: 'silo',
      publicKey: key,
      notBeforeMs: Date.now() - DAY_MS,
      notAfterMs: Date.now() + DAY_MS,
      quotaClass: 'station',
    });
    const answer = { kind: 'certified', certificate: hexOf(encodeCertificate(certificate)) };
    await office.tellJson('answerEnrolment', { run: RUN, invitation }, answer);
    answered.add(invitation);
    if (answered.size === links.length) return;
  }
}

// ── the stations ──

const outcomes = STATIONS.map(async (name, station) => {
  const link = writeInvitationLink(primitives, links[station]!);
  const part = await takePart(link, { folder: join(folder, name), policy: 'this plan' });
  for await (const task of part) await task.send(descend(task.weights, daysAt(station)));
  return part.outcome;
});
await answering;
desk.close();
for (;;) {
  const { members } = await office.ask(runStatus, 'run', { parameters: { run: RUN } });
  if (members.filter(({ standing }) => standing === 'accepted').length === STATIONS.length) break;
  await new Promise((resolve) => setTimeout(resolve, 100));
}
await office.tellJson('start', { run: RUN }, {});
const ended = await Promise.all(outcomes);

// ── what came of it ──

const models = new Set<string>();
ended.forEach(({ ended: how, published, ledger }, station) => {
  if (how.kind !== 'run over' || published?.kind !== 'model') throw new Error(`${STATIONS[station]}: ${how.kind}`);
  const { weights } = published.server;
  const days = daysAt(station);
  const right = days.filter((day) => chanceOfRain(weights, day) > 0.5 === day.rains).length / days.length;
  const left = ledger.filter(({ content }) => content.kind === 'left').length;
  console.log(
    `${STATIONS[station]}: right on ${(100 * right).toFixed(1)} % of its days; ${left} things left it, each in its ledger`,
  );
  if (right < 0.9) throw new Error('the model is no good');
  models.add(hexOf(publishedHash(primitives, published)));
});
if (models.size !== 1) throw new Error('the stations have different models');
office.close();
server.kill('SIGTERM');
await new Promise((resolve) => server.once('exit', resolve));
rmSync(folder, { recursive: true, force: true });
console.log('Three stations have one model of their own training, over HTTP.');
