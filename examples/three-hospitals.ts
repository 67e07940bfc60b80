// Three hospitals want one model that tells four kinds of findings apart, and none shows the others, or the server, its patients or what it
// learnt from them. The whole story: a plan that its owner signs, hospitals who hold it against their own files, rounds in which only sums
// are opened, a hospital whose network fails in the middle, receipts, ledgers, and a budget that ends the run.
//
// One process plays all parts; what one says to another goes as bytes. Keys and noise come from the platform's generator, as they would in
// three processes; only the patients are made up. It ends with status 1 if anything is wrong.
//
// Prints: Three hospitals have one model, and nobody has seen more than sums.

import { runs } from '@sumus/federation/coordinator';
import { emptyLedger, verifyLedger } from '@sumus/federation/ledger';
import { architectureData, architectureOf, firstWeightsOf } from '@sumus/federation/model';
import {
  outsideTheRun,
  type ParticipantInTheClear,
  type ParticipantSetup,
  stepParticipant,
} from '@sumus/federation/participant';
import { checkPlan, planTemplate, problemLines, signPlan, withLeastNoise } from '@sumus/federation/plan';
import { CAUTIOUS_POLICY, type Policy } from '@sumus/federation/policy';
import { paidRounds } from '@sumus/federation/privacy';
import { startPublished } from '@sumus/federation/release';
import type { RunEvent } from '@sumus/federation/run';
import { loadSumEngines } from '@sumus/federation/sum';
import { LocalTraining, randomSourceOf } from '@sumus/federation/training';
import { wasmEngine } from '@sumus/learning/engine';
import { accuracy, predictedClasses } from '@sumus/learning/metrics';
import { architecture, parameterCount } from '@sumus/learning/model';
import { Network } from '@sumus/learning/network';
import { nodePrimitives } from '@sumus/platform/node';
import { SecretKey } from '@sumus/platform/primitives';
import { certify, memberId, noRevocations } from '@sumus/secure-sum/identity';
import { agreementOf, freshSecretKey, signerOf } from '@sumus/secure-sum/secret-primitives';

const NAMES = ['aarau', 'basel', 'chur'] as const;
const MEASUREMENTS = 12;
const FINDINGS = 4;
const DAY_MS = 86_400_000;
const primitives = { ...nodePrimitives(), secretKeys: SecretKey };
const engines = await loadSumEngines(primitives);
let nowMs = Date.now();

title('1  A plan, and who signs it');
const model = architecture({ input: [MEASUREMENTS], layers: [{ kind: 'dense', units: FINDINGS }] });
const owner = await signerOf(primitives, freshSecretKey(primitives, 'ed25519'));
const office = await signerOf(primitives, freshSecretKey(primitives, 'ed25519'));
const draft = planTemplate({
  name: 'findings',
  purpose: 'To tell four kinds of findings apart without pooling patients.',
  architecture: architectureData(model),
  parameterCount: parameterCount(model),
  loss: 'crossEntropy',
  firstWeightsSeed: 1,
  schedule: 'synchronous',
  protection: 'mask',
  reason: 'not needed here: there is protection, and there is an ε',
  minimumContributors: NAMES.length,
  maximumContributors: NAMES.length,
  rounds: 8,
  epsilon: 8,
  delta: 1e-5,
  unit: 'record',
  uploadFraction: 1,
  batchSize: 60,
  learningRate: 2,
  minimumUnits: 200,
  authority: hex(office.publicKey),
  endsAtMs: nowMs + 30 * DAY_MS,
});
const checked = checkPlan(
  withLeastNoise({
    ...draft,
    protection: { kind: 'mask', graph: 'complete', corruptFraction: 0, dropoutFraction: 0 },
    batching: { ...draft.batching, sampling: { kind: 'poisson', rate: 0.1, divisor: 60 } },
  }),
);
if (checked.kind === 'invalid') throw new Error(problemLines(checked.problems).join('\n'));
const signed = await signPlan(primitives, owner, checked.plan);
const { plan } = signed;
say(
  `Plan ${signed.id.slice(0, 12)}…: ${plan.model.parameterCount} parameters, at most ${plan.stopping.rounds} rounds, each a sum of ${NAMES.length}.`,
);
say('Every hospital adds its share of noise: who sees the models learns little of any one patient, ε ≤ 8 at δ = 10⁻⁵.');

title('2  Three hospitals, each with a file of its own');
/** What the hospitals allow; no plan can weaken it. */
const policy: Policy = {
  ...CAUTIOUS_POLICY,
  plansSignedBy: [hex(owner.publicKey)],
  minimumContributors: 3,
  corruptFraction: 0,
  minimumUnits: 200,
  countedIn: 'rows',
  protections: ['mask'],
  openedTo: ['everyone'],
  budgets: [{ dataset: 'findings', unit: 'record', epsilonAtMost: 8, delta: 1e-5 }],
};
const server = await signerOf(primitives, freshSecretKey(primitives, 'ed25519'));
const names = { projectId: 'three-hospitals', runId: 'findings-2026' };
const revocations = noRevocations(names.projectId);

