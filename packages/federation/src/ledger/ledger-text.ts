// A ledger as text: one record a line, canonical JSON, so that it can be appended to, compared and read by anybody. Reading names the
// line that is wrong; whether the records are genuine is verify.ts's to say.

import { canonicalJson } from '@sumus/differential-privacy/mechanisms';
import { MalformedMessage } from '../errors.ts';
import { check, problemLine } from '../schema/objects.ts';
import { type LedgerRecord, recordSchema } from './record.ts';

export const recordLine = (record: LedgerRecord): string => `${canonicalJson(record)}\n`;

export const ledgerText = (records: readonly LedgerRecord[]): string => records.map(recordLine).join('');

/**
 * Refuses anything but records, by line. A last line without its end is one that a crash cut while it was written: it was never acted
 * on, and is said rather than dropped.
 */
export function readLedgerText(text: string): readonly LedgerRecord[] {
  const lines = text.split('\n');
  const rest = lines.pop();
  if (rest !== '') throw new MalformedMessage(`line ${lines.length + 1} has no end: the writing of a record was cut`);
  return Object.freeze(lines.map(recordOfLine));
}

function recordOfLine(line: string, at: number): LedgerRecord {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new MalformedMessage(`line ${at + 1} is no JSON`, { cause });
  }
  const read = check(recordSchema, value);
  if (read.kind === 'invalid') throw new MalformedMessage(`line ${at + 1}: ${problemLine(read.problems[0]!)}`);
  if (canonicalJson(read.value) !== line) throw new MalformedMessage(`line ${at + 1} is not in canonical form`);
  return read.value;
}
