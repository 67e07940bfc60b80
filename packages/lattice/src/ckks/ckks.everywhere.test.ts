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
    conjugate: '52a684a3c1b79808427fdb7416af947c',
    encrypted: 'e3b29c48b9853f6e6c0d9f7cd9001006',
    'encrypted symmetrically': '9873758311919d48b034fccbb5ce755a',
    opened: 'f2840c8a1d231f538a78a97883d345fb',
    polynomial: '1dc1735fc185af7a380dd3a068a82de9',
    'relinearisation key': '1ad2fc2e88168ea5f1e0f7d7d42dafb6',
    'rotated by 1': 'd269ea46e89c816a4843a0ff8e543e84',
    'rotated by 3': 'cf1eedd158a0056c1e6e3dfc4fe1cd60',
    transformed: '59295cc7d501ca87f540eea2aeaa5871',
  },
  'single limbs': {
    conjugate: 'aaa16920960f540d7b1807d7c85c5361',
    encrypted: 'c1303110d1e2b47603f39dcf25b1b227',
    'encrypted symmetrically': '8ad569af3301cbecdbbe1bad9eb26d45',
    opened: '9e1b1dfb6688519362c04cf0c16c0131',
    polynomial: 'a9129d77810c7d78e792e7d667c0371b',
    'relinearisation key': '470187302e9990fc11def007992d99a4',
    'rotated by 1': '01f90c351f49b347e9afa06752f4b8ac',
    'rotated by 3': '20cccffb57b2f8ecf55fa3367a92907c',
    transformed: '81ade77408b0f7143a03679def220b8f',
  },
};
