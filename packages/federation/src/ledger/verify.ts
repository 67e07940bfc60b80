// Whether a ledger is what its owner wrote, and if not, which record is the matter: changed (its signature is for other content), missing,
// repeated, in the wrong place, of somebody else, or forked (signed by the owner, but continuing another history). A cut tail shows to
// whoever kept a head: pass it.

import type { PublicPrimitives } from '@sumus/secure-sum/primitives';
import type { Ledger } from './ledger.ts';
import { isSigned, type LedgerRecord, NO_RECORD, recordHash } from './record.ts';

export type Damage = 'changed' | 'missing' | 'repeated' | 'reordered' | 'foreign' | 'forked' | 'cut';

export interface Finding {
  readonly damage: Damage;
  /** The record's index, as it says itself, or as it should be where it is missing. */
  readonly index: number;
  readonly what: string;
}

/** Kept from earlier: so many records, the last of which had this hash. */
export interface KnownHead {
  readonly size: number;
  readonly head: string;
}

export type LedgerVerdict =
  | { readonly kind: 'intact'; readonly ledger: VerifiedLedger }
  | { readonly kind: 'damaged'; readonly findings: readonly Finding[] };

declare const verified: unique symbol;

/** Only this may be continued or counted on. */
export interface VerifiedLedger extends Ledger {
  readonly [verified]: true;
}

export async function verifyLedger(
  primitives: PublicPrimitives,
  owner: string,
  records: readonly LedgerRecord[],
  known?: KnownHead,
): Promise<LedgerVerdict> {
  const findings: Finding[] = [];
  const unchanged = new Set<LedgerRecord>();
  for (const record of records) {
    const { index } = record;
    if (record.owner !== owner) {
      findings.push({
        damage: 'foreign',
        index,
        what: `record ${index} is of ${record.owner}, not of the ledger's owner`,
      });
    } else if (await isSigned(primitives, record)) unchanged.add(record);
    else findings.push({ damage: 'changed', index, what: `record ${index} is not what its owner signed` });
  }
  findings.push(...misplaced(records));
  findings.push(...unlinked(primitives, records, unchanged));
  if (known !== undefined) findings.push(...cut(primitives, records, known));
  if (findings.length > 0) {
    return { kind: 'damaged', findings: Object.freeze(findings.sort((a, b) => a.index - b.index)) };
  }
  const last = records.at(-1);
  const ledger: Ledger = {
    owner,
    records: Object.freeze([...records]),
    head: last === undefined ? NO_RECORD : recordHash(primitives, last),
  };
  // The brand: this is the only place that gives it.
  return { kind: 'intact', ledger: Object.freeze(ledger) as VerifiedLedger };
}

/** By the indices that records say of themselves: repeated, missing, or behind a later one. */
function misplaced(records: readonly LedgerRecord[]): readonly Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<number>();
  let highest = -1;
  for (const { index } of records) {
    if (seen.has(index)) findings.push({ damage: 'repeated', index, what: `record ${index} is there twice` });
    else if (index < highest) {
      findings.push({ damage: 'reordered', index, what: `record ${index} stands behind record ${highest}` });
    }
    seen.add(index);
    highest = Math.max(highest, index);
  }
  // An index that was changed to a huge one makes no huge list: at most so many are missing as there are gaps to name.
  let named = 0;
  for (let index = 0; index < highest && named < 1000; index++) {
    if (seen.has(index)) continue;
    named += 1;
    findings.push({ damage: 'missing', index, what: `record ${index} is missing` });
  }
  return findings;
}

/** Of two neighbours that were both signed, the second has to hold the hash of the first. */
function unlinked(
  primitives: PublicPrimitives,
  records: readonly LedgerRecord[],
  unchanged: ReadonlySet<LedgerRecord>,
): readonly Finding[] {
  const byIndex = new Map(records.map((record) => [record.index, record]));
  const findings: Finding[] = [];
  for (const record of unchanged) {
    const before = byIndex.get(record.index - 1);
    if (record.index > 0 && (before === undefined || !unchanged.has(before))) continue;
    const expected = before === undefined ? NO_RECORD : recordHash(primitives, before);
    if (record.previous !== expected) {
      const what = `record ${record.index} continues another history than the one before it`;
      findings.push({ damage: 'forked', index: record.index, what });
    }
  }
  return findings;
}

function cut(
  primitives: PublicPrimitives,
  records: readonly LedgerRecord[],
  { size, head }: KnownHead,
): readonly Finding[] {
  if (size === 0) return [];
  const last = records.find(({ index }) => index === size - 1);
  if (last === undefined) {
    const what = `the ledger once had ${size} records, and record ${size - 1} is not there`;
    return [{ damage: 'cut', index: size - 1, what }];
  }
  if (recordHash(primitives, last) === head) return [];
  return [{ damage: 'forked', index: size - 1, what: `record ${size - 1} is not the one whose hash was kept` }];
}
