// Five clinics add up their weekly admissions. Nobody sees another's numbers, nobody holds the key, two clinics drop out before the
// end, and the sum is right.
//
// All parts are played by this one process; everything that one part says to another goes as bytes, and what is secret goes
// sealed (X25519, HKDF, ChaCha20-Poly1305). Who a message comes from is believed here; a real run signs. The program ends with
// status 1 if the sum is wrong.
//
// Prints: The sum is right, in all 52 weeks.

import { wasmEngine } from '@sumus/lattice/engine';
import { addVectors, type EncryptedVector, encryptVector } from '@sumus/lattice/integers';
import { primesBelow } from '@sumus/lattice/ring';
import {
  activeSet,
  authoriseVector,
  beginKey,
  certify,
  collectivePublicKey,
  DecryptionLedger,
  finishKey,
  foundEpoch,
  type KeyBegun,
  type KeyRevealed,
  type KeyShare,
  openVector,
  type PartialDecryption,
  partialDecryptVector,
  requireCertified,
  revealKey,
  sharedIntegerParameters,
} from '@sumus/lattice/shared-keys';
import {
  decodeCommitment,
  decodeContribution,
  decodeEncryptedVector,
  decodePartialDecryption,
  encodeCommitment,
  encodeContribution,
  encodeEncryptedVector,
  encodePartialDecryption,
} from '@sumus/lattice/wire';
import {
  decodeDealing,
  decodePairSeed,
  encodeDealingInTheClear,
  encodePairSeedInTheClear,
} from '@sumus/lattice/wire/secrets';
import { nodePrimitives } from '@sumus/platform/node';

const WEEKS = 52;
const NAMES = ['Aarau', 'Basel', 'Chur', 'Davos', 'Echallens'];
const primitives = nodePrimitives();
const lattice = { engine: await wasmEngine(), primitives };

// What all agree on beforehand. 40 statistical bits for at most 100 openings.
const { integers, key } = sharedIntegerParameters({
  integers: {
    degree: 8192,
    primes: primesBelow(2 ** 30, 7, 8192),
    plaintext: { kind: 'lanes', valueBits: 16, signed: true },
    additions: NAMES.length,
  },
  members: NAMES.map((_, i) => i + 1),
  threshold: 3,
  decryptions: 100,
});
const epoch = foundEpoch(lattice, key, primitives.randomBytes(32));

interface Clinic {
  readonly name: string;
  readonly member: number;
  readonly admissions: readonly number[];
  readonly box: Awaited<ReturnType<typeof primitives.x25519.generate>>;
  readonly ledger: DecryptionLedger;
}

const clinics: Clinic[] = [];
for (const [i, name] of NAMES.entries()) {
  const admissions = Array.from({ length: WEEKS }, (_, week) =>
    Math.round((40 + 11 * i) * (1.4 + Math.cos((2 * Math.PI * (week - 3 * i)) / WEEKS)) + ((week * (7 * i + 13)) % 17)),
  );
  const box = await primitives.x25519.generate();
  clinics.push({ name, member: i + 1, admissions, box, ledger: new DecryptionLedger(i + 1) });
}

say('Five clinics want the total of their weekly admissions. None will show its own numbers,');
say('and none is trusted with a key that opens them.');
for (const { name, admissions } of clinics) say(`   ${name.padEnd(10)} knows ${row(admissions)}`);

