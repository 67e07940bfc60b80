import { nodePrimitives } from '@sumus/platform/node';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wholeContext } from '../context/index.ts';
import { runsWhole } from '../engine/seeded-words.contract.ts';
import { MalformedMessage, ParameterError, ProtocolViolation } from '../errors.ts';
import { hostileLimits } from '../hostile-bytes.contract.ts';
import { openAt, seededPrimitives } from '../seeded-members.contract.ts';
import {
  decodeAliveMacs,
  decodeComplaints,
  decodeShareBody,
  decodeUnmaskEntries,
  encodeAliveMacs,
  encodeComplaints,
  encodeShareBody,
  encodeUnmaskEntries,
  readAliveMacs,
  type ShareEntry,
} from './bodies.ts';
import { type Delivery, decodeDelivery, encodeDelivery, encodeForwarded } from './deliveries.ts';

const numRuns = runsWhole() ? 200_000 : 500;
const primitives = seededPrimitives(nodePrimitives(), 3);
const context = wholeContext(primitives, openAt(primitives, 1), {
  rosterRoot: new Uint8Array(32).fill(4),
  beacon: new Uint8Array(32).fill(5),
});
const boundsOf = (graph: 'complete' | 'sparse') => ({ context, graph, vectorLength: 11, wordBits: 23 });
const of = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte);

const shares = encodeShareBody({
  seedCommitment: of(32, 1),
  entries: [0, 93, 93].map((length, i) => ({ box: of(length, i), seed: of(32, 2), key: of(32, 3) })),
});
const complaints = encodeComplaints([{ index: 3, reason: 'point' }]);
const macs = encodeAliveMacs([1, 5].map((index) => ({ index, mac: of(16, index) })));
const revealed = encodeUnmaskEntries([
  { index: 0, of: 'seed', share: of(32, 4) },
  { index: 9, of: 'key', share: of(32, 5) },
]);
const packed = of(32, 0);
const deliveries: Delivery[] = [
  { type: 'mask/boxes', boxes: [{ index: 2, box: of(93, 1), seed: of(32, 2), key: of(32, 3) }] },
  { type: 'mask/living', living: [0, 4, 7] },
  { type: 'mask/vouchers', vouchers: [{ index: 1, proof: of(16, 2) }] },
  { type: 'mask/result', contributors: [0, 1, 2], revealedDigest: of(32, 6), packed },
];

const decoders: [string, (bytes: Uint8Array) => unknown, Uint8Array][] = [
  ['a message of shares', (bytes) => decodeShareBody(bytes, 3, 0), shares],
  ['a complaint', decodeComplaints, complaints],
  ['a list of alive-MACs', decodeAliveMacs, macs],
  ['a list of revealed shares', decodeUnmaskEntries, revealed],
  ...deliveries.map((delivery): [string, (bytes: Uint8Array) => unknown, Uint8Array] => [
    delivery.type,
    (bytes) => decodeDelivery(bytes, boundsOf('sparse')),
    encodeDelivery(context, delivery),
  ]),
];

/** Decodes, or refuses with an error of ours. */
function outcome(decode: (bytes: Uint8Array) => unknown, bytes: Uint8Array): unknown {
  try {
    return decode(bytes);
  } catch (error) {
    if (error instanceof MalformedMessage || error instanceof ProtocolViolation) return undefined;
    throw error;
  }
}

describe.each(decoders)('attack 75: %s', (_, decode, good) => {
  it('decodes, and not with a byte more or less', () => {
    expect(decode(good)).toBeDefined();
    for (let length = 0; length < good.length; length++) expect(outcome(decode, good.slice(0, length))).toBeUndefined();
    expect(outcome(decode, Uint8Array.of(...good, 0))).toBeUndefined();
  });

  it('of any bytes decodes or is refused, and nothing else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        outcome(decode, bytes);
      }),
      hostileLimits({ numRuns, seed: 1 }),
    );
  });

  it('with a few bytes changed decodes or is refused, and nothing else', () => {
    const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = good.slice();
        for (const [at, byte] of changes) bytes[at] = byte;
        outcome(decode, bytes);
      }),
      hostileLimits({ numRuns, seed: 2 }),
    );
  });
});

describe('what is written', () => {
  it('comes back as it was', () => {
    for (const delivery of deliveries) {
      expect(decodeDelivery(encodeDelivery(context, delivery), boundsOf('sparse'))).toEqual(delivery);
    }
    const index = fc.uniqueArray(fc.nat(100_000), { maxLength: 50 }).map((list) => list.sort((a, b) => a - b));
    fc.assert(
      fc.property(index, (list) => {
        const entries = list.map((one) => ({
          index: one,
          of: one % 2 ? ('seed' as const) : ('key' as const),
          share: of(32, one & 255),
        }));
        expect(decodeUnmaskEntries(encodeUnmaskEntries(entries))).toEqual(entries);
      }),
      { numRuns: 50, seed: 3 },
    );
  });

  it('is the same when boxes are forwarded where they lie as when they are read and written', () => {
    const entry = (byte: number, box: number): ShareEntry => ({
      box: of(box, byte),
      seed: of(32, byte + 1),
      key: of(32, byte + 2),
    });
    // The sender stands at place 1 of its sharing set: there is no box.
    const body = encodeShareBody({ seedCommitment: of(32, 1), entries: [entry(10, 93), entry(20, 0), entry(30, 93)] });
    const read = decodeShareBody(body, 3, 1);
    const places = [0, 2];
    const forwarded = places.map((place) => ({ index: 5 + place, bytes: read.deliveredAt(place) }));
    const boxes = places.map((place) => ({ index: 5 + place, ...read.entryAt(place) }));
    expect(encodeForwarded(context, 'mask/boxes', forwarded)).toEqual(
      encodeDelivery(context, { type: 'mask/boxes', boxes }),
    );
    expect(() => encodeForwarded(context, 'mask/boxes', [{ index: 1, bytes: read.deliveredAt(1) }])).toThrow(
      ParameterError,
    );
    expect(() => read.deliveredAt(3)).toThrow(ParameterError);
    const list = readAliveMacs(macs);
    const own = [1, 5].map((index) => ({ index, bytes: list.bytesAt(list.placeOf(index) ?? Number.NaN) }));
    const vouchers = decodeAliveMacs(macs).map(({ index, mac }) => ({ index, proof: mac }));
    expect(encodeForwarded(context, 'mask/vouchers', own)).toEqual(
      encodeDelivery(context, { type: 'mask/vouchers', vouchers }),
    );
    expect([0, 2, 6].map((index) => list.placeOf(index))).toEqual([undefined, undefined, undefined]);
    expect(() => list.bytesAt(2)).toThrow(ParameterError);
  });
});
