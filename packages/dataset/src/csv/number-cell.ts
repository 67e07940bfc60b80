// Numbers straight from bytes. Exact: up to 15 digits the mantissa and the power of ten are doubles without error, so that one
// division rounds correctly (Clinger 1990); everything else goes through Number, which rounds correctly by specification.
import { decodeAscii } from '../text/utf8.ts';

const zero = 48;
const minus = 45;
const plus = 43;
const space = 32;

/** 10^0 … 10^15, each a double without error. */
const powersOfTen = Float64Array.from({ length: 16 }, (_, power) => 10 ** power);

/** Writes the number that bytes[start, end) spell to out[row] and answers true, or writes nothing. `decimal`: the code of . or , */
export function writeNumber(
  bytes: Uint8Array,
  start: number,
  end: number,
  decimal: number,
  out: Float64Array,
  row: number,
): boolean {
  let at = start;
  const negative = bytes[at] === minus;
  if (negative && at < end) at += 1;
  const first = at;
  let mantissa = 0;
  while (at < end) {
    const digit = bytes[at] - zero;
    if (digit < 0 || digit > 9) break;
    mantissa = mantissa * 10 + digit;
    at += 1;
  }
  let digits = at - first;
  let scale = 0;
  if (at < end && digits > 0 && bytes[at] === decimal) {
    at += 1;
    const fraction = at;
    while (at < end) {
      const digit = bytes[at] - zero;
      if (digit < 0 || digit > 9) break;
      mantissa = mantissa * 10 + digit;
      at += 1;
    }
    scale = at - fraction;
    digits += scale;
  }
  if (at === end && digits > 0 && digits <= 15) {
    const value = scale === 0 ? mantissa : mantissa / powersOfTen[scale];
    out[row] = negative ? -value : value;
    return true;
  }
  return writeOddNumber(bytes, start, end, decimal, out, row);
}

const spelling = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Blanks around, a plus sign, exponents, many digits. */
function writeOddNumber(
  bytes: Uint8Array,
  start: number,
  end: number,
  decimal: number,
  out: Float64Array,
  row: number,
): boolean {
  let from = start;
  let to = end;
  while (from < to && bytes[from] === space) from += 1;
  while (to > from && bytes[to - 1] === space) to -= 1;
  const first = bytes[from];
  // Long texts are no numbers, and most texts show that in their first byte.
  if (to - from > 400 || from === to || (first > 57 && first !== decimal)) return false;
  let text = decodeAscii(bytes, from, to);
  if (decimal !== 46) {
    if (text.includes('.')) return false;
    text = text.replace(String.fromCharCode(decimal), '.');
  }
  if (!spelling.test(text)) return false;
  const value = Number(text);
  if (!Number.isFinite(value)) return false;
  out[row] = value;
  return true;
}

/** Whether the field has what a number would lose: a leading zero or a plus sign. */
export function isIdentifier(bytes: Uint8Array, start: number, end: number): boolean {
  const at = bytes[start] === minus ? start + 1 : start;
  if (bytes[at] === plus) return true;
  return bytes[at] === zero && at + 1 < end && bytes[at + 1] >= zero && bytes[at + 1] <= zero + 9;
}

/** What a field could be, for guessing types: nothing numeric, an integer, or a number. */
export type NumberKind = 0 | 1 | 2;

const scratch = new Float64Array(1);

/**
 * Guessing is stricter than reading a declared number: leading zeros and plus signs are taken for identifiers (postcodes, phones),
 * and so are integers that a double cannot hold.
 */
export function numberKind(bytes: Uint8Array, start: number, end: number, decimal: number): NumberKind {
  if (start === end || isIdentifier(bytes, start, end)) return 0;
  let at = start;
  if (!writeNumber(bytes, start, end, decimal, scratch, 0)) return 0;
  for (; at < end; at += 1) if (bytes[at] === decimal || bytes[at] === 69 || bytes[at] === 101) return 2;
  return Number.isSafeInteger(scratch[0]) ? 1 : 0;
}
