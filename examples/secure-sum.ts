// Seven hospitals each improved the same model on their own patients and want the mean of their seven improvements, weighted by how
// many patients stand behind each. A server does the adding. None of the hospitals shows it, or another hospital, its numbers; two
// hospitals vanish in the middle; the server tries to get at Basel's numbers, five times; and the mean is right.
//
// This is `mask` (docs/protocol.md): everybody adds random masks to its numbers, made so that the masks cancel in the sum and only there.
// One process plays all parts; what one says to another goes as bytes, signed or sealed. It ends with status 1 if anything is wrong.
//
// Prints: The mean of six is right, and the server got nothing else.

import { nodePrimitives } from '@sumus/platform/node';
import { SecretKey } from '@sumus/platform/primitives';
import {
  BEACON_COMMIT,
  BEACON_REVEAL,
  type Beacon,
  commitmentsEntry,
  contributorRule,
  drawBeacon,
  gatherCommitments,
  rosterEntry,
} from '@sumus/secure-sum/beacon';
import { commitToBeacon, revealForBeacon } from '@sumus/secure-sum/beacon/contributor';
import { configurationHash, openContext, type RoundConfiguration } from '@sumus/secure-sum/context';
import { decode, defineEncoding, describeEncoding, encode, rotationOf } from '@sumus/secure-sum/encoding';
import { wasmEngine } from '@sumus/secure-sum/engine';
import { defineFloors } from '@sumus/secure-sum/floors';
import { confirmEntry, type HighWater, nothingEntered, proposeEntry } from '@sumus/secure-sum/high-water';
import { certify, memberId, noRevocations } from '@sumus/secure-sum/identity';
import {
  advanceLogView,
  append,
  type Cosignature,
  EMPTY_TREE,
  encodeEntry,
  type LogEntry,
  type LoggedEntry,
  type LogView,
  openLogView,
  proveConsistency,
  proveInclusion,
  requireLogged,
  signTreeHead,
  type WitnessState,
  withCosignatures,
  witnessHead,
} from '@sumus/secure-sum/log';
import type { Output, Send } from '@sumus/secure-sum/machine';
import { maskParticipant, maskRules, type ParticipantEvent, type SecretParticipant } from '@sumus/secure-sum/mask';
import {
  type CoordinatorResult,
  type CoordinatorSetup,
  type CoordinatorState,
  startCoordinator,
  stepCoordinator,
} from '@sumus/secure-sum/mask/coordinator';
import { type MessageKind, signMessage, verifyMessage } from '@sumus/secure-sum/messages';
import { decodeRoster, type Roster } from '@sumus/secure-sum/roster';
import { agreementOf, freshSecretKey, signerOf } from '@sumus/secure-sum/secret-primitives';

const NUMBERS = 10_000;
const NAMES = ['aarau', 'basel', 'chur', 'davos', 'echallens', 'fribourg', 'glarus'];
const now = Date.now();
const primitives = { ...nodePrimitives(), secretKeys: SecretKey };
const engine = await wasmEngine();

