import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOfHex, hexOf, utf8Bytes, utf8Text } from '../canonical/utf8.ts';
import { MalformedMessage, ParameterError, ProtocolViolation } from '../errors.ts';
import { primitives, signerFrom } from '../ledger/sample-ledger.contract.ts';
import {
  blobName,
  type HeaderToCoordinator,
  joinFrame,
  readFrameToCoordinator,
  readFrameToParticipant,
  verifyFrame,
  writeHead,
} from './frame.ts';

const signer = await signerFrom(3);
const body = Uint8Array.of(1, 2, 3, 250);
const header: HeaderToCoordinator = {
  format: 'sumus/run/1',
  run: 'run-1',
  from: 'silo-1',
  number: 4,
  message: { type: 'sum', round: 2, version: 1 },
  body: blobName(primitives, body),
};
const bytes = joinFrame(await writeHead(primitives, signer, header), body);
const MOST = 4096;

describe('a frame', () => {
  it('is read back and verified, and is the same bytes for the same header', async () => {
    const frame = readFrameToCoordinator(bytes, MOST);
    expect(frame.header).toEqual(header);
    expect([...frame.body]).toEqual([...body]);
    await expect(verifyFrame(primitives, frame, signer.publicKey)).resolves.toEqual(frame.header.body);
    expect(joinFrame(await writeHead(primitives, signer, header), body)).toEqual(bytes);
  });

  it('annotated, begins with its letters, its version, the length of its header and the header', () => {
    const hex = Buffer.from(bytes).toString('hex');
    expect(hex.slice(0, 8)).toBe('53554d52'); // "SUMR"
    expect(hex.slice(8, 10)).toBe('01'); // version
    const length = bytes.length - body.length - 64 - 9;
    expect(hex.slice(10, 18)).toBe(Buffer.from(Uint32Array.of(length).buffer).toString('hex')); // header, lowest byte first
    expect(utf8Text(bytes.slice(9, 9 + length))).toBe(
      `{"body":{"bytes":4,"sha256":"${blobName(primitives, body).sha256}"},"format":"sumus/run/1","from":"silo-1",` +
        '"message":{"round":2,"type":"sum","version":1},"number":4,"run":"run-1"}',
    );
  });

  it('of another key, or with another body or header than was signed, is refused', async () => {
    const frame = readFrameToCoordinator(bytes, MOST);
    const other = await signerFrom(4);
    await expect(verifyFrame(primitives, frame, other.publicKey)).rejects.toThrow(ProtocolViolation);
    const changed = bytes.slice();
    changed[changed.length - 1] ^= 1;
    await expect(verifyFrame(primitives, readFrameToCoordinator(changed, MOST), signer.publicKey)).rejects.toThrow(
      'the body of a frame',
    );
    const renumbered = joinFrame((await writeHead(primitives, other, { ...header, number: 5 })).slice(), body);
    await expect(verifyFrame(primitives, readFrameToCoordinator(renumbered, MOST), signer.publicKey)).rejects.toThrow(
      'not signed by',
    );
  });

  it('that is cut, longer, too long, or meant for the other side is refused before it is used', () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(() => readFrameToCoordinator(bytes.subarray(0, length), MOST)).toThrow(MalformedMessage);
    }
    expect(() => readFrameToCoordinator(Uint8Array.of(...bytes, 0), MOST)).toThrow(MalformedMessage);
    expect(() => readFrameToCoordinator(bytes, bytes.length - 1)).toThrow('longer than');
    expect(() => readFrameToParticipant(bytes, MOST)).toThrow(MalformedMessage);
  });

  it('whose header is longer than any of a participant is not read, whoever signed it', () => {
    const long = new Uint8Array(9 + 2 ** 20 + 1 + 64).fill(0x20);
    long.set(bytes.subarray(0, 5));
    new DataView(long.buffer).setUint32(5, 2 ** 20 + 1, true);
    expect(() => readFrameToCoordinator(long, long.length)).toThrow('has no room for a header');
  });

  it('of any other bytes is refused, never anything else', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.uint8Array({ maxLength: 6 }), (at, junk) => {
        const hostile = bytes.slice();
        hostile.set(junk.subarray(0, hostile.length - at), at);
        try {
          readFrameToCoordinator(hostile, MOST);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedMessage);
        }
      }),
      { seed: 8, numRuns: 600 },
    );
  });

  it('with a header in another form, or with a member more, is refused', () => {
    const empty = { ...header, body: null };
    const canonical =
      '{"body":null,"format":"sumus/run/1","from":"silo-1","message":{"round":2,"type":"sum","version":1},"number":4,"run":"run-1"}';
    expect(readFrameToCoordinator(bytesOf(canonical), MOST).header).toEqual(empty);
    for (const text of [
      canonical.replace('{"body"', '{ "body"'),
      canonical.replace('"number":4', '"number":4.5'),
      canonical.replace('"number":4', '"number":-1'),
      canonical.replace('"number":4', '"more":1,"number":4'),
      canonical.replace('sumus/run/1', 'sumus/run/2'),
      canonical.replace('"sum"', '"summe"'),
      canonical.replace('"body":null', `"body":{"bytes":0,"sha256":"${'ab'.repeat(32)}"}`),
      '[]',
      'null',
      '{',
    ]) {
      expect(() => readFrameToCoordinator(bytesOf(text), MOST)).toThrow(MalformedMessage);
    }
    function bytesOf(text: string): Uint8Array {
      const named = utf8Bytes(text);
      const out = new Uint8Array(9 + named.length + 64);
      out.set(bytes.subarray(0, 5));
      new DataView(out.buffer).setUint32(5, named.length, true);
      out.set(named, 9);
      return out;
    }
  });
});

