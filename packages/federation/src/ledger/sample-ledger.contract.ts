// Keys, records and a ledger for tests.
import { under } from '@sumus/differential-privacy/mechanisms';
import { nodePrimitives } from '@sumus/platform/node';
import { SecretKey } from '@sumus/platform/primitives';
import type { PublicPrimitives, Signer } from '@sumus/secure-sum/primitives';
import { signerOf } from '@sumus/secure-sum/secret-primitives';
import { appendTo, emptyLedger, type Ledger, type LedgerContent } from './index.ts';

const secretPrimitives = { ...nodePrimitives(), secretKeys: SecretKey };
export const primitives: PublicPrimitives = secretPrimitives;

export const signerFrom = (byte: number): Promise<Signer> =>
  signerOf(secretPrimitives, SecretKey.fromBytes('ed25519', new Uint8Array(32).fill(byte)));

export const hashOf = (byte: number): string => byte.toString(16).padStart(2, '0').repeat(32);

export const mechanism = under({ adjacency: 'add-remove', unit: 'record' }).gaussian({ noiseMultiplier: 2 });

/** One record of each kind. */
export const contents: readonly LedgerContent[] = [
  { kind: 'plan accepted', plan: hashOf(1), signedBy: hashOf(2), policy: hashOf(3) },
  { kind: 'charged', plan: hashOf(1), round: 0, dataset: 'digits', mechanism, count: 1 },
  {
    kind: 'left',
    plan: hashOf(1),
    round: 0,
    what: 'update',
    hash: hashOf(4),
    bytes: 314_491,
    coordinates: 109_386,
    protection: 'mask',
  },
  { kind: 'sum published', plan: hashOf(1), round: 0, result: hashOf(5), contributors: 9, contributorsRoot: hashOf(6) },
  { kind: 'receipt kept', plan: hashOf(1), round: 0, contribution: hashOf(4), contributorsRoot: hashOf(6) },
  { kind: 'refused', plan: hashOf(1), round: 1, code: 'budget-overrun', reason: 'The budget does not pay for it.' },
  { kind: 'refused', plan: hashOf(7), round: null, code: 'no-privacy', reason: 'Nothing is promised.' },
];

export async function ledgerOf(signer: Signer, entries: readonly LedgerContent[] = contents): Promise<Ledger> {
  let ledger = emptyLedger(signer.publicKey);
  for (const [i, content] of entries.entries()) {
    ledger = await appendTo(primitives, signer, ledger, { content, atMs: 1_700_000_000_000 + 1000 * i });
  }
  return ledger;
}
