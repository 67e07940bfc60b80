// The same bytes in every engine and runtime: a whole run from one seed, its identity, its public key, its answers, and the sum. A
// difference would mean that parties on two platforms do not share a key.

import { loadWebPrimitives } from '@sumus/platform/web';
import { beforeAll, describe, expect, it } from 'vitest';
import { toHex } from '../bytes.ts';
import type { Engine } from '../engine/engine.ts';
import { referenceEngine } from '../engine/engine-reference.ts';
import { wasmEngine } from '../engine/engine-wasm.ts';
import { addVectors, encryptVector } from '../integers/index.ts';
import type { LatticePrimitives } from '../lattice.ts';
import { certify, requireCertified } from './certification.ts';
import { DecryptionLedger } from './decryption-ledger.ts';
import { foundEpoch } from './epoch.ts';
import { found, insecureParameters, reshareTogether, shareAmong } from './founding.contract.ts';
import { authoriseVector, openVector, partialDecryptVector } from './integers.ts';
import { activeSet, roster } from './roster.ts';
import { residueBytes } from './transcript.ts';

const engines: readonly [string, () => Engine | Promise<Engine>][] = [
  ['wasm', wasmEngine],
  ['reference', referenceEngine],
];

/** "Fresh" bytes from a seed. */
function reproducible(primitives: LatticePrimitives): LatticePrimitives {
  let calls = 0;
  return {
    ...primitives,
    randomBytes: (length) => {
      const nonce = new Uint8Array(12);
      new DataView(nonce.buffer).setUint32(0, calls++, true);
      const out = new Uint8Array(length);
      primitives.chacha20(new Uint8Array(32).fill(42), nonce, 0, out);
      return out;
    },
  };
}

describe.each(engines)('a shared key on the %s engine', (_, make) => {
  let primitives: LatticePrimitives;
  let engine: Engine;
  beforeAll(async () => {
    primitives = reproducible(await loadWebPrimitives());
    engine = await make();
  });

  it('is the same key, with the same answers, everywhere', () => {
    const name = (...parts: readonly Uint8Array[]): string => toHex(primitives.sha256(...parts).subarray(0, 16));
    const { integers, key } = insecureParameters({ primeCount: 4 });
    const lattice = { engine, primitives };
    const epoch = foundEpoch(lattice, key, new Uint8Array(32).fill(1));
    const { publicKey, shares } = found(epoch);
    const challenge = new Uint8Array(32).fill(2);
    const certificates = epoch.roster.members.map((member) =>
      certify(shareAmong(shares, member), new DecryptionLedger(member), publicKey, challenge),
    );
    requireCertified(epoch, publicKey, challenge, certificates);
    const summands = [3, -5, 700].map((x) => encryptVector(lattice, publicKey, integers, [x, 2 * x]));
    const sum = addVectors(lattice, addVectors(lattice, summands[0], summands[1]), summands[2]);
    const dealers = activeSet(epoch.roster, [1, 3, 5]);
    const later = reshareTogether(epoch, shares, dealers, roster([1, 3, 5, 8], 2));
    const set = activeSet(later.next.roster, [5, 8]);
    const answers = set.members.map((member) =>
      partialDecryptVector(
        shareAmong(later.shares, member),
        authoriseVector(new DecryptionLedger(member), later.next, sum, set, summands),
      ),
    );
    expect([...openVector(later.next, sum, set, answers)]).toEqual([698, 1396]);
    expect({
      run: name(epoch.run, later.next.run),
      publicKey: name(residueBytes(publicKey.b), residueBytes(publicKey.a)),
      shares: name(...[...shares.values()].map((share) => residueBytes(share.reveal()))),
      certificates: name(...certificates.map(({ answer }) => residueBytes(answer))),
      answers: name(...answers.flat().map(({ answer }) => residueBytes(answer))),
    }).toEqual({
      run: '32cbeeeb3e4041bdff3133bb57aa71d5',
      publicKey: 'ce46ca53406a29c3174985de5d8a6aae',
      shares: '19a36e9b3a6c81609b05ef7e1b24e472',
      certificates: '9bae3faef65c598c4423fe4d0491b665',
      answers: '8d5ec624cc49366526019187296e4c40',
    });
  });
});