// What all agree on before the first round, and pin: who may take part is said by an enrolment office, never by the server.
const PROJECT = 'seven-hospitals';
const office = await signerOf(primitives, freshSecretKey(primitives, 'ed25519'));
const trust = {
  authority: office.publicKey,
  projectId: PROJECT,
  nowMs: now,
  revocations: noRevocations(PROJECT),
};
const log = await signerOf(primitives, freshSecretKey(primitives, 'ed25519'));
let history = EMPTY_TREE;
/** What is known of the log. Each hospital has its own; here one stands for all. */
let view: LogView | undefined;
/** What no hospital goes below, whatever a server says: a third of all may be corrupt, and no sum of fewer than five. */
const floors = defineFloors({
  minimumContributors: 5,
  corruptFraction: 1 / 3,
  minimumWordBits: 16,
  maximumVectorLength: 1_000_000,
  maximumRoundsPerDay: 24,
  minimumCommittee: 3,
  minimumBeaconContributors: 5,
});
/** From floats to the whole numbers that are added, and back: 16 bits a value, 19 for a sum of seven, so that nothing overflows. */
const encoding = defineEncoding({
  vectorLength: NUMBERS,
  clippingNorm: 1,
  valueBits: 16,
  wordBits: 19,
  maximumContributors: NAMES.length,
  maximumWeight: 10_000,
});
const configuration: RoundConfiguration = {
  ...describeEncoding(primitives, encoding),
  protocol: 'mask',
  supportHash: primitives.sha256(new Uint8Array(0)),
  minimumContributors: 5,
  phaseTimeoutsMs: [30_000, 30_000, 600_000, 30_000, 30_000],
  own: maskRules({ graph: 'complete', corruptFraction: 1 / 3, dropoutFraction: 0 }),
};
/** Everything that is said, sealed, signed or derived in this round is bound to the hash of this. */
const open = openContext(primitives, {
  projectId: PROJECT,
  taskId: 'length-of-stay',
  round: 1,
  flush: 0,
  modelHash: primitives.sha256(new Uint8Array([1])),
  configHash: configurationHash(primitives, configuration),
  policyHash: primitives.sha256(new Uint8Array([2])),
});

interface Hospital {
  readonly name: string;
  readonly patients: number;
  readonly improvement: Float32Array;
  readonly setup: Parameters<typeof maskParticipant.open>[0];
  /** Which rounds it entered: on its disk before it says a word. */
  entered: HighWater;
  /** The last head of the log that it co-signed. */
  witness: WitnessState;
  state: SecretParticipant | undefined;
  present: boolean;
  /** What came from the server and was not looked at yet. */
  readonly inbox: Uint8Array[];
  mean: Float32Array | undefined;
}
const hospitals: Hospital[] = [];
for (const [i, name] of NAMES.entries()) hospitals.push(await founded(name, 400 + 350 * i));
const basel = hospitalOf('basel');
const aarau = hospitalOf('aarau');

say(
  'Seven hospitals improved one model and want the mean of what they learnt. A server adds; none shows it its numbers.',
);
for (const { name, patients, improvement } of hospitals) {
  say(`   ${name.padEnd(10)} ${String(patients).padStart(5)} patients, knows ${row(improvement)}`);
}

title('1  Who is here, and a number that nobody chose');
const setup: CoordinatorSetup = {
  engine,
  primitives,
  configuration,
  trust,
  revealedKey: (bytes) => agreementOf(primitives, SecretKey.fromBytes('x25519', bytes)),
};
let server: CoordinatorState = startCoordinator(setup, open).state;
let result: CoordinatorResult | undefined;
/** All that ever reached the server; it keeps everything, of course. */
const seen: { readonly from: string; readonly type: string; readonly bytes: Uint8Array }[] = [];
let rosterBytes = new Uint8Array(0);

for (const hospital of hospitals) {
  const proposed = proposeEntry(primitives, hospital.entered, open);
  hospital.entered = proposed.next;
  await carryOut(hospital, await maskParticipant.open(hospital.setup, confirmEntry(proposed, proposed.bytes)));
}
await closePhase();
const roster = decodeRoster(primitives, open, 2, rosterBytes);
const loggedRoster = await publish(rosterEntry(open, roster.root));
say(
  'Each shows two fresh public keys under a certificate of the enrolment office, not of the server. The list goes into a log that',
);
say('cannot be rewritten: the hospitals themselves are its witnesses.');
const beacon = await drawTogether(roster, loggedRoster);
say(`Then all draw a random number together, committed before any was shown: ${hex(beacon.value.subarray(0, 8))}…`);

title('2  Two secrets each, shared out');
await serverDoes({ kind: 'beacon', beacon });
for (const hospital of hospitals) await happens(hospital, { kind: 'roster', roster, logged: loggedRoster, beacon });
await closePhase();
for (const hospital of hospitals) await readMail(hospital);
const parameters = basel.state?.phase === 'ready' ? basel.state.session.parameters : undefined;
say(
  `Each splits a mask key and a seed among all seven, sealed: ${parameters?.threshold} shares open one, ${parameters?.corrupt} corrupt hospitals and the`,
);
say('server together open none. Every hospital worked these two numbers out itself.');

