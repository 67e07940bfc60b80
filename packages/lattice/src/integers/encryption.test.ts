import { describe, expect, it } from 'vitest';
import { referenceEngine } from '../engine/engine-reference.ts';
import { wasmEngine } from '../engine/engine-wasm.ts';
import { ParameterError } from '../errors.ts';
import { reproducibleLattice } from '../keys/node-lattice.contract.ts';
import { type IntegerLiteral, insecureIntegerParameters, integerParameters } from '../parameters/integer-parameters.ts';
import { sampleSmall } from '../random/index.ts';
import { RandomStream } from '../random/random-stream.ts';
import { chiSquareDeviations, MOST_DEVIATIONS, varianceDeviations } from '../random/statistics.contract.ts';
import { centred } from '../ring/naive-polynomial.contract.ts';
import { fromIntegers, toCoefficients, toEvaluations, toIntegers } from '../ring/operations.ts';
import { type EvaluationPolynomial, evaluationPolynomial } from '../ring/polynomial.ts';
import { modulusOf } from '../ring/ring.ts';
import { isSeed, secondPolynomial } from './ciphertext.ts';
import { decryptVector } from './decrypt.ts';
import { encrypt, encryptSymmetric, encryptVector, encryptVectorSymmetric } from './encrypt.ts';
import { lattice, literal, N, phaseNaively, setUp, values, world } from './exact-world.contract.ts';

