// A server's side of CKKS: multiply + relinearise + rescale, and rotate, N = 16384, at the top level. Both have five levels of 55 bits
// over a base of 60: 335 bits of data modulus; ours needs 90 bits of special primes (425 in all), node-seal 60 (395 in all).

import {
  ckksContext,
  decrypt,
  encrypt,
  galoisKeys,
  multiply,
  publicKey,
  relinearisationKey,
  rotate,
  secretKey,
} from '@sumus/lattice/ckks';
import { wasmEngine } from '@sumus/lattice/engine';
import { ckksPreset } from '@sumus/lattice/parameters';
import { nodePrimitives } from '@sumus/platform/node';
import { type Contestant, measure } from '../measure.ts';
import { compared, type Findings, largestError, planFor, type Rows, timingResult } from './row.ts';
import { sealCkks } from './seal.ts';
import { TARGETS } from './targets.ts';

export const evaluateRows: Rows = async (options): Promise<Findings> => {
  const degree = 16384;
  const slots = degree / 2;
  const lattice = { engine: await wasmEngine(), primitives: nodePrimitives() };
  const context = ckksContext(lattice, ckksPreset('learn-14d'));
  const secret = secretKey(context);
  const key = publicKey(context, secret);
  const relinearisation = relinearisationKey(context, secret);
  const rotations = galoisKeys(context, secret, { rotations: [1] });
  const seal = await sealCkks({ degree, primeBits: [60, 55, 55, 55, 55, 55, 60], scale: 2 ** 55, evaluates: [1] });
  try {
    const x = Float64Array.from({ length: slots }, (_, i) => Math.sin(i));
    const y = Float64Array.from({ length: slots }, (_, i) => Math.cos(3 * i));
    const [a, b] = [encrypt(context, key, x), encrypt(context, key, y)];
    const plaintext = seal.plaintext();
    const [sealA, sealB, product, rotated] = [
      seal.ciphertext(),
      seal.ciphertext(),
      seal.ciphertext(),
      seal.ciphertext(),
    ];
    seal.encode(x, plaintext);
    seal.encrypt(plaintext, sealA);
    seal.encode(y, plaintext);
    seal.encrypt(plaintext, sealB);
    const contestants: Contestant[] = [
      { name: 'multiply + relinearise + rescale', work: () => void multiply(a, b, relinearisation) },
      { name: 'rotate', work: () => void rotate(a, 1, rotations) },
      { name: 'node-seal multiply + relinearise + rescale', work: () => seal.multiply(sealA, sealB, product) },
      { name: 'node-seal rotate', work: () => seal.rotate(sealA, 1, rotated) },
    ];
    options.say('CKKS multiplication and rotation, N = 16384');
    const timings = await measure(contestants, planFor(options, { rounds: 15, sampleMs: 40 }));
    const [ours, oursRotate, theirs, theirsRotate] = timings;
    if (!ours || !oursRotate || !theirs || !theirsRotate) throw new Error('a timing is missing');
    const opened = (ciphertext: typeof product): Float64Array => {
      seal.decrypt(ciphertext, plaintext);
      return seal.decode(plaintext);
    };
    const expectedProduct = (i: number): number => (x[i] ?? 0) * (y[i] ?? 0);
    const expectedRotation = (i: number): number | undefined => x[(i + 1) % slots];
    const ratios = [compared(ours, theirs), compared(oursRotate, theirsRotate)] as const;
    return {
      results: [
        {
          name: 'parameters, CKKS evaluation',
          ours: `${context}`,
          dataBits: context.parameters.dataPrimes.reduce((bits, q) => bits + Math.log2(q), 0),
          keyBits: context.parameters.modulusBits,
          sealDataBits: seal.dataBits,
          sealKeyBits: seal.keyBits,
          largestErrorOfProduct: largestError(decrypt(secret, multiply(a, b, relinearisation)), expectedProduct),
          sealLargestErrorOfProduct: largestError(opened(product), expectedProduct),
          largestErrorOfRotation: largestError(decrypt(secret, rotate(a, 1, rotations)), expectedRotation),
          sealLargestErrorOfRotation: largestError(opened(rotated), expectedRotation),
        },
        ...timings.map((timing) => timingResult(timing)),
        ...ratios,
      ],
      outcomes: [
        [TARGETS.multiply.name, { measured: ratios[0].ratio }],
        [TARGETS.rotate.name, { measured: ratios[1].ratio }],
      ],
    };
  } finally {
    seal.free();
  }
};
