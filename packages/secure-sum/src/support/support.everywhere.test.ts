// The same supports, guides and sketches in every runtime: participants that derived another one would be in another context.

import { loadWebPrimitives } from '@sumus/platform/web';
import { describe, expect, it } from 'vitest';
import { hexOf } from '../canonical/index.ts';
import { seededWords } from '../engine/seeded-words.contract.ts';
import { drawSketch, drawSupport, freshGuide, gather, sketchOf, updatedGuide, wholeSupport } from './index.ts';
import { wholeContextAt } from './seeded-contexts.contract.ts';

describe('from one context', () => {
  it('everything has the same bytes everywhere', async () => {
    const primitives = await loadWebPrimitives();
    const context = wholeContextAt(primitives, 7);
    const next = seededWords(7);
    const vectorLength = 20_000;
    const published = Float32Array.from({ length: vectorLength }, () => (next() / 2 ** 32 - 0.5) ** 3);
    const random = drawSupport(primitives, { vectorLength, rule: { kind: 'random', count: 3000 }, context });
    let guide = updatedGuide(freshGuide(vectorLength, 0.9), wholeSupport(primitives, vectorLength), published);
    guide = updatedGuide(guide, random, gather(random, published));
    const guided = drawSupport(primitives, {
      vectorLength,
      rule: { kind: 'guided', count: 2000, explore: 200 },
      context,
      guide,
    });
    const plan = drawSketch(primitives, context, { vectorLength, rows: 3, columns: 500 });
    const digest = (array: Float32Array): string =>
      hexOf(primitives.sha256(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))).slice(0, 32);
    expect({
      all: hexOf(wholeSupport(primitives, 5).hash).slice(0, 32),
      random: hexOf(random.hash).slice(0, 32),
      guide: digest(guide.magnitudes),
      guided: hexOf(guided.hash).slice(0, 32),
      sketch: digest(sketchOf(plan, published)),
    }).toEqual({
      all: 'e3b0c44298fc1c149afbf4c8996fb924',
      random: 'c6f12be54f9510e10135dcb564059ff0',
      guide: '52f58bb8302e5be2a5245e08c59259c6',
      guided: '3c4ee5f59b46923b9c93b66054cb9bd1',
      sketch: '47a84ec70f7a258cca46d5fa35cbd458',
    });
  });
});