describe('encryption of integers', () => {
  const plaintexts: readonly (readonly [string, IntegerLiteral['plaintext']])[] = [
    ['signed lanes', { kind: 'lanes', valueBits: 12, signed: true, lanes: 3 }],
    ['unsigned lanes', { kind: 'lanes', valueBits: 16, signed: false, lanes: 2 }],
    ['32-bit values', { kind: 'lanes', valueBits: 32, signed: true, lanes: 2 }],
    ['integers modulo a prime', { kind: 'modular', modulus: 65537, signed: true }],
    ['integers modulo 2^32', { kind: 'modular', modulus: 2 ** 32, signed: false }],
  ];

  it.each(plaintexts)('returns %s exactly, under either key and of any length', (_name, plaintext) => {
    const own = setUp(insecureIntegerParameters({ ...literal, plaintext }));
    const { parameters, publicKey, secretKey } = own;
    const full = parameters.valuesPerCiphertext;
    for (const length of [1, N - 1, full, full + 1, 3 * full - 5]) {
      const given = values(parameters, length, length);
      const byPublicKey = encryptVector(lattice, publicKey, parameters, given);
      const byOwner = encryptVectorSymmetric(lattice, secretKey, parameters, Float64Array.from(given));
      expect(byPublicKey.ciphertexts).toHaveLength(Math.ceil(length / full));
      expect(Array.from(decryptVector(lattice, secretKey, byPublicKey))).toEqual(given);
      expect(Array.from(decryptVector(lattice, secretKey, byOwner))).toEqual(given);
      expect(byOwner.ciphertexts.every(({ c1 }) => isSeed(c1))).toBe(true);
    }
  });

  it('hides T^-1·M and noise below its bound in c0 + c1·s, as a schoolbook computation finds', () => {
    const { parameters, publicKey, secretKey } = world;
    const q = modulusOf(world.ring);
    const t = parameters.plaintextModulus;
    const given = values(parameters, parameters.valuesPerCiphertext, 5);
    for (const ciphertext of [
      encrypt(lattice, publicKey, parameters, given),
      encryptSymmetric(lattice, secretKey, parameters, given),
    ]) {
      phaseNaively(ciphertext, secretKey.reveal()).forEach((x, i) => {
        let m = 0n;
        for (let l = 0; l < 3; l++) m += BigInt(given[l * N + i]) << BigInt(l * parameters.laneBits);
        const noise = centred(x * t - m, q) / t;
        expect(centred(x * t - m, q) % t).toBe(0n);
        expect(Math.abs(Number(noise))).toBeLessThan(parameters.freshNoiseBound);
      });
    }
  });

  it('has noise of the stated deviation, which a test can tell from 1.2 times as much', () => {
    for (const key of ['public', 'symmetric'] as const) {
      const own = setUp(
        integerParameters({
          ...literal,
          degree: 2048,
          plaintext: { kind: 'modular', modulus: 2 ** 16, signed: false },
          additions: 1,
          key,
        }),
      );
      const q = modulusOf(own.ring);
      const t = own.parameters.plaintextModulus;
      const noise: number[] = [];
      // The noise of one key's ciphertexts has the key's own norm in it: several keys.
      for (let run = 0; run < 8; run++) {
        const { publicKey, secretKey } = setUp(own.parameters);
        const c =
          key === 'public'
            ? encrypt(lattice, publicKey, own.parameters, [0])
            : encryptSymmetric(lattice, secretKey, own.parameters, [0]);
        const c1 = secondPolynomial(lattice, c);
        const s = secretKey.reveal();
        const product = own.ring.moduli.flatMap(({ q: prime }, limb) =>
          Array.from({ length: 2048 }, (_, i) => {
            const at = limb * 2048 + i;
            return Number(
              (BigInt(c1.residues[at]) * BigInt(s.residues[at]) + BigInt(c.c0.residues[at])) % BigInt(prime),
            );
          }),
        );
        const phase = toIntegers(toCoefficients(evaluationPolynomial(own.ring, Uint32Array.from(product))));
        for (const x of phase) noise.push(Number(centred(x * t, q) / t));
      }
      const stddev = own.parameters.freshNoiseStddev;
      // Coefficients of a product are correlated; the norms of e, s and u move the mean square by a few per cent, no more.
      const slack = key === 'public' ? 20 : 0;
      expect(Math.abs(varianceDeviations(noise, stddev))).toBeLessThan(MOST_DEVIATIONS + slack);
      expect(varianceDeviations(noise, stddev / 1.2)).toBeGreaterThan(MOST_DEVIATIONS + slack);
      expect(varianceDeviations(noise, stddev * 1.2)).toBeLessThan(-MOST_DEVIATIONS - slack);
    }
  });

  it('gives the same bytes in both engines for the same seeds', async () => {
    const bytes: Uint32Array[][] = [];
    for (const engine of [await wasmEngine(), referenceEngine()]) {
      const own = await reproducibleLattice(3, engine);
      const { parameters, publicKey, secretKey } = setUp(world.parameters, own);
      const given = values(parameters, 100, 9);
      const vectors = [
        encryptVector(own, publicKey, parameters, given, new Uint8Array(32).fill(7)),
        encryptVectorSymmetric(own, secretKey, parameters, given),
      ];
      for (const vector of vectors) expect(Array.from(decryptVector(own, secretKey, vector))).toEqual(given);
      bytes.push(vectors.flatMap((v) => v.ciphertexts.map(({ c0 }) => c0.residues)));
    }
    expect(bytes[0]).toEqual(bytes[1]);
  });

  it('never uses one public seed twice, and gives different ciphertexts for one vector', () => {
    const { parameters, publicKey, secretKey } = world;
    const given = new Array<number>(2 * parameters.valuesPerCiphertext).fill(77);
    const owners = [1, 2].map(() => encryptVectorSymmetric(lattice, secretKey, parameters, given));
    const used = owners.flatMap(({ ciphertexts }) =>
      ciphertexts.map(({ c1 }) => (isSeed(c1) ? `${c1.seed.join()}:${c1.index}` : '')),
    );
    expect(new Set(used).size).toBe(4);
    // c1 holds no message: were u or the errors used twice, anywhere in a vector or between two, it would repeat.
    const anyones = [1, 2].map(() => encryptVector(lattice, publicKey, parameters, given));
    const firsts = anyones.flatMap(({ ciphertexts }) =>
      ciphertexts.map((c) => secondPolynomial(lattice, c).residues.slice(0, 4).join()),
    );
    expect(new Set(firsts).size).toBe(4);
    // Nor is the noise of the owner's ciphertexts used twice: equal messages, so equal phases would say so.
    const phases = [...owners, ...anyones].flatMap(({ ciphertexts }) =>
      ciphertexts.map((c) => phaseNaively(c, secretKey.reveal()).join()),
    );
    expect(new Set(phases).size).toBe(8);
  });

  it('draws the noise of the owner from another seed than the public one', () => {
    const { parameters, ring, secretKey } = world;
    const c = encryptSymmetric(lattice, secretKey, parameters, [0]);
    if (!isSeed(c.c1)) return expect.unreachable();
    const { seed, index } = c.c1;
    // With zeros for a message and no scale to undo, the phase is the noise itself.
    const noise = phaseNaively(c, secretKey.reveal());
    for (const domain of ['publ', 'err0', 'err1', 'mask'] as const) {
      const known = ring.engine.memory.scope(() => {
        const at = ring.engine.memory.allocate(4 * N);
        sampleSmall(ring.engine, new RandomStream(lattice.primitives, seed, domain, index), parameters.error, at, N);
        return Array.from(ring.engine.memory.i32(at, N), BigInt);
      });
      expect(noise).not.toEqual(known);
    }
  });

  it('shows nothing of the values in a ciphertext, to a test that sees an encryption without its mask', () => {
    const parameters = insecureIntegerParameters({ ...literal, degree: 4096 });
    const { publicKey } = setUp(parameters);
    const cells = 256;
    const deviations = (polynomials: readonly EvaluationPolynomial[]): number => {
      const counts = new Array<number>(cells).fill(0);
      for (const p of polynomials) {
        const { residues, ring } = toCoefficients(p);
        residues.forEach((r, i) => {
          counts[Math.floor((r * cells) / ring.moduli[Math.floor(i / ring.degree)].q)] += 1;
        });
      }
      return chiSquareDeviations(counts, new Array<number>(cells).fill(1 / cells));
    };
    for (const value of [parameters.lowest, 0, parameters.highest]) {
      const given = new Array<number>(parameters.valuesPerCiphertext).fill(value);
      const c = encrypt(lattice, publicKey, parameters, given);
      expect(deviations([c.c0, secondPolynomial(lattice, c)])).toBeLessThan(MOST_DEVIATIONS);
      // Planted: the mask b·u left out, so that c0 is the message and a small error alone.
      const m = given.slice(0, 4096).map((v) => BigInt(v) * 7n);
      expect(deviations([toEvaluations(fromIntegers(c.c0.ring, m))])).toBeGreaterThan(MOST_DEVIATIONS);
    }
  });
});

