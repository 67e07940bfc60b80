// The clauses of X-Wing and of hybrid boxes, for every platform.

import { postQuantumPrimitives } from '@sumus/platform/post-quantum';
import type { Primitives } from '@sumus/platform/primitives';
import { beforeAll, describe, expect, it } from 'vitest';
import { hexOf, memberId } from '../canonical/index.ts';
import { HYBRID_SUITE, openContext } from '../context/index.ts';
import vectors from '../known-answers/x-wing.json' with { type: 'json' };
import type { KeyAgreement } from '../primitives.ts';
import { agreementOf, freshSecretKey, type SecretPrimitives } from '../secret-primitives.ts';
import { codeOf, flipped, openAt, seededPrimitives } from '../seeded-members.contract.ts';
import {
  encapsulate,
  HYBRID_BOX_OVERHEAD_BYTES,
  type HybridPrimitives,
  openHybridBox,
  type SecretHybridKey,
  sealHybridBox,
  secretHybridKey,
  X_WING_CIPHERTEXT_BYTES,
  X_WING_PUBLIC_KEY_BYTES,
} from './index.ts';

const ofHex = (hex: string): Uint8Array =>
  Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));

export function xWingSuite(name: string, platform: () => Primitives | Promise<Primitives>): void {
  describe(`X-Wing on ${name}`, () => {
    let primitives: SecretPrimitives;
    const postQuantum = postQuantumPrimitives();
    beforeAll(async () => {
      primitives = seededPrimitives(await platform(), 4);
    });

    it('gives the answers of the draft', async () => {
      expect(vectors.vectors.length).toBeGreaterThan(0);
      for (const { seed, eseed, pk, ct, ss } of vectors.vectors) {
        const key = await secretHybridKey(primitives, postQuantum, ofHex(seed));
        expect(hexOf(key.publicKey)).toBe(pk);
        const { ciphertext, shared } = await encapsulate(primitives, postQuantum, key.publicKey, ofHex(eseed));
        expect(hexOf(ciphertext)).toBe(ct);
        expect(hexOf(shared)).toBe(ss);
        expect(hexOf(await key.decapsulate(ciphertext))).toBe(ss);
      }
    });

    it('is another secret for every byte that changes, of either half', async () => {
      const key = await secretHybridKey(primitives, postQuantum, new Uint8Array(32).fill(1));
      const seed = new Uint8Array(64).fill(2);
      const { ciphertext, shared } = await encapsulate(primitives, postQuantum, key.publicKey, seed);
      for (const at of [0, 500, 1087, 1088, 1100]) {
        expect(await key.decapsulate(flipped(ciphertext, at))).not.toEqual(shared);
      }
      for (const at of [0, 63]) {
        const other = await encapsulate(primitives, postQuantum, key.publicKey, flipped(seed, at, 4));
        expect(other.shared).not.toEqual(shared);
      }
    });

    it('refuses keys and ciphertexts that are none', async () => {
      const key = await secretHybridKey(primitives, postQuantum, new Uint8Array(32).fill(1));
      const seed = new Uint8Array(64).fill(2);
      const enclose = (publicKey: Uint8Array): Promise<unknown> =>
        codeOf(() => encapsulate(primitives, postQuantum, publicKey, seed));
      const { publicKey } = key;
      expect(await enclose(publicKey.subarray(1))).toBe('E_KEY');
      const large = publicKey.slice();
      large.fill(255, 0, 2);
      expect(await enclose(large)).toBe('E_KEY');
      const low = publicKey.slice();
      low.fill(0, X_WING_PUBLIC_KEY_BYTES - 32);
      expect(await enclose(low)).toBe('E_LOWORDER');
      const { ciphertext } = await encapsulate(primitives, postQuantum, publicKey, seed);
      expect(await codeOf(() => key.decapsulate(ciphertext.subarray(1)))).toBe('E_KEY');
      const zero = ciphertext.slice();
      zero.fill(0, X_WING_CIPHERTEXT_BYTES - 32);
      expect(await codeOf(() => key.decapsulate(zero))).toBe('E_LOWORDER');
      key.wipe();
      expect(await codeOf(() => key.decapsulate(ciphertext))).toBe('E_PARAMETER');
    });
  });

  describe(`a hybrid box on ${name}`, () => {
    const [alice, bob] = [memberId('alice'), memberId('bob')];
    const seed = new Uint8Array(64).fill(7);
    const plaintext = Uint8Array.of(1, 2, 3);
    let hybrid: HybridPrimitives;
    let keys: readonly [KeyAgreement, KeyAgreement];
    let bobs: SecretHybridKey;
    let context: ReturnType<typeof openContext>;
    beforeAll(async () => {
      const primitives = seededPrimitives(await platform(), 4);
      hybrid = { primitives, postQuantum: postQuantumPrimitives() };
      keys = [
        await agreementOf(primitives, freshSecretKey(primitives, 'x25519')),
        await agreementOf(primitives, freshSecretKey(primitives, 'x25519')),
      ];
      bobs = await secretHybridKey(primitives, hybrid.postQuantum, primitives.randomBytes(32));
      context = openContext(primitives, { ...openAt(primitives, 1).fields, suite: HYBRID_SUITE });
    });

    const toBob = (over: object = {}): Parameters<typeof sealHybridBox>[1] => ({
      context,
      own: { memberId: alice, key: keys[0] },
      peer: { memberId: bob, publicKey: keys[1].publicKey, hybridKey: bobs.publicKey },
      seed,
      ...over,
    });
    const fromAlice = (over: object = {}): Parameters<typeof openHybridBox>[1] => ({
      context,
      own: { memberId: bob, key: keys[1], hybridKey: bobs },
      peer: { memberId: alice, publicKey: keys[0].publicKey },
      ...over,
    });

    it('opens for its receiver; sealed again it is the same bytes', async () => {
      const box = await sealHybridBox(hybrid, toBob(), 'test', plaintext);
      expect(box).toHaveLength(plaintext.length + HYBRID_BOX_OVERHEAD_BYTES);
      expect(await openHybridBox(hybrid, fromAlice(), 'test', box)).toEqual(plaintext);
      expect(await sealHybridBox(hybrid, toBob(), 'test', plaintext)).toEqual(box);
    });

    it('opens for nobody else, in no other context, for no other purpose, after no change (attack 25)', async () => {
      const { primitives, postQuantum } = hybrid;
      const box = await sealHybridBox(hybrid, toBob(), 'test', plaintext);
      const opened = (over: object, bytes = box, purpose = 'test'): Promise<unknown> =>
        codeOf(() => openHybridBox(hybrid, fromAlice(over), purpose, bytes));
      for (const at of [0, 600, 1087, 1088 + 5, 1120, box.length - 1]) {
        expect(await opened({}, flipped(box, at)), `byte ${at}`).toMatch(/^E_(BOX|KEY)$/);
      }
      expect(await opened({}, box, 'other')).toBe('E_BOX');
      expect(await opened({}, box.subarray(0, 1147))).toBe('E_BOX');
      const later = openContext(primitives, { ...openAt(primitives, 2).fields, suite: HYBRID_SUITE });
      expect(await opened({ context: later })).toBe('E_BOX');
      const other = await secretHybridKey(primitives, postQuantum, new Uint8Array(32));
      expect(await opened({ own: { memberId: bob, key: keys[1], hybridKey: other } })).toBe('E_BOX');
      // Who has only one of the two secrets does not open it: another X25519 key beside the right X-Wing key.
      expect(await opened({ own: { memberId: bob, key: keys[0], hybridKey: bobs } })).toMatch(/^E_/);
      expect(await opened({ peer: { memberId: memberId('carol'), publicKey: keys[0].publicKey } })).toBe('E_BOX');
    });

    it('is none of another suite', async () => {
      const plain = openAt(hybrid.primitives, 1);
      expect(plain.hash).not.toEqual(context.hash);
      expect(await codeOf(() => sealHybridBox(hybrid, toBob({ context: plain }), 'test', plaintext))).toBe(
        'E_PARAMETER',
      );
    });
  });
}
