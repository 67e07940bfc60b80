// A receipt: the coordinator's signed word that a sum is of these contributors, and a proof that one's own contribution is among them
// (a Merkle tree as in secure-sum's log, RFC 6962). The participant holds it against the hash of what it sent itself; a coordinator that
// leaves somebody out cannot give it a receipt for the published root, and one that says two roots has signed both.
//
//   leaf = canonical JSON of { plan, round, member, contribution }, leaves ascending by member
//   statement = SHA-256 of canonical JSON of { plan, round, contributors, contributorsRoot, result }

import { canonicalJson } from '@sumus/differential-privacy/mechanisms';
import { isIncluded, proveInclusion, rootOf, treeOf } from '@sumus/secure-sum/log';
import type { Hashing, PublicPrimitives, Signer } from '@sumus/secure-sum/primitives';
import { statementOf } from '../canonical/statement.ts';
import { bytesOfHex, hexOf, utf8Bytes } from '../canonical/utf8.ts';
import { MalformedMessage, ParameterError, ProtocolViolation } from '../errors.ts';
import { check, object, problemLine } from '../schema/objects.ts';
import { list, type Schema, text, whole } from '../schema/schema.ts';
import { hash, type SumPublished } from './content.ts';

export interface Contributor {
  readonly member: string;
  /** SHA-256 of what it sent, hexadecimal. */
  readonly contribution: string;
}

/** What the coordinator publishes, and signs, of one sum. */
export interface PublishedSum extends Omit<SumPublished, 'kind'> {
  readonly signedBy: string;
  readonly signature: string;
}

export interface Receipt {
  readonly sum: PublishedSum;
  readonly member: string;
  readonly contribution: string;
  readonly index: number;
  readonly path: readonly string[];
}

export interface SumToPublish {
  readonly plan: string;
  readonly round: number;
  readonly result: string;
  readonly contributors: readonly Contributor[];
}

const leafOf = (plan: string, round: number, { member, contribution }: Contributor): Uint8Array =>
  utf8Bytes(canonicalJson({ plan, round, member, contribution }));

const statement = (primitives: Hashing, sum: Omit<SumPublished, 'kind'>): Uint8Array => {
  const { plan, round, result, contributors, contributorsRoot } = sum;
  const text = canonicalJson({ plan, round, result, contributors, contributorsRoot });
  return statementOf('sumus/1/receipt', primitives.sha256(utf8Bytes(text)));
};

/** The published sum and everybody's receipt. Refuses one member twice: it would count as two. */
export async function publishSum(
  primitives: Hashing,
  signer: Signer,
  { plan, round, result, contributors }: SumToPublish,
): Promise<{ readonly sum: PublishedSum; readonly receipts: readonly Receipt[] }> {
  const sorted = [...contributors].sort((a, b) => (a.member < b.member ? -1 : 1));
  const twice = sorted.find(({ member }, i) => i > 0 && sorted[i - 1].member === member);
  if (twice !== undefined) throw new ParameterError(`${twice.member} is a contributor twice`);
  if (sorted.length === 0) throw new ParameterError('a sum of nobody is not published');
  const tree = treeOf(
    primitives,
    sorted.map((one) => leafOf(plan, round, one)),
  );
  const unsigned = {
    plan,
    round,
    result,
    contributors: sorted.length,
    contributorsRoot: hexOf(rootOf(primitives, tree)),
  };
  const signature = hexOf(await signer.sign(statement(primitives, unsigned)));
  const sum: PublishedSum = Object.freeze({ ...unsigned, signedBy: hexOf(signer.publicKey), signature });
  const receipts = sorted.map((one, index) =>
    Object.freeze({ sum, ...one, index, path: proveInclusion(primitives, tree, index).map(hexOf) }),
  );
  return { sum, receipts };
}

/** What the participant knows and does not take from anybody. */
export interface OwnContribution {
  readonly plan: string;
  readonly round: number;
  readonly member: string;
  readonly contribution: string;
  /** Of the sum as it was published. */
  readonly result: string;
  readonly minimumContributors: number;
  readonly coordinatorKey: Uint8Array;
}

/** Throws where the receipt does not prove that this contribution is in that sum, of enough contributors. */
export async function verifyReceipt(
  primitives: PublicPrimitives,
  { sum, member, contribution, index, path }: Receipt,
  own: OwnContribution,
): Promise<void> {
  const refuse = (why: string): never => {
    throw new ProtocolViolation(`the receipt of round ${own.round} ${why}`);
  };
  if (sum.plan !== own.plan || sum.round !== own.round) refuse('is of another plan or round');
  if (sum.result !== own.result) refuse('is for another sum than the one that was published');
  if (member !== own.member || contribution !== own.contribution) refuse('is for another contribution than the own');
  if (sum.contributors < own.minimumContributors) {
    refuse(`is of ${sum.contributors} contributors, fewer than the ${own.minimumContributors} that were agreed`);
  }
  if (sum.signedBy !== hexOf(own.coordinatorKey)) refuse(`is signed by ${sum.signedBy}, not by the coordinator`);
  const signature = bytesOfHex(sum.signature);
  if (!(await primitives.ed25519.verify(own.coordinatorKey, statement(primitives, sum), signature))) {
    refuse('has a signature that is not for what it says');
  }
  const isIn = isIncluded(primitives, {
    leaf: leafOf(own.plan, own.round, { member, contribution }),
    index,
    size: sum.contributors,
    root: bytesOfHex(sum.contributorsRoot),
    path: path.map(bytesOfHex),
  });
  if (!isIn) refuse('does not prove that the contribution is in the sum');
}

export const publishedSumSchema: Schema<PublishedSum> = object<PublishedSum>({
  plan: hash,
  round: whole(0, 2 ** 31 - 1),
  result: hash,
  contributors: whole(1, 2 ** 20),
  contributorsRoot: hash,
  signedBy: hash,
  signature: text({
    atLeast: 128,
    atMost: 128,
    pattern: { source: '^[0-9a-f]{128}$', means: 'an Ed25519 signature: 128 hexadecimal digits' },
  }),
});

export const receiptSchema: Schema<Receipt> = object<Receipt>({
  sum: publishedSumSchema,
  member: text({ atLeast: 1, atMost: 200 }),
  contribution: hash,
  index: whole(0, 2 ** 20),
  path: list(hash, { atLeast: 0, atMost: 20 }),
});

/** From JSON that somebody else wrote; what it proves is verifyReceipt's to say. */
export function readReceipt(source: string): Receipt {
  let value: unknown;
  try {
    value = JSON.parse(source);
  } catch (cause) {
    throw new MalformedMessage('a receipt is JSON, and this is not', { cause });
  }
  const read = check(receiptSchema, value);
  if (read.kind === 'invalid') throw new MalformedMessage(`no receipt: ${problemLine(read.problems[0]!)}`);
  return read.value;
}
