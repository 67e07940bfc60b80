import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodePrimitives } from '@sumus/platform/node';
import { expect, it } from 'vitest';
import { referenceEngine } from '../engine/engine-reference.ts';
import { messageCases } from './messages.contract.ts';
import committed from './vectors/messages.json' with { type: 'json' };

// Makes vectors/messages.json. With SUMUS_MAKE_VECTORS=1 in the environment the file is written, after a deliberate change of the
// format (which needs a new version); otherwise what is committed must be what this makes, with the reference engine:
//   SUMUS_MAKE_VECTORS=1 node node_modules/vitest/vitest.mjs run packages/lattice/src/wire/make-vectors.test.ts

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

function make() {
  return messageCases(referenceEngine(), nodePrimitives()).map((one) => {
    const spans: [string, number, number][] = [];
    const bytes = one.encode((field, start, end) => {
      spans.push([field, start, end]);
    });
    return {
      name: one.name,
      kind: one.kind,
      bytes: bytes.length,
      fields: spans.map(([field, start, end]) => [field, hex(bytes.subarray(start, end))]),
    };
  });
}

it('the committed vectors are what the reference engine writes, and their fields cover every byte', () => {
  const vectors = {
    note: 'Every kind of message, from fixed seeds (messages.contract.ts). The message is its fields, one behind the other.',
    madeBy: 'make-vectors.test.ts',
    messages: make(),
  };
  for (const { fields, bytes } of vectors.messages) {
    expect(fields.reduce((sum, [, text]) => sum + text.length / 2, 0)).toBe(bytes);
  }
  if (process.env['SUMUS_MAKE_VECTORS'] === '1') {
    writeFileSync(join(import.meta.dirname, 'vectors', 'messages.json'), `${JSON.stringify(vectors, null, 2)}\n`);
  } else {
    expect(committed).toEqual(vectors);
  }
});
