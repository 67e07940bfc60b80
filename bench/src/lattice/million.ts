// The job of federated averaging: ten parties encrypt 1,000,000 numbers each, a server adds, the key's owner opens the sum.
// Ours: exact sums of 16-bit integers. Theirs: what TenSEAL and NVIDIA FLARE do, CKKS with N = 8192, primes {60, 40, 40, 60}, 4096
// slots a ciphertext, public key. A client's work is everything from its floats to bytes; the server's parses and adds.

import { wasmEngine } from '@sumus/lattice/engine';
import {
  Accumulator,
  decryptVector,
  encryptVector,
  encryptVectorSymmetric,
  fewestByteIntegerParameters,
  publicKey as publicKeyOf,
  secretKey,
} from '@sumus/lattice/integers';
import { decodeEncryptedVector, encodeEncryptedVector } from '@sumus/lattice/wire/sums';
import { nodePrimitives } from '@sumus/platform/node';
import { type Contestant, measure } from '../measure.ts';
import { compared, type Findings, planFor, type Rows, timingResult } from './row.ts';
import { sealCkks } from './seal.ts';
import { TARGETS } from './targets.ts';

const PARTIES = 10;
/** Floats in (−1, 1) as 16-bit integers. */
const QUANTUM = 2 ** -15;

export const millionRows: Rows = async (options): Promise<Findings> => {
  const length = options.smoke ? 20_000 : 1_000_000;
  const updates = Array.from({ length: PARTIES }, (_, party) => update(length, party));
  const [first] = updates;
  if (first === undefined) throw new Error('no parties');
  const ours = await sumOfIntegers(length);
  const theirs = await sumInSeal(length);
  try {
    options.say(`${PARTIES} parties, ${length} numbers each: both jobs once, sums compared with plain ones`);
    const ownBytes = ours.job(updates);
    const sealBytes = theirs.job(updates);
    const contestants: Contestant[] = [
      { name: 'a client, integers, public key', work: () => ours.client(first) },
      { name: 'a client, integers, seeded symmetric', work: () => ours.clientSeeded(first) },
      { name: 'server adds a vector, integers', work: () => ours.server() },
      { name: 'opening the sum, integers', work: () => ours.open() },
      { name: 'a client, node-seal, public key', work: () => theirs.client(first) },
      { name: 'a client, node-seal, seeded symmetric', work: () => theirs.clientSeeded(first) },
      { name: 'server adds a vector, node-seal', work: () => theirs.server() },
      { name: 'opening the sum, node-seal', work: () => theirs.open() },
    ];
    options.say('clients, server and opening, timed');
    const timings = await measure(contestants, planFor(options, { rounds: 5, sampleMs: 20 }));
    const [client, seeded, server, open, sealClient, sealSeeded, sealServer, sealOpen] = timings;
    if (!client || !seeded || !server || !open || !sealClient || !sealSeeded || !sealServer || !sealOpen) {
      throw new Error('a timing is missing');
    }
    const cpu = compared(client, sealClient);
    const seededBytes = ours.clientSeeded(first);
    return {
      results: [
        { name: 'parameters, integers', value: ours.parameters },
        ...[client, sealClient].map((timing, i) => timingResult(timing, { sizeBytes: i === 0 ? ownBytes : sealBytes })),
        timingResult(seeded, { sizeBytes: seededBytes }),
        timingResult(sealSeeded, { sizeBytes: theirs.clientSeeded(first) }),
        ...[server, sealServer, open, sealOpen].map((timing) => timingResult(timing)),
        cpu,
        compared(seeded, sealSeeded),
        compared(server, sealServer),
        compared(open, sealOpen),
      ],
      outcomes: [
        [TARGETS.millionCpu.name, { measured: cpu.ratio }],
        [TARGETS.millionBytes.name, { measured: sealBytes / ownBytes }],
        [TARGETS.millionSeeded.name, { measured: seededBytes / 1e6 }],
      ],
    };
  } finally {
    theirs.free();
  }
};

/** One party's numbers, multiples of the quantum, the same in every run. */
function update(length: number, party: number): Float32Array {
  let state = 12345 + party;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (((state >>> 16) % 65535) - 32767) * QUANTUM;
  });
}

function quantise(values: Float32Array): Int32Array {
  const quantised = new Int32Array(values.length);
  for (let i = 0; i < values.length; i += 1) quantised[i] = Math.round((values[i] ?? 0) / QUANTUM);
  return quantised;
}

/** Refuses a sum that is further from the plain one than `tolerance`. */
function requireSum(sum: ArrayLike<number>, updates: readonly Float32Array[], tolerance: number, who: string): void {
  for (let i = 0; i < sum.length; i += 1) {
    const plain = updates.reduce((total, one) => total + (one[i] ?? 0), 0);
    const off = Math.abs((sum[i] ?? Number.NaN) - plain);
    if (!(off <= tolerance)) throw new Error(`${who}: number ${i} of the sum is off by ${off}`);
  }
}

