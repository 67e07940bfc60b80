import { createDecipheriv, createHmac, hkdfSync } from 'node:crypto';
import { inspect } from 'node:util';
import { nodePrimitives } from '@sumus/platform/node';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { memberId } from '../canonical/index.ts';
import { MalformedMessage, ParameterError } from '../errors.ts';
import type { KeyAgreement } from '../primitives.ts';
import { agreementOf, freshSecretKey, type SecretPrimitives } from '../secret-primitives.ts';
import { codeOf, flipped, openAt, seededPrimitives } from '../seeded-members.contract.ts';
import {
  authenticate,
  BOX_OVERHEAD_BYTES,
  isAuthentic,
  MAC_BYTES,
  openBox,
  openChannel,
  pairSeed,
  type SecretChannel,
  sealBox,
} from './index.ts';

fc.configureGlobal({ seed: 20_261_120 });

const primitives = seededPrimitives(nodePrimitives(), 3);
const context = openAt(primitives, 1);
const [alice, bob, carol] = ['alice', 'bob', 'carol'].map(memberId) as [
  ReturnType<typeof memberId>,
  ReturnType<typeof memberId>,
  ReturnType<typeof memberId>,
];
const keys = new Map<string, KeyAgreement>();
const plaintext = Uint8Array.of(1, 2, 3, 4);
let ab: SecretChannel;
let ba: SecretChannel;

beforeAll(async () => {
  for (const name of [alice, bob, carol]) {
    keys.set(name, await agreementOf(primitives, freshSecretKey(primitives, 'x25519')));
  }
  ab = await between(alice, bob);
  ba = await between(bob, alice);
});

async function between(own: typeof alice, peer: typeof alice, under = context): Promise<SecretChannel> {
  return openChannel(primitives, {
    context: under,
    own: { memberId: own, key: keys.get(own)! },
    peer: { memberId: peer, publicKey: keys.get(peer)!.publicKey },
  });
}

const refused = async (channel: SecretChannel, box: Uint8Array, purpose = 'mask/shares'): Promise<unknown> =>
  codeOf(() => openBox(primitives, channel, purpose, box));

describe('a box', () => {
  it('opens for its receiver, of any length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const box = sealBox(primitives, ab, 'mask/shares', bytes);
        expect(box.length).toBe(bytes.length + BOX_OVERHEAD_BYTES);
        expect([...openBox(primitives, ba, 'mask/shares', box)]).toEqual([...bytes]);
      }),
    );
  });

  it('is the formula of channel.ts, computed once more with Node alone', async () => {
    const box = Buffer.from(sealBox(primitives, ab, 'mask/shares', plaintext));
    const field = (...fields: (Uint8Array | string)[]): Buffer =>
      Buffer.concat(
        fields.flatMap((one) => {
          const length = Buffer.alloc(4);
          length.writeUInt32LE(one.length);
          return [length, Buffer.from(one)];
        }),
      );
    const [from, to] = [keys.get(alice)!, keys.get(bob)!];
    const parts = field(alice, bob, from.publicKey, to.publicKey);
    const info = field('sumus/1/derive', 'box/keys', context.hash, parts);
    const derived = Buffer.from(hkdfSync('sha256', await from.agree(to.publicKey), '', info, 96));
    const aad = field(context.hash, alice, bob, 'mask/shares');
    const nonce = createHmac('sha256', derived.subarray(32, 64))
      .update(field(aad))
      .update(plaintext)
      .digest()
      .subarray(0, 12);
    expect(box.subarray(0, 12)).toEqual(nonce);
    const cipher = createDecipheriv('chacha20-poly1305', derived.subarray(0, 32), nonce, { authTagLength: 16 });
    cipher.setAAD(aad, { plaintextLength: plaintext.length }).setAuthTag(box.subarray(-16));
    expect(new Uint8Array(Buffer.concat([cipher.update(box.subarray(12, -16)), cipher.final()]))).toEqual(plaintext);
    const mac = createHmac('sha256', derived.subarray(64)).update(
      field('sumus/1/mac', context.hash, 'mask/alive', bob),
    );
    expect(Buffer.from(authenticate(primitives, ab, 'mask/alive', bob))).toEqual(mac.digest().subarray(0, 16));
  });

  it('swapped between receivers, sent back, of another sender, round or purpose does not open (attack 25)', async () => {
    const box = sealBox(primitives, ab, 'mask/shares', plaintext);
    expect(await refused(await between(carol, alice), box)).toBe('E_BOX');
    expect(await refused(ab, box)).toBe('E_BOX');
    expect(await refused(await between(bob, carol), box)).toBe('E_BOX');
    expect(await refused(await between(bob, alice, openAt(primitives, 2)), box)).toBe('E_BOX');
    expect(await refused(ba, box, 'mask/other')).toBe('E_BOX');
  });

  it('that is cut, longer, or changed in any bit does not open (attack 25)', async () => {
    const box = sealBox(primitives, ab, 'mask/shares', plaintext);
    for (let length = 0; length < box.length; length++) {
      expect(await refused(ba, box.subarray(0, length))).toBe('E_BOX');
    }
    expect(await refused(ba, Uint8Array.of(...box, 0))).toBe('E_BOX');
    for (let at = 0; at < box.length; at++) {
      for (const bit of [0, 7]) expect(await refused(ba, flipped(box, at, bit))).toBe('E_BOX');
    }
  });

  it('under another name for the same key does not open: names are bound, not only keys', async () => {
    const box = sealBox(primitives, ab, 'mask/shares', plaintext);
    const renamed = await openChannel(primitives, {
      context,
      own: { memberId: bob, key: keys.get(bob)! },
      peer: { memberId: carol, publicKey: keys.get(alice)!.publicKey },
    });
    expect(await refused(renamed, box)).toBe('E_BOX');
  });

  it('never has one nonce for two plaintexts, even when randomness repeats; sealed again it is the same (attack 25)', () => {
    const nonceOf = (bytes: Uint8Array, channel = ab, purpose = 'mask/shares'): string =>
      Buffer.from(sealBox(primitives, channel, purpose, bytes).subarray(0, 12)).toString('hex');
    const nonces = Array.from({ length: 500 }, (_, i) => nonceOf(Uint8Array.of(i % 256, i >> 8)));
    expect(new Set(nonces).size).toBe(500);
    // Empty against absent, longer against shorter, purpose against plaintext: all framed.
    const framed = [
      nonceOf(new Uint8Array(0)),
      nonceOf(new Uint8Array(1)),
      nonceOf(plaintext, ab, 'x'),
      nonceOf(plaintext, ba),
    ];
    expect(new Set([...framed, nonceOf(plaintext)]).size).toBe(5);
    expect(sealBox(primitives, ab, 'mask/shares', plaintext)).toEqual(
      sealBox(primitives, ab, 'mask/shares', plaintext),
    );
  });

  it('shows nothing of its plaintext: with a planted leak the same check fails', () => {
    const zeros = new Uint8Array(4096);
    const ones = (bytes: Uint8Array): number => {
      let count = 0;
      for (const byte of bytes) for (let rest = byte; rest > 0; rest >>= 1) count += rest & 1;
      return count;
    };
    // 4124 · 8 fair bits: 16496 ± 6.5 · 90.8 has α < 1e-10.
    const isFair = (bytes: Uint8Array): boolean =>
      Math.abs(ones(bytes) - bytes.length * 4) < 6.5 * Math.sqrt(bytes.length * 2);
    const box = sealBox(primitives, ab, 'mask/shares', zeros);
    expect(isFair(box)).toBe(true);
    expect(isFair(box.fill(0, 100, 300))).toBe(false);
  });
});

