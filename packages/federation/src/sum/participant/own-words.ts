// What a participant hands in to be summed, held against what was agreed, before any protocol sees it. Messages name lengths and bounds,
// never a word.

import { ParameterError } from '@sumus/secure-sum/errors';
import type { SumAgreement } from '../sum.ts';

export function requireWithin(words: Int32Array, { words: length, valueBits }: SumAgreement['encoding']): void {
  if (words.length !== length) throw new ParameterError(`${words.length} words, ${length} were agreed`);
  const most = 2 ** (valueBits - 1) - 1;
  let wide = 0;
  for (const word of words) wide |= Number(word > most) | Number(word < -most);
  if (wide !== 0) throw new ParameterError(`a word has more than ${valueBits} bits`);
}
