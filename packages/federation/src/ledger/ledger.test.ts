import { tightestEpsilon } from '@sumus/differential-privacy/accountants';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedMessage, ParameterError } from '../errors.ts';
import {
  appendTo,
  chargesOn,
  emptyLedger,
  epsilonSpent,
  type LedgerRecord,
  ledgerText,
  NO_RECORD,
  readLedgerText,
  recordHash,
  spentOf,
  verifyLedger,
} from './index.ts';
import { signedRecord } from './record.ts';
import { contents, hashOf, ledgerOf, mechanism, primitives, signerFrom } from './sample-ledger.contract.ts';

const signer = await signerFrom(1);
const ledger = await ledgerOf(signer);
const { owner, records, head } = ledger;

const verdictOf = async (changed: readonly LedgerRecord[], known?: { size: number; head: string }) => {
  const verdict = await verifyLedger(primitives, owner, changed, known);
  return verdict.kind === 'intact' ? [] : verdict.findings.map(({ damage, index }) => `${damage} ${index}`);
};

describe('a ledger', () => {
  it('is intact when nothing was done to it, and chains every record to the one before', async () => {
    expect(await verdictOf(records)).toEqual([]);
    expect(await verdictOf(records, { size: 7, head })).toEqual([]);
    expect(await verdictOf([])).toEqual([]);
    for (const [i, record] of records.entries()) {
      expect(record.index).toBe(i);
      expect(record.previous).toBe(i === 0 ? NO_RECORD : recordHash(primitives, records[i - 1]));
    }
  });

  it('takes no record that a reader would refuse, and none of another signer', async () => {
    const entry = { content: contents[0], atMs: 1 };
    await expect(appendTo(primitives, await signerFrom(2), ledger, entry)).rejects.toThrow(ParameterError);
    for (const content of [
      { ...contents[0], plan: 'x' },
      { ...contents[1], mechanism: { kind: 'gaussian', noiseMultiplier: -1 } },
      { ...contents[2], update: [0.25] },
      { kind: 'left' },
    ]) {
      await expect(appendTo(primitives, signer, ledger, { content: content as never, atMs: 1 })).rejects.toThrow(
        ParameterError,
      );
    }
  });

  it('names the changed record, whatever was changed in it', async () => {
    for (const [i, record] of records.entries()) {
      const others: LedgerRecord[] = [
        { ...record, atMs: record.atMs + 1 },
        { ...record, previous: hashOf(9) },
        { ...record, content: { ...record.content, plan: hashOf(9) } },
        { ...record, signature: 'ab'.repeat(64) },
        { ...record, signature: records[(i + 1) % records.length].signature },
      ];
      for (const other of others) expect(await verdictOf(records.with(i, other))).toEqual([`changed ${i}`]);
    }
  });

  it('names a record whose cost was made smaller', async () => {
    const cheap = { ...mechanism, noiseMultiplier: 200 };
    const { content } = records[1];
    if (content.kind !== 'charged') throw new Error('another record');
    expect(await verdictOf(records.with(1, { ...records[1], content: { ...content, mechanism: cheap } }))).toEqual([
      'changed 1',
    ]);
  });

  it('names missing, repeated, reordered and foreign records', async () => {
    for (let i = 0; i < records.length - 1; i++) {
      const missing = await verdictOf(records.toSpliced(i, 1));
      expect(missing).toEqual([`missing ${i}`]);
      expect(await verdictOf(records.toSpliced(i, 0, records[i]))).toEqual([`repeated ${i}`]);
      const swapped = records.with(i, records[i + 1]).with(i + 1, records[i]);
      expect(await verdictOf(swapped)).toEqual([`reordered ${i}`]);
    }
    const foreign = await ledgerOf(await signerFrom(2));
    expect(await verdictOf(records.with(3, foreign.records[3]))).toEqual(['foreign 3']);
  });

  it('names a history that its own owner wrote anew', async () => {
    const kept = { size: 3, head: recordHash(primitives, records[2]) };
    const rewritten = await ledgerOf(signer, contents.with(1, { ...contents[1], round: 5 } as never));
    expect(await verdictOf(rewritten.records)).toEqual([]);
    expect(await verdictOf(rewritten.records, kept)).toEqual(['forked 2']);
    // One record exchanged by a validly signed one: the next does not continue it.
    expect(await verdictOf(records.with(1, rewritten.records[1]))).toEqual(['forked 2']);
    const other = await signedRecord(primitives, signer, { ...records[6], previous: hashOf(8) });
    expect(await verdictOf(records.with(6, other))).toEqual(['forked 6']);
  });

  it('finds a cut tail by the head that was kept', async () => {
    expect(await verdictOf(records.slice(0, 5))).toEqual([]);
    expect(await verdictOf(records.slice(0, 5), { size: 7, head })).toEqual(['cut 6']);
    expect(await verdictOf([], { size: 7, head })).toEqual(['cut 6']);
  });

  it('is never called intact after any mixture of damage', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ what: fc.constantFrom('drop', 'swap', 'repeat', 'bend'), at: fc.nat(6), to: fc.nat(6) }), {
          minLength: 1,
          maxLength: 4,
        }),
        async (steps) => {
          let changed: LedgerRecord[] = [...records];
          for (const { what, at, to } of steps) {
            if (changed.length < 2) break;
            const [i, j] = [at % changed.length, to % changed.length];
            if (what === 'drop') changed.splice(i, 1);
            else if (what === 'repeat') changed.splice(j, 0, changed[i]);
            else if (what === 'bend') changed[i] = { ...changed[i], atMs: changed[i].atMs + 1 + to };
            else changed = changed.with(i, changed[j]).with(j, changed[i]);
          }
          const isSame = changed.length === records.length && changed.every((one, i) => one === records[i]);
          const findings = await verdictOf(changed, { size: 7, head });
          expect(findings.length === 0).toBe(isSame);
        },
      ),
      { seed: 5, numRuns: 60 },
    );
  });
});

