// What the specification gives, byte for byte, on every platform. The vectors come from scripts/known-answers.mjs, which computes them
// by plain code of its own; X-Wing's from the draft (boxes/x-wing.contract.ts).

import { type Lattice, wasmEngine as latticeEngine } from '@sumus/lattice/engine';
import { OneTimeKey, OneTimeSum, oneTimeRing, openSum, reconstructKeySum, shareKey } from '@sumus/lattice/one-time';
import { insecureOneTimeParameters, type OneTimeParameters } from '@sumus/lattice/parameters';
import { fromIntegers, toEvaluations } from '@sumus/lattice/ring';
import type { Primitives } from '@sumus/platform/primitives';
import { beforeAll, describe, expect, it } from 'vitest';
import { shuffle } from '../beacon/index.ts';
import { authenticate, openBox, openChannel, pairSeed, sealBox } from '../boxes/index.ts';
import { hexOf, memberId } from '../canonical/index.ts';
import {
  type Context,
  configurationHash,
  derive,
  encodeConfiguration,
  openContext,
  SUITES,
  wholeContext,
} from '../context/index.ts';
import { placeSigns, rotateInPlace, rotationOf } from '../encoding/rotation.ts';
import { windowsOver } from '../encoding/windows.ts';
import { type Engine, referenceEngine, wasmEngine } from '../engine/index.ts';
import { combiner } from '../mask/combine.ts';
import { maskGraph } from '../mask/graph.ts';
import { addPackedWords, applyMasks, type Mask, packWords, signedWords } from '../mask/key-stream.ts';
import type { MaskParameters } from '../mask/parameters.ts';
import { PAIR_LABEL, selfMaskKey, signOf } from '../mask/session.ts';
import { splitSecret } from '../mask/split.ts';
import type { KeyAgreement } from '../primitives.ts';
import { agreementOf, type SecretPrimitives } from '../secret-primitives.ts';
import { CONFIGURATION, seededPrimitives } from '../seeded-members.contract.ts';
import { challengeOf, nonceCommitment } from '../threshold/founding-bodies.ts';
import { epochHash, openingStatement, resultHash } from '../threshold/statements.ts';
import boxes from './boxes.json' with { type: 'json' };
import contexts from './context.json' with { type: 'json' };
import derivations from './derivation.json' with { type: 'json' };
import graphs from './graph.json' with { type: 'json' };
import kahe from './kahe.json' with { type: 'json' };
import masks from './masks.json' with { type: 'json' };
import packedSharing from './packed-sharing.json' with { type: 'json' };
import packing from './packing.json' with { type: 'json' };
import rotations from './rotation.json' with { type: 'json' };
import shamir from './shamir.json' with { type: 'json' };
import streams from './streams.json' with { type: 'json' };
import threshold from './threshold.json' with { type: 'json' };

const ofHex = (hex: string): Uint8Array =>
  Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
const of = (byte: number, length = 32): Uint8Array => new Uint8Array(length).fill(byte);
/** The bytes of annotated hex. */
const bytesOf = (fields: readonly (readonly string[])[]): Uint8Array => ofHex(fields.map(([, hex]) => hex).join(''));

/** Every file has vectors: none is a failure. */
const all = <Vector>(file: { readonly source: string; readonly vectors: readonly Vector[] }): readonly Vector[] => {
  expect(file.vectors.length, file.source).toBeGreaterThan(0);
  return file.vectors;
};

