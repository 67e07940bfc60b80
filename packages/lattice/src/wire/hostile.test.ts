import { nodePrimitives } from '@sumus/platform/node';
import { describe, expect, it } from 'vitest';
import { wasmEngine } from '../engine/engine-wasm.ts';
import { runsWhole, seededWords } from '../engine/seeded-words.contract.ts';
import { MalformedMessage } from '../errors.ts';
import { ENVELOPE_BYTES, KINDS } from './envelope.ts';
import type { MessageCase } from './message-case.contract.ts';
import { messageCases } from './messages.contract.ts';

// Hostile bytes for every decoder. What comes out of a decoder is either a value that encodes to the very bytes it came from (so no
// two messages mean the same) or a MalformedMessage; never another error, never a guess.

const cases = messageCases(await wasmEngine(), nodePrimitives());
/** For how long `npm run fuzz` wants every decoder tried, and from which seed. */
const fuzzMs = Number(process.env['SUMUS_FUZZ_MS'] ?? 0);
const random = seededWords(Number(process.env['SUMUS_FUZZ_SEED'] ?? 2024));
const encoded = cases.map((one) => one.encode());
/** Hostile messages per decoder: ten million in all where the suite runs whole. */
const ROUNDS = fuzzMs > 0 ? Number.POSITIVE_INFINITY : runsWhole() ? 400_000 : 400;
const LONGEST_MS = 1_800_000;

/** Whether the bytes were refused, and properly. */
function isRefused(one: MessageCase, bytes: Uint8Array): boolean {
  let again: Uint8Array;
  try {
    again = one.again(bytes);
  } catch (error) {
    if (error instanceof MalformedMessage) return true;
    throw error;
  }
  // Compared by hand: there are many of them.
  if (again.length !== bytes.length || again.some((byte, i) => byte !== bytes[i])) {
    throw new Error(`another spelling of the same message was accepted: ${bytes.join(' ')}`);
  }
  return false;
}

function refused(one: MessageCase, bytes: Uint8Array, message: RegExp): void {
  expect(() => one.decode(bytes)).toThrow(MalformedMessage);
  expect(() => one.decode(bytes)).toThrow(message);
}

describe.each(cases.map((one) => [one.name, one] as const))('%s', (_, one) => {
  const valid = one.encode();
  const changed = (at: number, value: number): Uint8Array => {
    const bytes = valid.slice();
    bytes[at] = value;
    return bytes;
  };

  it('is refused when it is cut anywhere, or when a byte follows', () => {
    const accepted = Array.from({ length: valid.length }, (_, length) => length).filter(
      (length) => !isRefused(one, valid.subarray(0, length)),
    );
    expect(accepted).toEqual([]);
    refused(one, Uint8Array.from([...valid, 0]), /1 bytes are left over|needs|left/);
    refused(one, Uint8Array.from([...valid, ...valid]), /left over|needs/);
  });

  it('is refused with another frame: letters, version, kind, parameters', () => {
    refused(one, changed(0, 0x73), /SUML/);
    refused(one, changed(4, 2), /version 2 is not 1/);
    for (const kind of Object.values(KINDS)) {
      if (kind !== valid[5]) refused(one, changed(5, kind), /kind \d+ \([\w -]+\) is not/);
    }
    refused(one, changed(5, 255), /unknown/);
    for (const at of [6, 21, 37])
      refused(one, changed(at, valid[at] ^ 1), /belongs to parameters [0-9a-f]{16}…, not to/);
  });

  it('with any one byte changed is refused or is another message, spelled in one way only', () => {
    const step = runsWhole() ? 1 : 1 + Math.floor(valid.length / 200);
    for (let at = ENVELOPE_BYTES; at < valid.length; at += at < ENVELOPE_BYTES + 48 ? 1 : step) {
      for (const value of [valid[at] ^ 1, valid[at] ^ 128, 0, 255]) isRefused(one, changed(at, value));
    }
  });

  it(
    'mutated at random: bits, blocks, insertions, deletions, splices',
    () => {
      let accepted = 0;
      const end = fuzzMs > 0 ? performance.now() + fuzzMs : Number.POSITIVE_INFINITY;
      for (let round = 0; round < ROUNDS && performance.now() < end; round++) {
        const bytes = mutate(valid, encoded[random() % encoded.length]);
        if (!isRefused(one, bytes)) accepted += 1;
      }
      // The fuzzing reaches past the frame: some of what it makes is well-formed.
      expect(accepted).toBeGreaterThan(0);
    },
    LONGEST_MS,
  );

  it('of noise alone is refused', () => {
    for (let round = 0; round < 200; round++) {
      const noise = Uint8Array.from({ length: random() % (2 * valid.length) }, () => random() >>> 24);
      expect(isRefused(one, noise)).toBe(true);
      // And noise behind a right frame is refused, or is a message.
      isRefused(one, Uint8Array.from([...valid.subarray(0, ENVELOPE_BYTES), ...noise]));
    }
  });
});

function mutate(valid: Uint8Array, other: Uint8Array): Uint8Array {
  const bytes = [...valid];
  // Mostly behind the frame: a broken frame is found at once.
  const at = (): number =>
    random() % 16 === 0
      ? random() % bytes.length
      : ENVELOPE_BYTES + (random() % Math.max(1, bytes.length - ENVELOPE_BYTES));
  for (let changes = 1 + (random() % 3); changes > 0; changes--) {
    switch (random() % 8) {
      case 0:
        bytes.splice(at(), 1 + (random() % 8));
        break;
      case 1:
        bytes.splice(at(), 0, ...Array.from({ length: 1 + (random() % 8) }, () => random() >>> 24));
        break;
      case 2: {
        const start = random() % other.length;
        bytes.splice(at(), 8, ...other.subarray(start, start + 8));
        break;
      }
      case 3:
        bytes.fill(random() % 2 === 0 ? 0 : 255, at(), at());
        break;
      default:
        if (bytes.length > 0) bytes[at()] ^= 1 << (random() % 8);
    }
  }
  return Uint8Array.from(bytes);
}