describe('a channel', () => {
  it('does not print its keys or serialise, and ends when wiped', async () => {
    const channel = await between(alice, bob);
    expect(inspect(channel)).toBe('SecretChannel(alice ↔ bob)');
    expect(inspect(channel, { showHidden: true, depth: 9 })).toBe('SecretChannel(alice ↔ bob)');
    expect(() => JSON.stringify({ channel })).toThrow(ParameterError);
    expect(Object.keys({ ...channel }).sort()).toEqual(['context', 'own', 'peer']);
    channel.wipe();
    channel.wipe();
    expect(() => sealBox(primitives, channel, 'mask/shares', plaintext)).toThrow(/was wiped/);
    expect(() => openBox(primitives, channel, 'mask/shares', new Uint8Array(40))).toThrow(/was wiped/);
  });

  it('is not had with oneself', async () => {
    await expect(between(alice, alice)).rejects.toThrow(ParameterError);
  });

  it('is refused to every key of low order, and to keys of a wrong length (attacks 6 and 7)', async () => {
    for (const publicKey of lowOrderEncodings()) {
      const peer = { memberId: bob, publicKey };
      const code = await codeOf(() =>
        openChannel(primitives, { context, own: { memberId: alice, key: keys.get(alice)! }, peer }),
      );
      expect(code).toBe('E_LOWORDER');
    }
    for (const length of [0, 31, 33, 44]) {
      const peer = { memberId: bob, publicKey: new Uint8Array(length).fill(9) };
      const code = await codeOf(() =>
        openChannel(primitives, { context, own: { memberId: alice, key: keys.get(alice)! }, peer }),
      );
      expect(code).toBe('E_KEY');
    }
  });

  it('is refused when the platform lets an all-zero secret through', async () => {
    const careless: KeyAgreement = { publicKey: new Uint8Array(32).fill(9), agree: async () => new Uint8Array(32) };
    const peer = { memberId: bob, publicKey: keys.get(bob)!.publicKey };
    const code = await codeOf(() =>
      openChannel(primitives, { context, own: { memberId: alice, key: careless }, peer }),
    );
    expect(code).toBe('E_LOWORDER');
  });

  it('passes on what is not the peer’s fault', async () => {
    const broken: KeyAgreement = {
      publicKey: new Uint8Array(32).fill(9),
      agree: async () => Promise.reject(new RangeError('out of order')),
    };
    const peer = { memberId: bob, publicKey: keys.get(bob)!.publicKey };
    const own = { memberId: alice, key: broken };
    await expect(openChannel(primitives, { context, own, peer })).rejects.toThrow(RangeError);
  });
});

