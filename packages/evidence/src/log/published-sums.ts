// Whether a release is the one that the coordinator signed: who contributed and what each of them sent, under the root that every receipt
// leads to, and the record of it in the ledger.

import { publishSum, verifyReceipt } from '@sumus/federation/ledger';
import { contributionsInSum } from '@sumus/federation/plan';
import type { Released, RunState } from '@sumus/federation/run';
import type { PublicPrimitives, Signer } from '@sumus/secure-sum/primitives';
import { isRefusal } from './read-log.ts';
import { bytesOfHex } from './text-bytes.ts';

/** Signs nothing: only the tree is asked for. */
const nobody: Signer = { publicKey: new Uint8Array(32), sign: async () => new Uint8Array(64) };

export async function publishedProblem(
  primitives: PublicPrimitives,
  { plan, coordinator }: RunState,
  { round, contributors, contributions, published, record }: Released,
): Promise<string | undefined> {
  const { content } = record;
  const { signedBy, signature, ...facts } = published;
  const isRecorded =
    content.kind === 'sum published' &&
    content.plan === facts.plan &&
    content.round === facts.round &&
    content.result === facts.result &&
    content.contributors === facts.contributors &&
    content.contributorsRoot === facts.contributorsRoot;
  if (!isRecorded) return 'what was published is not what its signed record says';
  const coordinatorKey = bytesOfHex(coordinator);
  if (coordinatorKey === undefined) return 'the coordinator is no key';
  try {
    const listed = contributors.map((member, i) => ({ member, contribution: contributions[i] ?? '' }));
    const { result } = published;
    const { receipts } = await publishSum(primitives, nobody, { plan: plan.id, round, result, contributors: listed });
    const [receipt] = receipts;
    if (receipt === undefined) return 'a sum of nobody';
    const own = {
      plan: plan.id,
      round,
      member: receipt.member,
      contribution: receipt.contribution,
      result,
      minimumContributors: contributionsInSum(plan.plan).fewest,
      coordinatorKey,
    };
    await verifyReceipt(primitives, { ...receipt, sum: { ...facts, signedBy, signature } }, own);
    return undefined;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return error.message;
  }
}
