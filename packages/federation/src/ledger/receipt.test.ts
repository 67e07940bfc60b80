import { describe, expect, it } from 'vitest';
import { MalformedMessage, ProtocolViolation } from '../errors.ts';
import { publishSum, type Receipt, readReceipt, verifyReceipt } from './index.ts';
import { hashOf, primitives, signerFrom } from './sample-ledger.contract.ts';

const coordinator = await signerFrom(1);
const contributors = Array.from({ length: 11 }, (_, i) => ({ member: `clinic-${i}`, contribution: hashOf(i) }));
const toPublish = { plan: hashOf(50), round: 4, result: hashOf(51), contributors };
const { sum, receipts } = await publishSum(primitives, coordinator, toPublish);

const ownOf = (member: string) => ({
  plan: hashOf(50),
  round: 4,
  result: hashOf(51),
  member,
  contribution: contributors.find((one) => one.member === member)?.contribution ?? '',
  minimumContributors: 9,
  coordinatorKey: coordinator.publicKey,
});
const verify = (receipt: Receipt, own = ownOf(receipt.member)) => verifyReceipt(primitives, receipt, own);

describe('a receipt', () => {
  it('proves to every contributor that it is in the sum', async () => {
    expect(receipts).toHaveLength(11);
    for (const receipt of receipts) {
      await verify(receipt);
      expect(readReceipt(JSON.stringify(receipt))).toEqual(receipt);
    }
  });

  it('is refused when anything in it was bent', async () => {
    const receipt = receipts[3];
    const foreign = (await publishSum(primitives, await signerFrom(2), toPublish)).receipts[3];
    const without = await publishSum(primitives, coordinator, {
      ...toPublish,
      contributors: contributors.filter(({ member }) => member !== receipt.member),
    });
    const planted: readonly Receipt[] = [
      { ...receipt, sum: { ...sum, contributors: 10 } },
      { ...receipt, sum: { ...sum, contributorsRoot: hashOf(9) } },
      { ...receipt, sum: { ...sum, result: hashOf(9) } },
      { ...receipt, sum: { ...sum, round: 5 } },
      { ...receipt, sum: { ...sum, plan: hashOf(9) } },
      { ...receipt, sum: without.sum },
      { ...receipt, index: 4 },
      { ...receipt, path: receipt.path.slice(1) },
      { ...receipt, path: [...receipt.path, hashOf(1)] },
      { ...receipt, path: receipt.path.with(0, hashOf(1)) },
      { ...receipt, contribution: hashOf(99) },
      receipts[4],
      foreign,
      { ...foreign, sum: { ...foreign.sum, signedBy: sum.signedBy } },
    ];
    for (const one of planted) await expect(verify(one, ownOf(receipt.member))).rejects.toThrow(ProtocolViolation);
  });

  it('is refused where fewer contributed than were agreed', async () => {
    await expect(verify(receipts[0], { ...ownOf(receipts[0].member), minimumContributors: 12 })).rejects.toThrow(
      'fewer',
    );
  });

  it('cannot be made for one member twice, or for a sum of nobody', async () => {
    const twice = { ...toPublish, contributors: [...contributors, contributors[0]] };
    await expect(publishSum(primitives, coordinator, twice)).rejects.toThrow('twice');
    await expect(publishSum(primitives, coordinator, { ...toPublish, contributors: [] })).rejects.toThrow('nobody');
  });

  it('does not depend on the order in which contributions came', async () => {
    const shuffled = { ...toPublish, contributors: [...contributors].reverse() };
    expect((await publishSum(primitives, coordinator, shuffled)).sum).toEqual(sum);
  });

  it('is read from JSON that nobody vouches for, and refused where it is none', () => {
    for (const text of [
      '',
      '{}',
      '[]',
      JSON.stringify({ ...receipts[0], path: ['zz'] }),
      JSON.stringify({ ...receipts[0], more: 1 }),
    ]) {
      expect(() => readReceipt(text)).toThrow(MalformedMessage);
    }
  });
});