describe('what a message may not say', () => {
  const find = (name: string): MessageCase => {
    const found = cases.find((one) => one.name === name);
    if (found === undefined) throw new Error(`no message called ${name}`);
    return found;
  };
  /** The bytes with some of one field's bytes replaced. */
  const withField = (name: string, field: RegExp, value: readonly number[], offset = 0): [MessageCase, Uint8Array] => {
    const one = find(name);
    let place = -1;
    const bytes = one.encode((label, start) => {
      if (field.test(label) && place < 0) place = start + offset;
    });
    expect(place).toBeGreaterThanOrEqual(0);
    bytes.set(value, place);
    return [one, bytes];
  };
  const ones = (length: number): number[] => new Array<number>(length).fill(255);

  it.each<[string, RegExp, number[], RegExp]>([
    ['a polynomial in evaluation form', /modulo/, ones(4), /residue that is not below \d+/],
    ['a public key', /^b modulo/, ones(4), /b has a residue that is not below/],
    ['a sum of a hundred integer ciphertexts', /additions/, [101, 0, 0, 0], /additions is 101, not in \[1, 100\]/],
    ['a sum of a hundred integer ciphertexts', /additions/, [0, 0, 0, 0], /additions is 0/],
    ['a sum of a hundred integer ciphertexts', /form/, [2], /form is 2/],
    ['a fresh integer ciphertext, seeded', /additions/, [2, 0, 0, 0], /seeded ciphertext counts 2 additions/],
    ['a vector of integers, both halves', /length/, [0, 0, 0, 0], /length is 0/],
    ['a vector of integers, both halves', /length/, ones(4), /134217728 ciphertexts needs \d+ bytes, \d+ are left/],
    ['a one-time contribution of two chunks', /length/, ones(4), /134217728 of chunk needs \d+ bytes/],
    ['a one-time contribution of two chunks', /contributions/, [21, 0, 0, 0], /contributions is 21/],
    ['a CKKS ciphertext at level 0', /level/, [4], /level is 4, not in \[0, 3\]/],
    ['a CKKS ciphertext at level 0', /level/, [3], /needs \d+ bytes/],
    ['a CKKS ciphertext at the top level', /level/, [2], /left over|residue/],
    ['a CKKS ciphertext at level 0', /magnitude/, [0, 0, 0, 0, 0, 0, 0xf8, 0x7f], /magnitude is NaN/],
    ['a CKKS ciphertext at level 0', /magnitude/, [0, 0, 0, 0, 0, 0, 0xf0, 0xbf], /magnitude -1 is negative/],
    ['a CKKS ciphertext at level 0', /deviation/, [0, 0, 0, 0, 0, 0, 0xf0, 0xbf], /deviation -1 is negative/],
    ['a CKKS ciphertext at level 0', /deviation/, [0, 0, 0, 0, 0, 0, 0, 0x80], /no finite number/],
    ['the Galois key of conjugation', /element/, [2, 0, 0, 0], /element 2 is not odd/],
    ['the Galois key of conjugation', /element/, [33, 0, 0, 0], /element 33 is not odd in \(0, 32\)/],
    ['a ternary secret key', /coefficients/, [255], /value that is not below 3/],
    ["a committee member's sum of shares", /member/, [6, 0], /member is 6/],
    ["a committee member's sum of shares", /elements/, ones(4), /value that is not below/],
    ['a commitment to a share of a rotation key', /step/, [4], /step is 4/],
    ['a commitment to a share of a rotation key', /step/, [0], /has no Galois element, here it has 5/],
    ['a commitment to a share of a rotation key', /Galois/, [6], /element 6 is not odd/],
    ['a commitment to a share of a rotation key', /from/, [0, 0], /from is 0/],
    ['a partial decryption', /primes/, [3], /over 3 primes, not 4 to 8/],
    ['a partial decryption', /primes/, [9], /over 9 primes/],
    ["a member's key share", /run/, [0], /another epoch/],
    ["a member's key share", /member/, [3, 0], /3 is not one of 1, 2, 7/],
  ])('%s with %s = %j', (name, field, value, message) => {
    const [one, bytes] = withField(name, field, value);
    refused(one, bytes, message);
  });

  it('hides what it read where it may be secret', () => {
    for (const [name, field] of [
      ['a ternary secret key', /coefficients/],
      ["a committee member's sum of shares", /elements/],
      ['a dealing', /share modulo/],
    ] as const) {
      const [one, bytes] = withField(name, field, ones(4));
      try {
        one.decode(bytes);
        expect.unreachable();
      } catch (error) {
        expect(String(error)).not.toMatch(/4294967295|1073741823|255/);
      }
    }
  });

  it('costs nothing when it claims to be huge: hostile lengths are refused before anything is allocated', () => {
    const [one, bytes] = withField('a vector of integers, both halves', /length/, ones(4));
    const before = process.memoryUsage();
    const start = process.cpuUsage();
    for (let i = 0; i < 200; i++) expect(isRefused(one, bytes)).toBe(true);
    const { user } = process.cpuUsage(start);
    const after = process.memoryUsage();
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(16 * 2 ** 20);
    expect(user).toBeLessThan(2_000_000);
  });
});