describe('a ledger as text', () => {
  it('is read back record by record, a line each', () => {
    const text = ledgerText(records);
    expect(text.split('\n')).toHaveLength(8);
    expect(readLedgerText(text)).toEqual(records);
    expect(readLedgerText('')).toEqual([]);
  });

  it('refuses by line what is no record, not canonical, or cut by a crash', () => {
    const lines = ledgerText(records).trimEnd().split('\n');
    const textWith = (line: string): string => `${lines.with(2, line).join('\n')}\n`;
    for (const line of ['', '{}', '7', '{', ` ${lines[2]}`, lines[2].replace('{', '{"more":1,')]) {
      expect(() => readLedgerText(textWith(line))).toThrow(MalformedMessage);
      expect(() => readLedgerText(textWith(line))).toThrow('line 3');
    }
    expect(() => readLedgerText(ledgerText(records).slice(0, -1))).toThrow('was cut');
  });

  it('never throws anything but a refusal, whatever the bytes', () => {
    const text = ledgerText(records.slice(0, 2));
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ maxLength: 3 }), (at, junk) => {
        try {
          readLedgerText(text.slice(0, at) + junk + text.slice(at + junk.length));
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedMessage);
        }
      }),
      { seed: 6, numRuns: 200 },
    );
  });
});

describe('what was spent', () => {
  it('is added up by data set, unit and neighbours, from a verified ledger alone', async () => {
    const replaced = { ...mechanism, adjacency: 'replace-one' as const };
    const charge = (dataset: string, count: number, m: typeof mechanism = mechanism) => ({
      kind: 'charged' as const,
      plan: hashOf(1),
      round: 0,
      dataset,
      mechanism: m,
      count,
    });
    const spending = await ledgerOf(signer, [
      charge('a', 3),
      charge('b', 1),
      charge('a', 4),
      charge('a', 1, replaced as never),
    ]);
    const verdict = await verifyLedger(primitives, owner, spending.records);
    if (verdict.kind !== 'intact') throw new Error('damaged');
    const spent = spentOf(verdict.ledger);
    expect(spent.map(({ dataset, adjacency, charges }) => [dataset, adjacency, charges.length])).toEqual([
      ['a', 'add-remove', 2],
      ['b', 'add-remove', 1],
      ['a', 'replace-one', 1],
    ]);
    expect(chargesOn(verdict.ledger, 'a')).toHaveLength(3);
    const epsilons = spent.slice(0, 2).map((one) => epsilonSpent(one, 1e-6));
    // Seven Gaussians of 2 are one of 2/√7; one is one of 2: both by the closed form.
    const [seven, one] = epsilons.map((answer) => (answer.kind === 'bound' ? answer.epsilon : Number.NaN));
    const closed = (noiseMultiplier: number) => tightestEpsilon([{ ...mechanism, noiseMultiplier } as never], 1e-6);
    expect(closed(2 / Math.sqrt(7))).toMatchObject({ epsilon: expect.closeTo(seven, 9) });
    expect(closed(2)).toMatchObject({ epsilon: expect.closeTo(one, 9) });
    // @ts-expect-error: records that nobody verified are counted on by nobody.
    expect(() => spentOf(emptyLedger(signer.publicKey))).not.toThrow();
  });
});