describe('what encryption refuses', () => {
  const { parameters, publicKey, secretKey } = world;
  const good = values(parameters, 300);

  it.each<[string, number]>([
    ['not a number', NaN],
    ['infinite', Infinity],
    ['no integer', 0.5],
    ['one above the range', 2048],
    ['one below the range', -2048],
    ['beyond 32 bits', 2 ** 40],
  ])('a value that is %s, by its index and never by itself', (_name, bad) => {
    for (const index of [0, 150, 299]) {
      const spoiled = good.slice();
      spoiled[index] = bad;
      for (const attempt of [
        () => encryptVector(lattice, publicKey, parameters, spoiled),
        () => encryptVectorSymmetric(lattice, secretKey, parameters, Float64Array.from(spoiled)),
      ]) {
        expect(attempt).toThrow(`value number ${index} is not an integer in [-2047, 2047]`);
      }
    }
  });

  it('words of the other signedness that would alias a value in range', () => {
    expect(() => encryptVector(lattice, publicKey, parameters, Uint32Array.of(1, 2 ** 32 - 1))).toThrow(
      /value number 1/,
    );
    expect(() => encryptVector(lattice, publicKey, parameters, Int32Array.of(1, 2, 4000))).toThrow(/value number 2/);
    const unsigned = setUp(
      insecureIntegerParameters({ ...literal, plaintext: { kind: 'lanes', valueBits: 32, signed: false, lanes: 1 } }),
    );
    expect(() => encryptVector(lattice, unsigned.publicKey, unsigned.parameters, Int32Array.of(5, -1))).toThrow(
      /value number 1 is not an integer in \[0, 4294967295\]/,
    );
    const accepted = encryptVector(lattice, unsigned.publicKey, unsigned.parameters, Uint32Array.of(2 ** 32 - 1));
    expect(Array.from(decryptVector(lattice, unsigned.secretKey, accepted))).toEqual([2 ** 32 - 1]);
  });

  it('nothing else than numbers in its place: holes and strings are found, other numeric arrays are read', () => {
    const holes = [1, 2, 3];
    delete holes[1];
    expect(() => encryptVector(lattice, publicKey, parameters, holes)).toThrow(/value number 1/);
    expect(() => encryptVector(lattice, publicKey, parameters, [1, 'x' as unknown as number])).toThrow(
      /value number 1/,
    );
    for (const loose of [null, '', '7', true, [5], 1n, undefined]) {
      const values = [1, 2, loose as unknown as number];
      expect(() => encryptVector(lattice, publicKey, parameters, values), String(loose)).toThrow(/value number 2/);
    }
    for (const length of [2.5, Number.NaN, -1]) {
      expect(() => encryptVector(lattice, publicKey, parameters, { length, 0: 1 })).toThrow(ParameterError);
    }
    const read = encryptVector(lattice, publicKey, parameters, Int16Array.of(-2047, 0, 2047));
    expect(Array.from(decryptVector(lattice, secretKey, read))).toEqual([-2047, 0, 2047]);
  });

  it('values that change between the check and their use', () => {
    let reads = 0;
    const moving = {
      length: 1,
      get 0() {
        return reads++ === 0 ? 1 : 1e9;
      },
    };
    expect(() => encryptVector(lattice, publicKey, parameters, moving)).toThrow(/changed/);
  });

  it('empty vectors, too many values for one ciphertext, foreign keys, public keys under symmetric parameters', () => {
    const symmetric = setUp(insecureIntegerParameters({ ...literal, key: 'symmetric' }));
    const tooMany = new Int32Array(parameters.valuesPerCiphertext + 1);
    for (const attempt of [
      () => encryptVector(lattice, publicKey, parameters, []),
      () => encrypt(lattice, publicKey, parameters, tooMany),
      () => encryptSymmetric(lattice, secretKey, parameters, tooMany),
      () => encrypt(lattice, publicKey, parameters, []),
      () =>
        encryptVector(
          lattice,
          setUp(insecureIntegerParameters({ ...literal, degree: 128 })).publicKey,
          parameters,
          good,
        ),
      () => encryptVector(lattice, symmetric.publicKey, symmetric.parameters, good),
      () => encryptVector(lattice, publicKey, parameters, good, new Uint8Array(31)),
    ]) {
      expect(attempt).toThrow(ParameterError);
    }
  });
});