export function knownAnswerSuite(name: string, platform: () => Primitives | Promise<Primitives>): void {
  describe(`attack 68: the known answers on ${name}`, () => {
    let primitives: SecretPrimitives;
    let engines: readonly Engine[];
    let lattice: Lattice;
    let context: Context;
    beforeAll(async () => {
      primitives = seededPrimitives(await platform(), 1);
      engines = [await wasmEngine(), referenceEngine()];
      lattice = { engine: await latticeEngine(), primitives };
      context = contextOf(SUITES[0]!);
    });

    function contextOf(suite: (typeof SUITES)[number]): Context {
      const open = openContext(primitives, {
        suite,
        projectId: 'hospitals',
        taskId: 'sepsis',
        round: 7,
        flush: 0,
        modelHash: of(1),
        configHash: configurationHash(primitives, CONFIGURATION),
        policyHash: of(2),
      });
      return wholeContext(primitives, open, { rosterRoot: of(4), beacon: of(5) });
    }

    it('of contexts', () => {
      expect(all(contexts).map(({ suite }) => suite)).toEqual(SUITES);
      contexts.vectors.forEach((vector, i) => {
        expect(hexOf(encodeConfiguration(CONFIGURATION))).toBe(hexOf(bytesOf(vector.configuration)));
        expect(hexOf(configurationHash(primitives, CONFIGURATION))).toBe(vector.configHash);
        const whole = contextOf(SUITES[i]!);
        expect(hexOf(primitives.sha256(bytesOf(vector.open)))).toBe(vector.openHash);
        expect(hexOf(whole.open.hash)).toBe(vector.openHash);
        expect(hexOf(primitives.sha256(bytesOf(vector.whole)))).toBe(vector.hash);
        expect(hexOf(whole.hash)).toBe(vector.hash);
      });
    });

    it('of derivations', () => {
      for (const { ikm, label, parts, info, output } of all(derivations)) {
        const lengthBytes = output.length / 2;
        expect(hexOf(derive(primitives, ofHex(ikm), { context, label, parts, lengthBytes }))).toBe(output);
        const plain = { secret: ofHex(ikm), salt: of(0, 0), info: bytesOf(info), length: lengthBytes };
        expect(hexOf(primitives.hkdfSha256(plain))).toBe(output);
      }
    });

    it('of boxes and MACs', async () => {
      for (const { secretKeys, publicKeys, purpose, plaintext, box, mac } of all(boxes)) {
        const names = [memberId('alice'), memberId('bob')] as const;
        const keys: KeyAgreement[] = [];
        for (const secret of secretKeys) {
          keys.push(await agreementOf(primitives, primitives.secretKeys.fromBytes('x25519', ofHex(secret))));
        }
        expect(keys.map(({ publicKey }) => hexOf(publicKey))).toEqual(publicKeys);
        const channel = (own: 0 | 1, peer: 0 | 1): ReturnType<typeof openChannel> =>
          openChannel(primitives, {
            context,
            own: { memberId: names[own], key: keys[own]! },
            peer: { memberId: names[peer], publicKey: keys[peer]!.publicKey },
          });
        const sealed = sealBox(primitives, await channel(0, 1), purpose, ofHex(plaintext));
        expect(hexOf(sealed)).toBe(hexOf(bytesOf(box)));
        expect(hexOf(openBox(primitives, await channel(1, 0), purpose, bytesOf(box)))).toBe(plaintext);
        expect(hexOf(authenticate(primitives, await channel(0, 1), 'mask/alive', 'carol'))).toBe(mac);
      }
    });

    it('of streams', () => {
      for (const { key, wordBits, places, words } of all(streams)) {
        for (const engine of engines) {
          const vector = new Uint32Array(places.at(-1)! + 1);
          applyMasks(engine, primitives, vector, wordBits, [{ key: ofHex(key), sign: 1 }]);
          expect(places.map((place) => vector[place]! % 2 ** wordBits)).toEqual(words);
        }
      }
    });

    it('of graphs', () => {
      for (const { members, neighbours, order, neighboursOf } of all(graphs)) {
        expect([...shuffle(primitives, context, 'mask/graph', members)]).toEqual(order);
        const parameters: MaskParameters = {
          graph: 'sparse',
          members,
          neighbours,
          sharingSet: neighbours + 1,
          threshold: neighbours,
          corrupt: 0,
        };
        const graph = maskGraph(primitives, context, parameters);
        for (const [owner, around] of neighboursOf as [number, number[]][]) {
          expect([...graph.neighboursOf(owner)]).toEqual(around);
        }
      }
    });

    it('of packing', () => {
      for (const { wordBits, words, packed } of all(packing)) {
        for (const engine of engines) {
          expect(hexOf(packWords(engine, Uint32Array.from(words), wordBits))).toBe(packed);
          const back = new Uint32Array(words.length);
          addPackedWords(engine, back, ofHex(packed), wordBits);
          expect([...back]).toEqual(words);
        }
      }
    });

    it('of rotations, signs exactly, values to a float', () => {
      for (const { length, size, secondAt, signs, values, rotated } of all(rotations)) {
        const windows = windowsOver(length);
        expect([windows.length, 2 ** windows.layers, windows.secondAt]).toEqual([length, size, secondAt]);
        const rotation = rotationOf(primitives, context, windows);
        expect(hexOf(rotation.firstSigns) + hexOf(rotation.secondSigns)).toBe(signs);
        for (const engine of engines) {
          const { memory } = engine;
          memory.scope(() => {
            const at = memory.allocate(4 * length);
            memory.f32(at, length).set(values);
            rotateInPlace(engine, at, windows, placeSigns(engine, rotation), { first: 1, second: 1 });
            const largest = Math.max(...rotated.map(Math.abs));
            const off = rotated.map((value, i) => Math.abs(value - memory.f32(at, length)[i]!));
            expect(Math.max(...off)).toBeLessThan(largest * 2 ** -20);
          });
        }
      }
    });

    it('of Shamir’s shares over GF(2^8)', () => {
      for (const { threshold: t, secret, random, shares } of all(shamir)) {
        const points = shares.map(([point]) => Number(point));
        const split = splitSecret(
          { randomBytes: () => new Uint8Array(ofHex(random)) },
          {
            secret: ofHex(secret),
            threshold: t,
            points,
          },
        );
        expect(split.map(hexOf)).toEqual(shares.map(([, share]) => share));
        const last = shares.slice(-t).map(([point, share]) => ({ point: Number(point), share: ofHex(String(share)) }));
        expect(hexOf(combiner()(last))).toBe(secret);
      }
    });

    it('of masks: three vectors that tell nothing, and their sum', async () => {
      for (const { wordBits, members, pairs, sum } of all(masks)) {
        const keys: KeyAgreement[] = [];
        for (const { secretKey, publicKey } of members) {
          const key = await agreementOf(primitives, primitives.secretKeys.fromBytes('x25519', ofHex(secretKey)));
          expect(hexOf(key.publicKey)).toBe(publicKey);
          keys.push(key);
        }
        const pairKey = (u: number, v: number): Promise<Uint8Array> =>
          pairSeed(primitives, {
            context,
            label: PAIR_LABEL,
            own: { memberId: memberId(members[u]!.name), key: keys[u]! },
            peer: { memberId: memberId(members[v]!.name), publicKey: keys[v]!.publicKey },
            lengthBytes: 32,
          });
        for (const [u, v, key] of pairs as [number, number, string][]) {
          expect(hexOf(await pairKey(u, v))).toBe(key);
          expect(hexOf(await pairKey(v, u))).toBe(key);
        }
        for (const engine of engines) {
          const total = new Uint32Array(sum.length);
          for (const [u, { name: who, seed, selfKey, values, masked }] of members.entries()) {
            const own = selfMaskKey(primitives, context, memberId(who), ofHex(seed));
            expect(hexOf(own)).toBe(selfKey);
            const words = new Uint32Array(Int32Array.from(values));
            const others = [0, 1, 2].filter((v) => v !== u);
            const pairMasks: Mask[] = [];
            for (const v of others) pairMasks.push({ key: await pairKey(u, v), sign: signOf(u, v) });
            applyMasks(engine, primitives, words, wordBits, [{ key: own, sign: 1 }, ...pairMasks]);
            const packed = packWords(engine, words, wordBits);
            expect(hexOf(packed)).toBe(masked);
            addPackedWords(engine, total, packed, wordBits);
            applyMasks(engine, primitives, total, wordBits, [{ key: own, sign: -1 }]);
          }
          expect([...signedWords(engine, total, wordBits).values]).toEqual(sum);
        }
      }
    });

    it('of statements of threshold sums', () => {
      for (const { endsAtMs, publicKey, sum, ...hashed } of all(threshold)) {
        for (const { fields, hash } of Object.values(hashed)) {
          expect(hexOf(primitives.sha256(bytesOf(fields)))).toBe(hash);
        }
        const epoch = epochHash(primitives, {
          context,
          run: of(1),
          publicKey: ofHex(publicKey),
          transcript: of(2),
          endsAtMs,
        });
        expect(hexOf(epoch)).toBe(hashed.epoch.hash);
        const contributions = [
          { memberId: memberId('silo-01'), digest: of(3) },
          { memberId: memberId('silo-02'), digest: of(4) },
        ];
        const statement = openingStatement(primitives, {
          context: context.open,
          epoch,
          contributions,
          activeSet: [1, 3],
        });
        expect(hexOf(statement)).toBe(hashed.opening.hash);
        expect(hexOf(resultHash(primitives, statement, Int32Array.from(sum)))).toBe(hashed.result.hash);
        const nonce = nonceCommitment(primitives, { context, memberId: memberId('silo-01') }, of(5));
        expect(hexOf(nonce)).toBe(hashed.nonce.hash);
        expect(hexOf(challengeOf(primitives, context, of(2), [of(5), of(6)]))).toBe(hashed.challenge.hash);
      }
    });

    it('of KAHE: contributions under one-time keys open with the sum of the keys', () => {
      for (const { degree, primes, wordBits, words, context: hex, contributors, sum } of all(kahe)) {
        const parameters = insecureOneTimeParameters({
          contributors: contributors.length,
          wordBits,
          wordsPerCoefficient: words,
          committee: { members: 4, corrupt: 1 },
          degree,
          primes,
        });
        const ring = oneTimeRing(lattice, parameters);
        const running = new OneTimeSum(lattice, parameters, sum.length);
        const keys = new Int32Array(degree);
        for (const { key, ciphertext } of contributors) {
          const chunk = toEvaluations(fromIntegers(ring, ciphertext.map(BigInt)));
          running.add({ parameters, length: sum.length, chunks: [chunk], contributions: 1 });
          key.forEach((s, i) => {
            keys[i] = keys[i]! + s;
          });
        }
        const keySum = { coefficients: keys, contributions: contributors.length };
        expect([...openSum(lattice, { total: running.total(), context: ofHex(hex), keySum })]).toEqual(sum);
      }
    });

    it('of packed Shamir sharing: every member’s share, and the key from any quorum', () => {
      for (const { degree, modulus, members, corrupt, quorum, packed, seed, key, shares } of all(packedSharing)) {
        const parameters: OneTimeParameters = insecureOneTimeParameters({
          contributors: 3,
          wordBits: 20,
          wordsPerCoefficient: 3,
          committee: { members, corrupt },
          degree,
        });
        expect(parameters.shareModulus).toBe(modulus);
        expect([parameters.committee.quorum, parameters.committee.packed]).toEqual([quorum, packed]);
        const dealt = shareKey(lattice, new OneTimeKey(parameters, Int32Array.from(key)), ofHex(seed));
        expect(dealt.map(({ elements }) => [...elements])).toEqual(shares);
        const answers = dealt.slice(-quorum);
        expect([...reconstructKeySum(lattice, parameters, answers).coefficients]).toEqual(key);
      }
    });
  });
}