interface Hospital {
  readonly name: string;
  readonly setup: ParticipantSetup;
  readonly training: LocalTraining;
  readonly patients: { readonly inputs: Float32Array; readonly targets: Uint32Array };
  state: ParticipantInTheClear;
  /** Whether anything reaches it. */
  isReachable: boolean;
  readonly inbox: Uint8Array[];
  models: number;
}

const network = new Network(await wasmEngine(), architectureOf(plan), { seed: 1, maxBatch: plan.batching.pieceSize });
const hospitals: Hospital[] = [];
for (const [place, name] of NAMES.entries()) hospitals.push(await founded(name, { place, count: 500 + 150 * place }));
const cautious = await founded('davos', { place: 3, count: 500 }, { ...policy, protections: ['one-shot'] });
for (const { name, patients } of hospitals) say(`   ${name.padEnd(8)} ${patients.targets.length} patients`);

title('3  A server that cannot look');
/** What the server has on its disk: a log that only grows, and blobs beside it. */
const log: RunEvent[] = [];
const blobs = new Map<string, Uint8Array>();
const coordinatorSetup: runs.CoordinatorSetup = {
  primitives,
  engines,
  signer: server,
  revocations,
  revealedKey: (bytes) => agreementOf(primitives, SecretKey.fromBytes('x25519', bytes)),
  roundsPaid: paidRounds(plan),
  failuresAtMost: 2,
  readBlob: async ({ sha256 }) => blobs.get(sha256) ?? new Uint8Array(0),
  messageBytesAtMost: 2 ** 24,
};
let coordinator = happened(
  runs.createRun(
    coordinatorSetup,
    { ...names, plan: signed, first: startPublished(plan, firstWeightsOf(plan)) },
    nowMs,
  ),
);

await begins(cautious);
await carryEverything();
const declined = log.find((event) => event.kind === 'plan declined');
say(
  `Davos is asked first. Its own file allows other protection: "${declined?.reasons[0]?.text ?? ''}" It says so, and nothing of it leaves.`,
);
for (const hospital of hospitals) await begins(hospital);
await carryEverything();
say(
  `${log.filter(({ kind }) => kind === 'plan accepted by member').length} accept, draw a number that nobody chose, and begin.`,
);

title('4  Rounds; Chur goes silent in the second');
await untilOver();
for (const event of log) {
  if (event.kind === 'released') {
    say(`   round ${event.round}: the sum of ${event.contributors.length} is open, and makes model ${event.version}`);
  } else if (event.kind === 'round failed') {
    const { round, reason } = event;
    const refused = log.find((other) => other.kind === 'member sat out' && other.round === round);
    const why = refused?.kind === 'member sat out' ? refused.reasons[0]?.text : `Chur is silent: ${reason}`;
    say(`   round ${round}: no sum. ${why}`);
  }
}
say(
  'Two of three are too few to open a sum, so that round came to nothing; but what was sent was charged to the budget all the same.',
);

title('5  What is left');
const end = log.find((event) => event.kind === 'run ended');
say(`The run ended: ${end?.text ?? 'it did not'}`);
let intact = 0;
let receipts = 0;
for (const { name, state } of hospitals) {
  const { owner: key, records } = state.ledger;
  const verdict = await verifyLedger(primitives, key, records);
  const kept = records.filter(({ content }) => content.kind === 'receipt kept').length;
  const spent = records.filter(({ content }) => content.kind === 'charged').length;
  say(
    `   ${name.padEnd(8)} ledger ${verdict.kind}, ${records.length} records: ${spent} charges to the budget, ${kept} receipts`,
  );
  if (verdict.kind === 'intact') intact += 1;
  receipts += kept;
}
const released = log.filter(({ kind }) => kind === 'released').length;
const models = new Set(hospitals.map(({ state }) => weightsOf(state)?.join()));
say(
  `All three computed every model themselves from the sums: they have ${models.size === 1 ? 'the same one' : 'DIFFERENT ONES'}, and never took the server's word.`,
);
const unseen = patientsOf(99, 2000);
const weights = weightsOf(hospitals[0]?.state);
if (weights !== undefined) network.setParameters(weights);
const right = accuracy(predictedClasses(network.predict(unseen.inputs), FINDINGS), unseen.targets);
say(
  `On 2,000 patients that nobody trained on it is right in ${(100 * right).toFixed(0)} % of cases; guessing gives 25 %.`,
);
const isRight =
  declined !== undefined &&
  end !== undefined &&
  intact === 3 &&
  released > 0 &&
  log.some(({ kind }) => kind === 'round failed') &&
  receipts === 3 * released &&
  models.size === 1 &&
  right > 0.4;
say('');
say(isRight ? 'Three hospitals have one model, and nobody has seen more than sums.' : 'SOMETHING IS WRONG');
say(
  'A sum of three tells each something about the other two: the noise is what limits it. Nobody can tell whether a hospital lied about its',
);
say('own patients. With so few, ask for people who know each other, or for more of them.');
process.exitCode = isRight ? 0 : 1;

