// The plain operands of an operation that have to be encoded.

import type { Operation } from './operation.ts';
import type { Plain } from './plain.ts';

export function operandsPlain(operation: Operation): readonly Plain[] {
  if (operation.kind === 'add plain') return operation.plain.kind === 'scalar' ? [] : [operation.plain];
  if (operation.kind !== 'combination') return [];
  return operation.terms.map(({ factor }) => factor).filter(({ kind }) => kind !== 'scalar');
}
