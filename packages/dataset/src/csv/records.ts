// Records of a CSV text the slow and obvious way (RFC 4180, and what spreadsheets write beside it): for the head of a file, where
// the dialect is still being guessed. The scanner must agree with it (scanner.test.ts).
import { decodeUtf8 } from '../text/utf8.ts';

/** At most `limit` records of the head. The last one is left out unless the head is `whole`, for it may be cut off. */
export function recordsOf(
  head: Uint8Array,
  format: { readonly separator: string; readonly quote: string; readonly comment?: string | undefined },
  limit: number,
  whole: boolean,
): string[][] {
  const separator = format.separator.charCodeAt(0);
  const quote = format.quote.charCodeAt(0);
  const records: string[][] = [];
  let record: string[] = [];
  let field: number[] = [];
  let at = 0;
  const text = (): string => {
    const bytes = Uint8Array.from(field);
    field = [];
    return decodeUtf8(bytes, 0, bytes.length) ?? '\ufffd';
  };
  const comment = format.comment?.charCodeAt(0);
  while (at < head.length && records.length < limit) {
    if (record.length === 0 && head[at] === comment) {
      while (at < head.length && head[at] !== 10 && head[at] !== 13) at += 1;
      at += head[at] === 13 && head[at + 1] === 10 ? 2 : 1;
      continue;
    }
    if (head[at] === quote && field.length === 0) {
      at += 1;
      while (at < head.length && (head[at] !== quote || head[at + 1] === quote)) {
        if (head[at] === quote) at += 1;
        field.push(head[at]);
        at += 1;
      }
      at += 1;
      while (at < head.length && head[at] !== separator && head[at] !== 10 && head[at] !== 13) at += 1;
    } else {
      while (at < head.length && head[at] !== separator && head[at] !== 10 && head[at] !== 13) {
        field.push(head[at]);
        at += 1;
      }
    }
    record.push(text());
    if (at >= head.length) break;
    if (head[at] === separator) {
      at += 1;
      if (at < head.length) continue;
      record.push('');
      break;
    }
    at += head[at] === 13 && head[at + 1] === 10 ? 2 : 1;
    records.push(record);
    record = [];
  }
  if (record.length > 0 && whole && records.length < limit) records.push(record);
  return records;
}

export const isBlank = (record: readonly string[]): boolean => record.length === 1 && record[0]?.trim() === '';
