// A client's side of CKKS: encode and encrypt, decrypt and decode, N = 8192, every slot full. Both have 200 bits at key level: ours
// 60 + 2 × 55 and a special prime of 30, node-seal's {60, 40, 40, 60}, so our ciphertexts carry 170 bits and theirs 140. A seeded
// ciphertext of node-seal exists as bytes only, so ours is written to bytes as well.

import { ckksContext, decrypt, encrypt, encryptSymmetric, publicKey, secretKey } from '@sumus/lattice/ckks';
import { wasmEngine } from '@sumus/lattice/engine';
import { ckksPreset } from '@sumus/lattice/parameters';
import { encodeCkksCiphertext } from '@sumus/lattice/wire';
import { nodePrimitives } from '@sumus/platform/node';
import { type Contestant, measure } from '../measure.ts';
import { compared, type Findings, largestError, planFor, type Rows, timingResult } from './row.ts';
import { sealCkks } from './seal.ts';
import { TARGETS } from './targets.ts';

export const encryptRows: Rows = async (options): Promise<Findings> => {
  const lattice = { engine: await wasmEngine(), primitives: nodePrimitives() };
  const context = ckksContext(lattice, ckksPreset('learn-13d'));
  const secret = secretKey(context);
  const key = publicKey(context, secret);
  const seal = await sealCkks({ degree: 8192, primeBits: [60, 40, 40, 60], scale: 2 ** 40 });
  try {
    const values = Float64Array.from({ length: 4096 }, (_, i) => Math.sin(i));
    const own = encrypt(context, key, values);
    const plaintext = seal.plaintext();
    const opened = seal.plaintext();
    const ciphertext = seal.ciphertext();
    seal.encode(values, plaintext);
    seal.encrypt(plaintext, ciphertext);
    const sealDecrypt = (): Float64Array => {
      seal.decrypt(ciphertext, opened);
      return seal.decode(opened);
    };
    const contestants: Contestant[] = [
      { name: 'encode + encrypt, public key', work: () => void encrypt(context, key, values) },
      {
        name: 'encode + encrypt, seeded symmetric, to bytes',
        work: () => void encodeCkksCiphertext(encryptSymmetric(context, secret, values)),
      },
      { name: 'decrypt + decode', work: () => void decrypt(secret, own) },
      {
        name: 'node-seal encode + encrypt, public key',
        work: () => {
          seal.encode(values, plaintext);
          seal.encrypt(plaintext, ciphertext);
        },
      },
      {
        name: 'node-seal encode + encrypt, seeded symmetric, to bytes',
        work: () => {
          seal.encode(values, plaintext);
          seal.encryptSeeded(plaintext);
        },
      },
      { name: 'node-seal decrypt + decode', work: () => void sealDecrypt() },
    ];
    options.say('CKKS encryption and decryption, N = 8192');
    const timings = await measure(contestants, planFor(options, { rounds: 25, sampleMs: 20 }));
    const [ours, oursSeeded, oursOpen, theirs, theirsSeeded, theirsOpen] = timings;
    if (!ours || !oursSeeded || !oursOpen || !theirs || !theirsSeeded || !theirsOpen) {
      throw new Error('a timing is missing');
    }
    const ratios = [
      compared(ours, theirs),
      compared(oursSeeded, theirsSeeded),
      compared(oursOpen, theirsOpen),
    ] as const;
    return {
      results: [
        {
          name: 'parameters, CKKS encryption',
          ours: `${context}`,
          keyBits: context.parameters.modulusBits,
          sealKeyBits: seal.keyBits,
          largestError: largestError(decrypt(secret, own), (i) => values[i]),
          sealLargestError: largestError(sealDecrypt(), (i) => values[i]),
        },
        ...timings.map((timing) => timingResult(timing)),
        ...ratios,
      ],
      outcomes: [
        [TARGETS.encrypt.name, { measured: ratios[0].ratio }],
        [TARGETS.encryptSeeded.name, { measured: ratios[1].ratio }],
        [TARGETS.decrypt.name, { measured: ratios[2].ratio }],
      ],
    };
  } finally {
    seal.free();
  }
};