title('3  Masked numbers; Chur vanishes first');
hospitalOf('chur').present = false;
for (const hospital of hospitals.filter(({ present }) => present)) {
  const words = encodedFor(hospital);
  await happens(hospital, { kind: 'vector', values: words });
  if (hospital === basel)
    say(`   basel      adds up  ${[...words.subarray(0, 6)].map((word) => String(word).padStart(7)).join('')}  …`);
}
const upload = seen.find(({ from, type }) => from === 'basel' && type === 'mask/masked')?.bytes ?? new Uint8Array(0);
say(
  `   and sends  ${hex(upload.subarray(1000, 1028))}…  (${Math.round(upload.length / 1000)} KB, ${encoding.wordBits} bits a word)`,
);
say('Masks of pairs cancel in the sum, where both are in it. Chur is not: six masks are left over, for now.');

title('4  Who lives? Davos vanishes, and the server begins to cheat');
hospitalOf('davos').present = false;
// The server keeps a second set of books, in which Basel's numbers never arrived.
const secondBooks = await booksWithout('basel');
await refused('It tells Basel that Basel is gone, to have it open its masks with others', () =>
  received(basel, secondBooks.living),
);
await closePhase();
for (const hospital of present()) await readMail(hospital);
say('All five that are still here sign one and the same list: six live, Chur is gone.');
await refused('It asks Aarau to sign another list, too: Basel is gone', () => received(aarau, secondBooks.living));
say('A question that was answered is not answered again: one list, one signature, for good.');

title('5  The masks that are left over, and nothing more');
await closePhase();
const [vouchers = new Uint8Array(0)] = aarau.inbox;
const invented = vouchers.slice();
invented.set(primitives.randomBytes(64), invented.length - 64);
await refused('It shows Aarau four signatures and one that it made up', () => received(aarau, invented));
for (const hospital of present()) await readMail(hospital);
say(
  'Five signatures hold. Each gives one share of the seed of who lives, and one of the key of who is gone. Of nobody both.',
);
await refused('It asks Aarau again, for the other kind of share', () => received(aarau, vouchers));

title('6  The sum');
await closePhase();
for (const hospital of present()) await readMail(hospital);
say(`   the mean is  ${row(basel.mean ?? new Float32Array(6))}`);
await refused('It wants the round once more, with other hospitals missing', () =>
  Promise.resolve(proposeEntry(primitives, basel.entered, open)),
);

// Only this program, which plays all parts, can check: nobody in the story knows these numbers.
const contributors = hospitals.filter(({ name }) => name !== 'chur');
const wanted = contributors.reduce((total, { patients }) => total + patients, 0);
const exact = Array.from({ length: NUMBERS }, (_, at) =>
  contributors.reduce(
    (total, { patients, improvement }) => total + (patients * (improvement[at] ?? Number.NaN)) / wanted,
    0,
  ),
);
const off = present().map(
  ({ mean }) => norm(exact.map((value, at) => value - (mean?.[at] ?? Number.NaN))) / norm(exact),
);
say('');
say(
  `The mean of all five who were there at the end differs from exact arithmetic by ${(100 * Math.max(...off)).toFixed(2)} %: rounding.`,
);
const right = result?.contributors.length === contributors.length && off.every((one) => one < 0.01);
say(right ? 'The mean of six is right, and the server got nothing else.' : 'THE MEAN IS WRONG');
say(
  'It can still make a round fail, or lie about a sum: whoever keeps what was sent can add again. And a mean tells something about',
);
say('each of six: with few parties, or many rounds of nearly the same data, ask for differential privacy as well.');
process.exitCode = right ? 0 : 1;

async function founded(name: string, patients: number): Promise<Hospital> {
  const signer = await signerOf(primitives, freshSecretKey(primitives, 'ed25519'));
  const day = 86_400_000;
  const certificate = await certify(office, {
    projectId: PROJECT,
    memberId: memberId(name),
    role: 'silo',
    publicKey: signer.publicKey,
    notBeforeMs: now - day,
    notAfterMs: now + 365 * day,
    quotaClass: 'organisation',
  });
  return {
    name,
    patients,
    improvement: improvementOf(patients),
    setup: { engine, primitives, signer, certificate, configuration, floors, trust },
    entered: nothingEntered(),
    witness: { memberId: certificate.memberId, logKey: log.publicKey, last: undefined },
    state: undefined,
    present: true,
    inbox: [],
    mean: undefined,
  };
}