interface Job {
  readonly parameters: string;
  /** The whole job once, checked; answers with one client's bytes. */
  job(updates: readonly Float32Array[]): number;
  /** One client's work; answers with its bytes. */
  client(values: Float32Array): number;
  clientSeeded(values: Float32Array): number;
  /** Parses and adds one more vector. */
  server(): void;
  /** Opens the sum. */
  open(): void;
  free(): void;
}

async function sumOfIntegers(length: number): Promise<Job> {
  const lattice = { engine: await wasmEngine(), primitives: nodePrimitives() };
  const request = { valueCount: length, valueBits: 16, signed: true, additions: PARTIES } as const;
  const parameters = fewestByteIntegerParameters({ ...request, key: 'public' });
  const symmetric = fewestByteIntegerParameters({ ...request, key: 'symmetric' });
  const secret = secretKey(lattice, parameters);
  const owner = secretKey(lattice, symmetric);
  const publicKey = publicKeyOf(lattice, parameters, secret);
  let message: Uint8Array = new Uint8Array();
  let accumulator = new Accumulator(lattice, parameters, length);
  const client = (values: Float32Array): number => {
    message = encodeEncryptedVector(lattice, encryptVector(lattice, publicKey, parameters, quantise(values)));
    return message.length;
  };
  const openAll = (): Float64Array => decryptVector(lattice, secret, accumulator.sum());
  return {
    parameters: `${parameters}`,
    client,
    clientSeeded: (values) =>
      encodeEncryptedVector(lattice, encryptVectorSymmetric(lattice, owner, symmetric, quantise(values))).length,
    server() {
      // A sum holds as many vectors as its parameters allow: each call begins one.
      new Accumulator(lattice, parameters, length).add(decodeEncryptedVector(lattice, parameters, message));
    },
    open: openAll,
    job(updates) {
      accumulator = new Accumulator(lattice, parameters, length);
      let bytes = 0;
      for (const values of updates) {
        bytes = client(values);
        accumulator.add(decodeEncryptedVector(lattice, parameters, message));
      }
      const sum = openAll();
      for (let i = 0; i < sum.length; i += 1) sum[i] = (sum[i] ?? 0) * QUANTUM;
      requireSum(sum, updates, 0, 'integers');
      return bytes;
    },
    free: () => undefined,
  };
}

async function sumInSeal(length: number): Promise<Job> {
  const seal = await sealCkks({ degree: 8192, primeBits: [60, 40, 40, 60], scale: 2 ** 40 });
  const slots = seal.chain.degree / 2;
  const count = Math.ceil(length / slots);
  const plaintext = seal.plaintext();
  const [fresh, parsed] = [seal.ciphertext(), seal.ciphertext()];
  const totals = Array.from({ length: count }, () => seal.ciphertext());
  /** Calls work with each ciphertext's values. */
  const chunks = (values: Float32Array, work: (part: Float64Array, position: number) => void): void => {
    for (let position = 0; position < count; position += 1) {
      work(Float64Array.from(values.subarray(position * slots, (position + 1) * slots)), position);
    }
  };
  let messages: Uint8Array[] = [];
  const client = (values: Float32Array): number => {
    messages = [];
    chunks(values, (part) => {
      seal.encode(part, plaintext);
      seal.encrypt(plaintext, fresh);
      messages.push(seal.save(fresh));
    });
    return messages.reduce((bytes, message) => bytes + message.length, 0);
  };
  const addAll = (): void => {
    messages.forEach((message, position) => {
      const total = totals[position];
      if (total === undefined) throw new Error('too many ciphertexts');
      seal.load(message, parsed);
      if (total.size === 0) total.copy(parsed);
      else seal.addInPlace(total, parsed);
    });
  };
  const openAll = (): Float64Array => {
    const sum = new Float64Array(count * slots);
    totals.forEach((total, position) => {
      seal.decrypt(total, plaintext);
      sum.set(seal.decode(plaintext), position * slots);
    });
    return sum.subarray(0, length);
  };
  return {
    parameters: 'CKKS, N = 8192, primes {60, 40, 40, 60}, scale 2^40',
    client,
    clientSeeded: (values) => {
      let bytes = 0;
      chunks(values, (part) => {
        seal.encode(part, plaintext);
        bytes += seal.encryptSeeded(plaintext).length;
      });
      return bytes;
    },
    server: addAll,
    open: openAll,
    job(updates) {
      let bytes = 0;
      for (const values of updates) {
        bytes = client(values);
        addAll();
      }
      requireSum(openAll(), updates, 1e-5, 'node-seal');
      return bytes;
    },
    free: () => seal.free(),
  };
}
