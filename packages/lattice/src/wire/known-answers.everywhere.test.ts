import { loadWebPrimitives } from '@sumus/platform/web';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../engine/engine.ts';
import { referenceEngine } from '../engine/engine-reference.ts';
import { wasmEngine } from '../engine/engine-wasm.ts';
import type { LatticePrimitives } from '../lattice.ts';
import { KINDS } from './envelope.ts';
import type { MessageCase } from './message-case.contract.ts';
import { messageCases } from './messages.contract.ts';
import vectors from './vectors/messages.json' with { type: 'json' };

// The same bytes in every engine and runtime, and the bytes that were committed.

const engines: readonly [string, () => Engine | Promise<Engine>][] = [
  ['wasm', wasmEngine],
  ['reference', referenceEngine],
];

describe.each(engines)('messages of the %s engine', (_, make) => {
  let primitives: LatticePrimitives;
  let cases: readonly MessageCase[];
  beforeAll(async () => {
    primitives = await loadWebPrimitives();
    cases = messageCases(await make(), primitives);
  });

  it('exist as vectors, one of every kind at least', () => {
    expect(vectors.messages.length).toBeGreaterThan(20);
    expect(vectors.messages.map(({ name }) => name)).toEqual(cases.map(({ name }) => name));
    expect(new Set(vectors.messages.map(({ kind }) => kind))).toEqual(new Set(Object.keys(KINDS)));
  });

  it.each(vectors.messages.map(({ name }, i) => [name, i] as const))('%s', (_name, i) => {
    const expected = fromHex(vectors.messages[i].fields.map(([, text]) => text).join(''));
    expect(cases[i].encode()).toEqual(expected);
    expect(cases[i].again(expected)).toEqual(expected);
  });
});

function fromHex(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}