/** What training would have given: something all see, and something of its own. Made up. */
function improvementOf(patients: number): Float32Array {
  return Float32Array.from(
    { length: NUMBERS },
    (_, i) => (Math.sin(1 + i / 50) + Math.sin((i + 1) * patients) / 2) / Math.sqrt(NUMBERS),
  );
}

function encodedFor({ state, improvement, patients }: Hospital): Int32Array {
  if (state?.phase !== 'ready') throw new Error(`not ready but ${state?.phase}`);
  const rotation = rotationOf(primitives, state.session.context, encoding.windows);
  return encode(engine, primitives, encoding, rotation, { values: improvement, weight: patients }).words;
}

/** One step of a hospital. What it throws it did not do, and it stands where it stood. */
async function happens(hospital: Hospital, event: ParticipantEvent): Promise<void> {
  if (hospital.state === undefined) throw new Error(`${hospital.name} has not begun`);
  await carryOut(hospital, await maskParticipant.step(hospital.setup, hospital.state, event));
}

function received(hospital: Hospital, bytes: Uint8Array): Promise<void> {
  return happens(hospital, { kind: 'received', bytes });
}

async function readMail(hospital: Hospital): Promise<void> {
  for (const bytes of hospital.inbox.splice(0)) await received(hospital, bytes);
}

type Answer = Awaited<ReturnType<typeof maskParticipant.step>>;

/** What a step asks for, in its order. 'persist' would write the state to disk before anything is sent. */
async function carryOut(hospital: Hospital, { state, outputs }: Answer): Promise<void> {
  const context =
    hospital.state !== undefined && 'session' in hospital.state ? hospital.state.session.context : undefined;
  hospital.state = state;
  for (const output of outputs) {
    if (output.kind === 'abort') throw new Error(`${hospital.name} left: ${output.reason.reason}`);
    if (output.kind === 'done' && context !== undefined) {
      const { sum, contributors: inIt } = output.result;
      const rotation = rotationOf(primitives, context, encoding.windows);
      hospital.mean = decode(engine, encoding, rotation, { words: sum, contributors: inIt.length }).mean;
    }
    if (output.kind !== 'send') continue;
    seen.push({ from: hospital.name, type: output.type, bytes: output.bytes });
    await serverDoes({ kind: 'received', bytes: output.bytes });
  }
}

async function serverDoes(event: Parameters<typeof stepCoordinator>[2]): Promise<void> {
  const { state, outputs } = await stepCoordinator(setup, server, event);
  server = state;
  for (const output of outputs) deliver(output);
}

function closePhase(): Promise<void> {
  return serverDoes({ kind: 'close' });
}

function deliver(output: Output<CoordinatorResult>): void {
  if (output.kind === 'abort') throw new Error(`the round ended: ${output.reason.reason}`);
  if (output.kind === 'done') result = output.result;
  if (output.kind !== 'send') return;
  if (output.type === 'mask/roster') {
    rosterBytes = output.bytes.slice();
    return;
  }
  const { to } = output;
  for (const { name, inbox } of hospitals)
    if (to.kind === 'everybody' || (to.kind === 'member' && to.memberId === name)) inbox.push(output.bytes);
}

/** The server plays the round again for itself, as if one hospital's numbers had never come, and reads what it would tell. */
async function booksWithout(name: string): Promise<{ readonly living: Uint8Array }> {
  let books: CoordinatorState = startCoordinator(setup, open).state;
  let sends: readonly Send[] = [];
  const does = async (event: Parameters<typeof stepCoordinator>[2]): Promise<void> => {
    const { state, outputs } = await stepCoordinator(setup, books, event);
    books = state;
    sends = outputs.filter((output) => output.kind === 'send');
  };
  for (const type of ['mask/advertise', 'mask/share', 'mask/masked']) {
    for (const message of seen.filter((one) => one.type === type)) {
      if (type !== 'mask/masked' || message.from !== name) await does({ kind: 'received', bytes: message.bytes });
    }
    await does({ kind: 'close' });
    if (type === 'mask/advertise') await does({ kind: 'beacon', beacon });
  }
  const living = sends.find(({ type }) => type === 'mask/living')?.bytes;
  if (living === undefined) throw new Error('the second books say nothing');
  return { living };
}