async function founded(
  name: string,
  { place, count }: { readonly place: number; readonly count: number },
  own: Policy = policy,
): Promise<Hospital> {
  const signer = await signerOf(primitives, freshSecretKey(primitives, 'ed25519'));
  const certificate = await certify(office, {
    projectId: names.projectId,
    memberId: memberId(name),
    role: 'device',
    publicKey: signer.publicKey,
    notBeforeMs: nowMs - DAY_MS,
    notAfterMs: nowMs + 365 * DAY_MS,
    quotaClass: 'hospital',
  });
  const setup: ParticipantSetup = {
    ...names,
    primitives,
    engines,
    signer,
    certificate,
    revocations,
    coordinator: server.publicKey,
    policy: own,
    dataset: 'findings',
    messageBytesAtMost: 2 ** 24,
  };
  const training = new LocalTraining(network, plan, randomSourceOf(primitives.randomBytes));
  const state = outsideTheRun(emptyLedger(signer.publicKey));
  return { name, setup, training, patients: patientsOf(place, count), state, isReachable: true, inbox: [], models: 0 };
}

/** Made up: each finding moves some measurements, and each hospital measures a little differently. */
function patientsOf(place: number, count: number): Hospital['patients'] {
  const inputs = new Float32Array(count * MEASUREMENTS);
  const targets = Uint32Array.from({ length: count }, (_, row) => (row * 7 + place) % FINDINGS);
  targets.forEach((finding, row) => {
    for (let i = 0; i < MEASUREMENTS; i++) {
      const wave = Math.sin(1 + row * 12.9898 + i * 78.233 + place) * 43758.5453;
      inputs[row * MEASUREMENTS + i] = (wave - Math.floor(wave)) * 0.6 + (i % FINDINGS === finding ? 0.35 : 0);
    }
  });
  return { inputs, targets };
}

/** What a step of the server asks for: to disk first, then out. */
function happened(step: runs.CoordinatorStep): runs.RunCoordinator {
  log.push(...step.events);
  for (const [name, bytes] of step.blobs) blobs.set(name, bytes);
  for (const output of step.outputs) {
    if (output.kind !== 'send' || output.to.kind !== 'member') continue;
    const to = output.to.memberId;
    [...hospitals, cautious].find(({ name, isReachable }) => name === to && isReachable)?.inbox.push(output.bytes);
  }
  return step.coordinator;
}

async function serverDoes(input: runs.CoordinatorInput): Promise<void> {
  coordinator = happened(await runs.advance(coordinatorSetup, coordinator, input, nowMs));
}

/** One step of a hospital, and what it asks for: in three processes, `persist` would write its state to its own disk. */
async function does(hospital: Hospital, input: Parameters<typeof stepParticipant>[2]): Promise<void> {
  const { state, outputs } = await stepParticipant(hospital.setup, hospital.state, input, nowMs);
  hospital.state = state;
  for (const output of outputs) {
    if (output.kind === 'new model') hospital.models += 1;
    if (output.kind === 'send' && hospital.isReachable) await serverDoes({ kind: 'received', bytes: output.bytes });
  }
  for (const output of outputs) {
    if (output.kind !== 'train' || output.work.kind !== 'update') continue;
    const { start, drift } = output.work;
    const result = hospital.training.contribute({ start, data: { examples: hospital.patients }, drift });
    await does(hospital, { kind: 'trained', task: output.task, result });
  }
}

function begins(hospital: Hospital): Promise<void> {
  return does(hospital, { kind: 'begin' });
}

async function carryEverything(): Promise<void> {
  const all = [...hospitals, cautious];
  while (all.some(({ inbox }) => inbox.length > 0)) {
    for (const hospital of all) {
      networkOfChur();
      for (const bytes of hospital.inbox.splice(0)) await does(hospital, { kind: 'received', bytes });
    }
  }
}

/** Chur's network fails in the middle of the second round, when all have shared their secrets out, and is back for the next. */
function networkOfChur(): void {
  const opened = log.filter(({ kind }) => kind === 'round opened').length;
  const isMidRound = log.at(-1)?.kind === 'frame taken' && coordinator.state.phase.kind === 'in a round';
  const isContributing =
    coordinator.state.phase.kind === 'in a round' && coordinator.state.phase.live.phase === 'contributing';
  const chur = hospitals.find(({ name }) => name === 'chur');
  if (chur !== undefined) chur.isReachable = opened !== 2 || (chur.isReachable && !(isMidRound && isContributing));
}

/** Time goes by: the server looks at its deadlines, and whoever may have missed something asks. */
async function untilOver(): Promise<void> {
  for (let step = 0; step < 200 && coordinator.state.phase.kind !== 'ended'; step++) {
    await carryEverything();
    nowMs += plan.deadline.roundSeconds * 500;
    networkOfChur();
    await serverDoes({ kind: 'tick' });
    networkOfChur();
    for (const hospital of hospitals) if (hospital.isReachable) await does(hospital, { kind: 'resume' });
  }
  await carryEverything();
}

function weightsOf(state: ParticipantInTheClear | undefined): Float32Array | undefined {
  return state?.published?.kind === 'model' ? state.published.server.weights : undefined;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function title(text: string): void {
  say('');
  say(text);
}

function say(line: string): void {
  console.log(line);
}
