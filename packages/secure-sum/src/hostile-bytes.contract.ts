// The suite that every decoder passes (attack 75): bytes from somebody who knows the format, valid messages with bytes changed, inserted
// and cut, and plain noise. A decoder answers with a value that encodes to the very same bytes, or with one of our errors; it never
// throws anything else, and a claimed length costs nothing.
//
// A slice from one seed by default; SUMUS_FULL=1 tries a hundred times as many; `npm run fuzz` sets SUMUS_FUZZ_MS, for how long each
// property goes on, and SUMUS_FUZZ_SEED.

import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { hexOf } from './canonical/index.ts';
import { MalformedMessage, ProtocolViolation } from './errors.ts';

export interface Codec {
  /** A valid message. */
  readonly bytes: Uint8Array;
  /** Decoded and encoded again. */
  readonly again: (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>;
}

const { process } = globalThis as { process?: { env: Record<string, string | undefined> } };
const isWhole = process?.env['SUMUS_FULL'] === '1';
const fuzzMs = Number(process?.env['SUMUS_FUZZ_MS'] ?? 0);
const fuzzSeed = Number(process?.env['SUMUS_FUZZ_SEED'] ?? 0);

/** How often a property is tried: for as long as `npm run fuzz` wants, else as often as the suite says. */
export const hostileLimits = (otherwise: { readonly numRuns: number; readonly seed?: number }): object =>
  fuzzMs > 0
    ? { seed: fuzzSeed, numRuns: 1_000_000_000, interruptAfterTimeLimit: fuzzMs, markInterruptAsFailure: false }
    : otherwise;

const limits = hostileLimits(isWhole ? { numRuns: 20_000 } : { seed: 20_261_120, numRuns: 150 });
const longestMs = 2 * fuzzMs + 600_000;

interface Change {
  readonly kind: 'set' | 'insert' | 'cut';
  readonly at: number;
  readonly bytes: Uint8Array;
}

const interesting = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 4 }),
  fc
    .constantFrom([255, 255, 255, 255], [0, 0, 0, 0], [255, 255, 255, 127], [1, 0, 0, 0])
    .map((one) => Uint8Array.from(one)),
);
const change: fc.Arbitrary<Change> = fc.record({
  kind: fc.constantFrom('set', 'set', 'insert', 'cut'),
  at: fc.nat(100_000),
  bytes: interesting,
});

function spoil(bytes: Uint8Array, changes: readonly Change[]): Uint8Array {
  return changes.reduce((spoilt, { kind, at: anywhere, bytes: other }) => {
    const at = anywhere % (spoilt.length + 1);
    const after = kind === 'insert' ? at : Math.min(spoilt.length, at + other.length);
    const middle = kind === 'cut' ? new Uint8Array(0) : other;
    const whole = new Uint8Array(at + middle.length + spoilt.length - after);
    whole.set(spoilt.subarray(0, at));
    whole.set(middle, at);
    whole.set(spoilt.subarray(after), at + middle.length);
    return whole;
  }, bytes);
}

/** Whether the codec refused, and properly. Throws where it did anything else. */
async function isRefused({ again }: Codec, hostile: Uint8Array): Promise<boolean> {
  let back: Uint8Array;
  try {
    back = await again(hostile);
  } catch (error) {
    if (error instanceof MalformedMessage || error instanceof ProtocolViolation) return true;
    throw error;
  }
  if (hexOf(back) !== hexOf(hostile)) throw new Error('another spelling of the same message was accepted');
  return false;
}

/** `names`: written down beside the codecs, so that a format cannot get lost. */
export function hostileSuite(
  what: string,
  names: readonly string[],
  codecsOf: () => Promise<ReadonlyMap<string, Codec>>,
): void {
  describe(`a decoder of ${what}`, () => {
    let codecs: ReadonlyMap<string, Codec>;
    beforeAll(async () => {
      codecs = await codecsOf();
    });

    it('is tested for every format', () => {
      expect([...codecs.keys()].sort()).toEqual([...names].sort());
    });

    it.each(names)('(%s) gives back what was encoded, and refuses it cut or with a byte behind', async (name) => {
      const codec = codecs.get(name)!;
      const { bytes } = codec;
      expect(hexOf(await codec.again(bytes))).toBe(hexOf(bytes));
      expect(await isRefused(codec, Uint8Array.from([...bytes, 0]))).toBe(true);
      for (const length of [0, 1, bytes.length >> 1, bytes.length - 1]) {
        expect(await isRefused(codec, bytes.subarray(0, length)), `the first ${length} bytes`).toBe(true);
      }
    });

    it.each(names)(
      '(%s) answers hostile bytes with the same bytes or an error of ours (attack 75)',
      async (name) => {
        const codec = codecs.get(name)!;
        const property = fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
          await isRefused(codec, spoil(codec.bytes, changes));
        });
        await fc.assert(property, limits);
      },
      longestMs,
    );

    it.each(names)(
      '(%s) answers noise with an error of ours (attack 75)',
      async (name) => {
        const codec = codecs.get(name)!;
        // Something short may be a message by chance; then it is spelled in one way only.
        const property = fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (noise) => {
          await isRefused(codec, noise);
        });
        await fc.assert(property, limits);
      },
      longestMs,
    );
  });
}