title(`1  A key that nobody holds; any ${key.roster.threshold} of the ${NAMES.length} can open together`);
const begun = clinics.map(({ member }) => beginKey(epoch, member));
const commitments = broadcast(
  begun.map(({ commitment }) => encodeCommitment(epoch, commitment)),
  (bytes) => decodeCommitment(epoch, bytes),
);
const revealed = begun.map(({ state }: { readonly state: KeyBegun }) => revealKey(state, commitments.messages));
const contributions = broadcast(
  revealed.map(({ contribution }) => encodeContribution(epoch, contribution)),
  (bytes) => decodeContribution(epoch, bytes),
);
// Every clinic sends every other a value of its sharing polynomial and half of a key for the two, sealed.
const sealed = await Promise.all(
  revealed.map(({ dealings, pairSeeds }) =>
    Promise.all([
      ...dealings.map((m) => seal(m.from, m.to, 'dealing', encodeDealingInTheClear(epoch, m))),
      ...pairSeeds.map((m) => seal(m.from, m.to, 'pair seed', encodePairSeedInTheClear(epoch, m))),
    ]),
  ),
);
const mail = sealed.flat();
const shares: KeyShare[] = [];
for (const { state } of revealed) shares.push(await receiveShare(state));
for (const { state } of begun) state.secret.wipe();
// Anybody adds up the public key from what was broadcast: the coordinator, an observer.
const publicKey = collectivePublicKey(epoch, commitments.messages, contributions.messages);
say(
  `(N = ${integers.degree}, a modulus of ${integers.modulusBits.toFixed(0)} bits, ${integers.secure ? '128-bit security' : 'NO SECURITY'}.)`,
);
say('Every clinic drew a secret, committed to its summand of the public key, and only then showed it.');
say(
  `   each broadcast ${size(contributions.bytes[0])} and sent ${NAMES.length - 1} sealed shares of ${size(mail[0]?.bytes)}, then wiped its secret`,
);
say('The public key is the sum of five summands. The secret key is a sum of five secrets that was computed nowhere.');
const challenge = primitives.randomBytes(32);
const certificates = clinics.map(({ member, ledger }) => certify(shareOf(member), ledger, publicKey, challenge));
requireCertified(epoch, publicKey, challenge, certificates);
say('All five opened an encryption of zero together and got zero: their shares fit.');

title('2  Everybody encrypts');
const uploads = clinics.map(({ name, admissions }) => {
  const bytes = encodeEncryptedVector(lattice, encryptVector(lattice, publicKey, integers, admissions));
  say(`   ${name.padEnd(10)} sends ${size(bytes)} to the coordinator: ${hex(bytes.subarray(1000, 1016))}…`);
  return bytes;
});
say(`(a ciphertext has room for ${integers.valuesPerCiphertext.toLocaleString('en')} numbers; here ${WEEKS} are used)`);

title('3  The coordinator adds what it cannot read');
const received = uploads.map((bytes) => decodeEncryptedVector(lattice, integers, bytes));
const sum = received.reduce((total, next) => addVectors(lattice, total, next));
say(
  `   it holds five ciphertexts and their sum, ${hex(encodeEncryptedVector(lattice, sum).subarray(1000, 1016))}…, and no share`,
);

title('4  Chur and Davos leave; Aarau, Basel and Echallens answer');
const present = clinics.filter(({ name }) => name !== 'Chur' && name !== 'Davos');
const set = activeSet(
  epoch.roster,
  present.map(({ member }) => member),
);
const answers = present.map((clinic) => {
  const own = answer(clinic, sum, received);
  const bytes = own.map((message) => encodePartialDecryption(epoch, message));
  say(
    `   ${clinic.name.padEnd(10)} answers with ${size(bytes[0])}: ${hex((bytes[0] ?? new Uint8Array()).subarray(1000, 1016))}…`,
  );
  return bytes.map((message) => decodePartialDecryption(epoch, message));
});
say(
  `Each answer alone is noise: masked by keys the three share, and flooded with σ = 2^${key.flooding.stddevLog2.toFixed(0)} so that`,
);
say('not even the noise of the sum says anything about the key.');

refused('Aarau and Basel make up what Echallens would say', () => {
  const [first = [], second = []] = answers;
  const invented = second.map((message) => ({ ...message, from: clinicOf('Echallens').member }));
  return openVector(epoch, sum, set, [first, second, invented]);
});

title('5  Together');
const opened = openVector(epoch, sum, set, answers);
say(`   total      is  ${row([...opened])}`);
refused('the coordinator asks Basel for the sum once more', () => answer(clinicOf('Basel'), sum, received));
refused("the coordinator asks Basel for Davos's ciphertext alone", () => {
  const [davos] = received.filter((_, i) => NAMES[i] === 'Davos');
  return davos === undefined ? undefined : answer(clinicOf('Basel'), davos, [davos]);
});

for (const share of shares) share.wipe();

// Only this program, which plays all parts, can check: no part of the story knows these numbers.
const wrong = Array.from({ length: WEEKS }, (_, week) => week).filter(
  (week) => opened[week] !== clinics.reduce((total, { admissions }) => total + (admissions[week] ?? Number.NaN), 0),
);
say('');
say(wrong.length === 0 ? `The sum is right, in all ${WEEKS} weeks.` : `THE SUM IS WRONG in weeks ${wrong.join(', ')}`);
say(
  'What five numbers sum to still tells something about each: with few parties, or many sums of nearly the same data, ask for',
);
say('differential privacy as well. And a clinic that cheats can spoil the sum: whoever may encrypt has to be known.');
process.exitCode = wrong.length === 0 ? 0 : 1;

