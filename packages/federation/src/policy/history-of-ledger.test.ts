import { describe, expect, it } from 'vitest';
import { type LedgerContent, verifyLedger } from '../ledger/index.ts';
import { hashOf, ledgerOf, mechanism, primitives, signerFrom } from '../ledger/sample-ledger.contract.ts';
import { CAUTIOUS_POLICY, historyOf, policyId } from './index.ts';

const left = (plan: number, round: number, bytes: number): LedgerContent => ({
  kind: 'left',
  plan: hashOf(plan),
  round,
  what: 'update',
  hash: hashOf(4),
  bytes,
  coordinates: 10,
  protection: 'mask',
});
const charged = (dataset: string): LedgerContent => ({
  kind: 'charged',
  plan: hashOf(1),
  round: 0,
  dataset,
  mechanism,
  count: 1,
});

describe("a participant's history", () => {
  it('is what its ledger says: charges on the data set, bytes in all, rounds of the last day', async () => {
    // One record a second from 1_700_000_000 s on.
    const contents = [left(1, 0, 100), charged('a'), left(1, 0, 5), left(1, 1, 20), charged('b'), left(2, 1, 3)];
    const signer = await signerFrom(1);
    const { records, owner } = await ledgerOf(signer, contents);
    const verdict = await verifyLedger(primitives, owner, records);
    if (verdict.kind !== 'intact') throw new Error('damaged');
    const at = (nowMs: number) => historyOf(verdict.ledger, { dataset: 'a', nowMs, signed: undefined });
    const start = 1_700_000_000_000;
    expect(at(start + 6000)).toMatchObject({ bytesUp: 128, roundsToday: 3, charges: [{ mechanism, count: 1 }] });
    const day = 24 * 60 * 60 * 1000;
    expect([2500, 3500, 6000].map((ms) => at(start + day + ms).roundsToday)).toEqual([2, 1, 0]);
    expect(at(start + 10 * day)).toMatchObject({ bytesUp: 128, roundsToday: 0 });
  });
});

it('names a policy by what is in it', () => {
  const id = policyId(primitives, CAUTIOUS_POLICY);
  expect(id).toMatch(/^[0-9a-f]{64}$/);
  expect(policyId(primitives, { ...CAUTIOUS_POLICY })).toBe(id);
  expect(policyId(primitives, { ...CAUTIOUS_POLICY, minimumUnits: 99 })).not.toBe(id);
});