/** 0, 1, the two of order 8, p − 1, p, p + 1, each with the ignored top bit clear and set; and 2p − 1, 2p, 2p + 1 mod 2^256. */
function lowOrderEncodings(): Uint8Array[] {
  const p = 2n ** 255n - 19n;
  const eight = [
    '00b8495f16056286fdb1329ceb8d09da6ac49ff1fae35616aeb8413b7c7aebe0',
    '57119fd0dd4e22d8868e1c58c45c44045bef839c55b1d0b1248c50a3bc959c5f',
  ].map((hex) => BigInt(`0x${hex}`));
  const values = [0n, 1n, ...eight, p - 1n, p, p + 1n];
  const all = [...values, ...values.map((value) => value + 2n ** 255n)];
  return [...new Set(all)].map((value) =>
    Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n)),
  );
}

describe('a MAC between two members', () => {
  it('convinces the other one', () => {
    const mac = authenticate(primitives, ab, 'mask/alive', bob, plaintext);
    expect(mac.length).toBe(MAC_BYTES);
    expect(isAuthentic(primitives, ba, mac, 'mask/alive', bob, plaintext)).toBe(true);
  });

  it('that is returned, of another pair, context, label or subject is refused (attack 24)', async () => {
    const mac = authenticate(primitives, ab, 'mask/alive', bob);
    const check = (channel: SecretChannel, label = 'mask/alive', subject = bob): boolean =>
      isAuthentic(primitives, channel, mac, label, subject);
    expect(check(ba)).toBe(true);
    expect(check(ab)).toBe(false);
    expect(check(await between(bob, carol))).toBe(false);
    expect(check(await between(carol, alice))).toBe(false);
    expect(check(await between(bob, alice, openAt(primitives, 2)))).toBe(false);
    expect(check(ba, 'mask/dead')).toBe(false);
    expect(check(ba, 'mask/alive', alice)).toBe(false);
    expect(isAuthentic(primitives, ba, flipped(mac, 15), 'mask/alive', bob)).toBe(false);
    expect(isAuthentic(primitives, ba, mac.subarray(0, 15), 'mask/alive', bob)).toBe(false);
    expect(isAuthentic(primitives, ba, new Uint8Array(0), 'mask/alive', bob)).toBe(false);
  });
});

describe('the seed of a pair', () => {
  const seed = async (own: typeof alice, peer: typeof alice, label = 'mask/pair', under = context): Promise<string> => {
    const bytes = await pairSeed(primitives, {
      context: under,
      label,
      own: { memberId: own, key: keys.get(own)! },
      peer: { memberId: peer, publicKey: keys.get(peer)!.publicKey },
      lengthBytes: 32,
    });
    return Buffer.from(bytes).toString('hex');
  };

  it('is the same for both, and another for every pair, label and context', async () => {
    expect(await seed(alice, bob)).toBe(await seed(bob, alice));
    const all = [
      await seed(alice, bob),
      await seed(alice, carol),
      await seed(bob, carol),
      await seed(alice, bob, 'mask/other'),
      await seed(alice, bob, 'mask/pair', openAt(primitives, 2)),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  it('differs when the peer’s key comes in another encoding: both sides must have the roster’s bytes', async () => {
    const other = keys.get(bob)!.publicKey.slice();
    other[31]! |= 0x80;
    const bytes = await pairSeed(primitives, {
      context,
      label: 'mask/pair',
      own: { memberId: alice, key: keys.get(alice)! },
      peer: { memberId: bob, publicKey: other },
      lengthBytes: 32,
    });
    expect(Buffer.from(bytes).toString('hex')).not.toBe(await seed(bob, alice));
  });
});

describe('what must not happen', () => {
  it('is caught by these tests: a box that ignores its direction is opened by its sender', async () => {
    // The planted break: names are not part of the derivation, as where one key serves both directions.
    const careless: SecretPrimitives = {
      ...primitives,
      hkdfSha256: (input) => primitives.hkdfSha256({ ...input, info: new Uint8Array(0) }),
      chacha20Poly1305: {
        seal: (input, bytes) =>
          primitives.chacha20Poly1305.seal({ ...input, associatedData: new Uint8Array(0) }, bytes),
        open: (input, bytes) =>
          primitives.chacha20Poly1305.open({ ...input, associatedData: new Uint8Array(0) }, bytes),
      },
    };
    const channel = await openChannel(careless, {
      context,
      own: { memberId: alice, key: keys.get(alice)! },
      peer: { memberId: bob, publicKey: keys.get(bob)!.publicKey },
    });
    const box = sealBox(careless, channel, 'mask/shares', plaintext);
    expect([...openBox(careless, channel, 'mask/shares', box)]).toEqual([...plaintext]);
    expect(() => openBox(primitives, ab, 'mask/shares', box)).toThrow(MalformedMessage);
  });
});