describe('hexadecimal text', () => {
  it('is bytes and back, and nothing else is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (given) => {
        const hex = Buffer.from(given).toString('hex');
        expect(hexOf(given)).toBe(hex);
        expect([...bytesOfHex(hex)]).toEqual([...given]);
      }),
      { seed: 10, numRuns: 100 },
    );
    for (const text of ['a', 'abc', 'AB', 'g0', '0g', '/0', ':0', '`0', '0x', ' a', 'é0']) {
      expect(() => bytesOfHex(text)).toThrow(ParameterError);
    }
  });
});

describe('text of UTF-8 bytes', () => {
  it('is what a platform decodes, and what a platform refuses is refused', () => {
    const platform = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const decoded = (given: Uint8Array): string | undefined => {
      try {
        return platform.decode(given);
      } catch {
        return undefined;
      }
    };
    const ours = (given: Uint8Array): string | undefined => {
      try {
        return utf8Text(given);
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedMessage);
        return undefined;
      }
    };
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ maxLength: 8 }), fc.string({ unit: 'grapheme' }).map(utf8Bytes)),
        (given) => {
          expect(ours(given)).toBe(decoded(given));
        },
      ),
      { seed: 9, numRuns: 500 },
    );
    const encoder = new TextEncoder();
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect([...utf8Bytes(text)]).toEqual([...encoder.encode(text)]);
      }),
      { seed: 11, numRuns: 300 },
    );
    for (const text of ['\u{10ffff}', '\u07ff', '\u0800', '\uffff', '\u0080']) {
      expect([...utf8Bytes(text)]).toEqual([...encoder.encode(text)]);
    }
    for (const text of ['\ud800', 'a\udfff', '\ud800a']) expect(() => utf8Bytes(text)).toThrow(ParameterError);
    const hard = ['c080', 'e08080', 'eda080', 'f4908080', 'f0808080', 'ff', 'e282', 'f09f9880', 'efbfbf', 'c3a9'];
    for (const hex of hard) expect(ours(Buffer.from(hex, 'hex'))).toBe(decoded(Buffer.from(hex, 'hex')));
  });
});