/** The log signs its new head, five of the seven hospitals co-sign that it goes on from the last, and all check that the entry is there. */
async function publish(entry: LogEntry): Promise<LoggedEntry> {
  history = append(primitives, history, [encodeEntry(entry)]);
  const head = await signTreeHead(primitives, log, history, now);
  const consistency = view === undefined ? [] : proveConsistency(primitives, history, view.head.size);
  const cosignatures: Cosignature[] = [];
  for (const hospital of hospitals.slice(0, 5)) {
    const { state, cosign } = await witnessHead(primitives, hospital.witness, head, consistency);
    hospital.witness = state;
    cosignatures.push(await cosign(hospital.setup.signer));
  }
  const pinned = { logKey: log.publicKey, witnesses: hospitals.map(({ setup }) => setup.certificate) };
  const cosigned = withCosignatures(head, cosignatures);
  view =
    view === undefined
      ? await openLogView(primitives, pinned, cosigned)
      : await advanceLogView(primitives, pinned, view, { head: cosigned, consistency });
  const index = history.size - 1;
  return requireLogged(primitives, view, entry, { index, path: proveInclusion(primitives, history, index) });
}

/** Everybody commits to 32 random bytes, the list of commitments is logged, and only then everybody shows its own. */
async function drawTogether({ root }: Roster, logged: LoggedEntry): Promise<Beacon> {
  const spoken = async ({ setup: { signer, certificate } }: Hospital, kind: MessageKind, body: Uint8Array) => {
    const sender = { memberId: certificate.memberId, publicKey: signer.publicKey };
    const message = await signMessage(primitives, signer, open, { ...kind, sender: sender.memberId, body });
    return verifyMessage(primitives, message, { ...kind, context: open, sender });
  };
  const begun = [];
  for (const hospital of hospitals) {
    const { state, body } = commitToBeacon(primitives, memberId(hospital.name), open, logged);
    begun.push({ hospital, state, said: await spoken(hospital, BEACON_COMMIT, body) });
  }
  const said = begun.map((one) => one.said);
  const commitments = gatherCommitments(primitives, open, root, said);
  const listed = await publish(commitmentsEntry(commitments));
  const rule = contributorRule(
    floors,
    NAMES.map((name) => memberId(name)),
  );
  const reveals = [];
  for (const { hospital, state } of begun) {
    reveals.push(
      await spoken(hospital, BEACON_REVEAL, revealForBeacon(primitives, state, commitments, listed, rule).body),
    );
  }
  const drawn = drawBeacon(primitives, commitments, reveals, rule);
  if (drawn.kind !== 'beacon') throw new Error('somebody held its part back');
  return drawn;
}

async function refused(what: string, attempt: () => Promise<unknown>): Promise<void> {
  try {
    await attempt();
  } catch (error) {
    if (!(error instanceof Error && error.name === 'ProtocolViolation')) throw error;
    say(`   ✗ ${what}: refused, ${error.message}`);
    return;
  }
  say(`   ${what}: ALLOWED, which is wrong`);
  process.exit(1);
}

function present(): Hospital[] {
  return hospitals.filter((hospital) => hospital.present);
}

function hospitalOf(name: string): Hospital {
  const found = hospitals.find((hospital) => hospital.name === name);
  if (found === undefined) throw new Error(`no hospital ${name}`);
  return found;
}

function norm(values: ArrayLike<number>): number {
  return Math.hypot(...Array.from(values));
}

function row(numbers: Float32Array): string {
  return `${[...numbers.subarray(0, 6)].map((x) => x.toFixed(4).padStart(8)).join('')}  …`;
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
