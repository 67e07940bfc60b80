import { createHash } from 'node:crypto';
import { nodePrimitives } from '@sumus/platform/node';
import { SecretKey } from '@sumus/platform/primitives';
import { signerOf } from '@sumus/secure-sum/secret-primitives';
import { describe, expect, it } from 'vitest';
import { statementOf } from '../canonical/statement.ts';
import { hexOf } from '../canonical/utf8.ts';
import { ProtocolViolation } from '../errors.ts';
import { canonicalPlan, planHash, planId, signPlan, verifyPlan } from './identity.ts';
import type { Plan } from './plan.ts';
import { readPlanFile } from './plan-file.ts';
import { checkedPlan, samplePlan } from './sample-plans.contract.ts';

const primitives = { ...nodePrimitives(), secretKeys: SecretKey };
const signerFrom = (byte: number) =>
  signerOf(primitives, SecretKey.fromBytes('ed25519', new Uint8Array(32).fill(byte)));

/** Every way to change one value of a plan: a number by one, a text by a letter, a flag, a null, a list by its last entry. */
function* bent(value: unknown): Generator<unknown> {
  if (typeof value === 'number') yield value + 1;
  else if (typeof value === 'string') yield `${value}x`;
  else if (typeof value === 'boolean') yield !value;
  else if (value === null) yield 0;
  else if (Array.isArray(value)) {
    if (value.length > 0) yield value.slice(0, -1);
    for (const [i, one] of value.entries()) for (const other of bent(one)) yield value.with(i, other);
  } else if (typeof value === 'object') {
    for (const [name, one] of Object.entries(value)) for (const other of bent(one)) yield { ...value, [name]: other };
  }
}

describe("a plan's identity", () => {
  it('is the SHA-256 of its canonical text, as any tool computes it', () => {
    const plan = checkedPlan({ ...samplePlan(), purpose: 'Zürich, 東京 and 🏥 train together' });
    expect(planId(primitives, plan)).toBe(createHash('sha256').update(canonicalPlan(plan), 'utf8').digest('hex'));
    expect(planId(primitives, checkedPlan())).toBe('0a23d7e8c91762e6e0464fa46754ac2043938fd4e0da7c972e2cc378c9e64f15');
  });

  it('does not depend on the order in which members were written', () => {
    const plan = samplePlan();
    const reversed = Object.fromEntries(Object.entries(plan).reverse());
    expect(planId(primitives, checkedPlan(reversed))).toBe(planId(primitives, checkedPlan(plan)));
  });

  it('changes with every single value', () => {
    const plan = samplePlan({ epsilon: 3 });
    const ids = new Set([planId(primitives, plan)]);
    let count = 1;
    for (const other of bent(plan)) {
      count += 1;
      ids.add(planId(primitives, other as Plan));
    }
    expect(count).toBeGreaterThan(60);
    expect(ids.size).toBe(count);
  });
});

describe('a signed plan', () => {
  it('verifies for the key that signed it', async () => {
    const signer = await signerFrom(1);
    const signed = await signPlan(primitives, signer, checkedPlan());
    await expect(verifyPlan(primitives, signed, signer.publicKey)).resolves.toEqual(signed);
  });

  it('is read back from a file, with speed knobs that are in no hash', async () => {
    const signer = await signerFrom(1);
    const signed = await signPlan(primitives, signer, checkedPlan());
    const read = readPlanFile(JSON.stringify({ ...signed, speed: { workers: 4 } }));
    if (read.kind === 'invalid') throw new Error(JSON.stringify(read.problems));
    expect(read.file.speed).toEqual({ workers: 4 });
    if (read.file.signed === undefined) throw new Error('no signature');
    await expect(verifyPlan(primitives, read.file.signed, signer.publicKey)).resolves.toBeDefined();
  });

  it('is refused when plan, hash, key or signature were exchanged, or were made for something else', async () => {
    const [signer, other] = [await signerFrom(1), await signerFrom(2)];
    const signed = await signPlan(primitives, signer, checkedPlan());
    const changed = checkedPlan(samplePlan({ rounds: 21 }));
    const foreign = await signPlan(primitives, other, checkedPlan());
    const bare = hexOf(await signer.sign(planHash(primitives, signed.plan)));
    const asHead = hexOf(await signer.sign(statementOf('sumus/1/ledger-record', planHash(primitives, signed.plan))));
    for (const planted of [
      { ...signed, plan: changed },
      { ...signed, plan: changed, id: planId(primitives, changed) },
      foreign,
      { ...foreign, signedBy: signed.signedBy },
      { ...signed, signature: foreign.signature },
      { ...signed, signature: bare },
      { ...signed, signature: asHead },
    ]) {
      await expect(verifyPlan(primitives, planted, signer.publicKey)).rejects.toThrow(ProtocolViolation);
    }
  });
});

describe('a plan file', () => {
  it('says what is wrong with it, wherever it is', () => {
    const pathsOf = (source: string): readonly string[] => {
      const read = readPlanFile(source);
      return read.kind === 'valid' ? [] : read.problems.map(({ path }) => path);
    };
    expect(pathsOf('{')).toEqual(['']);
    expect(pathsOf('7')).toEqual(['']);
    expect(pathsOf(JSON.stringify(samplePlan()))).toEqual([]);
    expect(pathsOf(JSON.stringify({ plan: samplePlan(), speed: { worker: 1 } }))).toEqual(['speed.worker']);
    expect(pathsOf(JSON.stringify({ plan: samplePlan(), id: 'x' }))).toEqual(['id', 'signedBy', 'signature']);
  });
});