/** One clinic's answer: its ledger first, which would be stored here, then the answer. */
function answer(
  { member, ledger }: Clinic,
  to: EncryptedVector,
  summands: readonly EncryptedVector[],
): PartialDecryption[] {
  return partialDecryptVector(shareOf(member), authoriseVector(ledger, epoch, to, set, summands));
}

/** Opens the mail addressed to a clinic and makes its share of it. */
async function receiveShare(state: KeyRevealed): Promise<KeyShare> {
  const mine = mail.filter(({ to }) => to === state.member);
  const open = async (letter: (typeof mine)[number]): Promise<Uint8Array> => unseal(letter);
  const dealings = await Promise.all(mine.filter(({ kind }) => kind === 'dealing').map(open));
  const pairSeeds = await Promise.all(mine.filter(({ kind }) => kind === 'pair seed').map(open));
  return finishKey(
    state,
    contributions.messages,
    dealings.map((bytes) => decodeDealing(epoch, bytes)),
    pairSeeds.map((bytes) => decodePairSeed(epoch, bytes)),
  ).share;
}

interface Letter {
  readonly from: number;
  readonly to: number;
  readonly kind: 'dealing' | 'pair seed';
  readonly bytes: Uint8Array;
}

/** Encrypts a secret message for one clinic; the key is used for this message alone, so the nonce may be fixed. */
async function seal(from: number, to: number, kind: Letter['kind'], clear: Uint8Array): Promise<Letter> {
  const secret = await primitives.x25519.diffieHellman(clinicAt(from).box.secretKey, clinicAt(to).box.publicKey);
  const bytes = primitives.chacha20Poly1305.seal(letterKey(secret, { from, to, kind }), clear);
  clear.fill(0);
  return { from, to, kind, bytes };
}

async function unseal({ from, to, kind, bytes }: Letter): Promise<Uint8Array> {
  const secret = await primitives.x25519.diffieHellman(clinicAt(to).box.secretKey, clinicAt(from).box.publicKey);
  const clear = primitives.chacha20Poly1305.open(letterKey(secret, { from, to, kind }), bytes);
  if (clear === undefined) throw new Error(`the ${kind} from ${from} to ${to} was altered`);
  return clear;
}

function letterKey(
  secret: Uint8Array,
  { from, to, kind }: Omit<Letter, 'bytes'>,
): {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly associatedData: Uint8Array;
} {
  const keys = [clinicAt(from).box.publicKey, clinicAt(to).box.publicKey];
  const info = new Uint8Array([
    ...new TextEncoder().encode(`examples/encrypted-sum ${kind} `),
    ...keys.flatMap((k) => [...k]),
  ]);
  const sealKey = primitives.hkdfSha256({ secret, salt: epoch.run, info, length: 32 });
  return { key: sealKey, nonce: new Uint8Array(12), associatedData: info };
}

/** Everybody reads the same bytes. */
function broadcast<Message>(
  bytes: readonly Uint8Array[],
  decode: (bytes: Uint8Array) => Message,
): { readonly bytes: readonly Uint8Array[]; readonly messages: readonly Message[] } {
  return { bytes, messages: bytes.map(decode) };
}

function shareOf(member: number): KeyShare {
  const share = shares.find((candidate) => candidate.member === member);
  if (share === undefined) throw new Error(`no share of member ${member}`);
  return share;
}

function clinicAt(member: number): Clinic {
  const clinic = clinics[member - 1];
  if (clinic === undefined) throw new Error(`no clinic ${member}`);
  return clinic;
}

function clinicOf(name: string): Clinic {
  return clinicAt(NAMES.indexOf(name) + 1);
}

function refused(what: string, attempt: () => unknown): void {
  try {
    attempt();
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split(':');
    say(`   ${what}: refused, ${reason}`);
    return;
  }
  say(`   ${what}: ALLOWED, which is wrong`);
  process.exit(1);
}

function title(text: string): void {
  say('');
  say(text);
}

function say(line: string): void {
  console.log(line);
}

function row(numbers: readonly number[]): string {
  return `${numbers
    .slice(0, 8)
    .map((x) => String(x).padStart(4))
    .join('')}  …${String(numbers.at(-1)).padStart(4)}`;
}

function size(bytes: Uint8Array | undefined): string {
  return `${Math.round((bytes?.length ?? 0) / 1000)} KB`;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
