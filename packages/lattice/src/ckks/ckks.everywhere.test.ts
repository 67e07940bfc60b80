import { loadWebPrimitives } from '@sumus/platform/web';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../engine/engine.ts';
import { referenceEngine } from '../engine/engine-reference.ts';
import { wasmEngine } from '../engine/engine-wasm.ts';
import type { LatticePrimitives } from '../lattice.ts';
import { type CkksLiteral, insecureCkksParameters } from '../parameters/ckks-parameters.ts';
import { applyTransform } from './apply-transform.ts';
import { type Ciphertext, expand } from './ciphertext.ts';
import { ckksContext } from './context.ts';
import { decryptComplex } from './decryptor.ts';
import { encrypt, encryptSymmetric } from './encryptor.ts';
import { galoisKeys, publicKey, relinearisationKey, secretKey } from './keys.ts';
import { encodeTransform } from './linear-transform.ts';
import { evaluatePolynomial } from './polynomial.ts';
import { conjugate, rotateMany } from './rotate.ts';

// From one seed, both engines and every runtime make the same keys, the same ciphertexts and the same decryptions, to the last bit.

let web: LatticePrimitives;
beforeAll(async () => {
  web = await loadWebPrimitives();
});

/** "Fresh" bytes from a counter: every call another nonce. */
function seeded(): LatticePrimitives {
  const key = Uint8Array.from({ length: 32 }, (_, i) => i);
  let calls = 0;
  return {
    ...web,
    randomBytes: (length) => {
      const out = new Uint8Array(length);
      const nonce = new Uint8Array(12);
      new DataView(nonce.buffer).setUint32(0, calls++, true);
      web.chacha20(key, nonce, 0, out);
      return out;
    },
  };
}

function digest(...arrays: readonly ArrayBufferView[]): string {
  const hash = web.sha256(...arrays.map((a) => new Uint8Array(a.buffer, a.byteOffset, a.byteLength)));
  return Array.from(hash.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const double: CkksLiteral = { degree: 128, levels: 4, scaleBits: 55, limbsPerLevel: 2, digits: 3 };
const single: CkksLiteral = { degree: 128, levels: 4, scaleBits: 28, limbsPerLevel: 1, digits: 5 };

function story(engine: Engine, literal: CkksLiteral): Record<string, string> {
  const context = ckksContext({ engine, primitives: seeded() }, insecureCkksParameters(literal));
  const secret = secretKey(context);
  const key = publicKey(context, secret);
  const relinearisation = relinearisationKey(context, secret);
  const keys = galoisKeys(context, secret, { rotations: [1, 2, 3, 16], conjugation: true });
  const real = Float64Array.from({ length: 64 }, (_, i) => ((i * 37) % 64) / 80 - 0.4);
  const imaginary = real.map((x) => x * x - 0.1);
  const ciphertexts: Record<string, Ciphertext> = {};
  const c = encrypt(context, key, { real, imaginary });
  ciphertexts['encrypted'] = c;
  ciphertexts['encrypted symmetrically'] = expand(encryptSymmetric(context, secret, { real, imaginary }));
  ciphertexts['polynomial'] = evaluatePolynomial(c, [0.1, 0.5, 0, -0.2, 0, 0.05], relinearisation);
  ciphertexts['conjugate'] = conjugate(c, keys);
  [ciphertexts['rotated by 1'], ciphertexts['rotated by 3']] = rotateMany(c, [1, 3], keys);
  const diagonals = new Map([0, 1, 2, 17].map((k) => [k, { real, imaginary }]));
  ciphertexts['transformed'] = applyTransform(c, encodeTransform(context, diagonals, { babySteps: 16 }), keys);
  const digests: Record<string, string> = { 'relinearisation key': digest(relinearisation.key.digits[1].b.residues) };
  for (const [name, { c0, c1 }] of Object.entries(ciphertexts)) digests[name] = digest(c0.residues, c1.residues);
  const opened = decryptComplex(secret, ciphertexts['polynomial']);
  return { ...digests, opened: digest(opened.real, opened.imaginary) };
}

describe.each([
  ['double limbs', double],
  ['single limbs', single],
] as const)('a story on %s', (name, literal) => {
  it('has the same bytes in both engines and everywhere', async () => {
    const wasm = story(await wasmEngine(), literal);
    expect(wasm).toEqual(story(referenceEngine(), literal));
    expect(wasm).toEqual(KNOWN[name]);
  });
});

const KNOWN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'double limbs': {
    conjugate: '724d261c9159453d6e64f87a6c4c1196',
    encrypted: 'c31a5a655acf240428f80f8115a9bf94',
    'encrypted symmetrically': '9873758311919d48b034fccbb5ce755a',
    opened: '7063c867522d53b141f9e5c177f72885',
    polynomial: 'cf6224b10ad6d9a987a244381434d016',
    'relinearisation key': '1e0ce78552f0bbc6390c4f97b9a13056',
    'rotated by 1': '97e03d319a95359949a7e70ae8a2eea7',
    'rotated by 3': 'a66deb4618e36694d56db20e4ff2d9ce',
    transformed: 'ecc1875b87ca2adfc5c3b8e71b1778a1',
  },
  'single limbs': {
    conjugate: '500ab5969f9a367555a9772222454bb5',
    encrypted: '86261c08a7fee852e77517e3cb90028a',
    'encrypted symmetrically': '8ad569af3301cbecdbbe1bad9eb26d45',
    opened: '1444637735221782a327254360eb0bb6',
    polynomial: '7c8291b5f11a9470d93764939fd62c07',
    'relinearisation key': '61e5677bf0e0bc1fc037819b2fa24a66',
    'rotated by 1': 'e84393a98759a772661bd84c3291bef7',
    'rotated by 3': '1cf93525bd1e6b7eedafb2cb26679775',
    transformed: 'bef9fbc2db7c5f3fe2ee81dc69e22889',
  },
};
