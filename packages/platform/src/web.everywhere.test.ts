import { expect, test } from 'vitest';
import { describeContract } from './primitives.contract.ts';
import { UnsupportedPlatform } from './primitives.ts';
import { loadWebPrimitives } from './web.ts';

const loading = loadWebPrimitives();
describeContract('web.ts', () => loading);

test('a page without WebCrypto, or with one that lacks X25519, is told so and gets nothing', async () => {
  const getRandomValues: Crypto['getRandomValues'] = (array) => array;
  const insecure = { getRandomValues } as unknown as Crypto;
  await expect(loadWebPrimitives(insecure)).rejects.toThrow(UnsupportedPlatform);
  const subtle = { importKey: () => Promise.reject(new Error('unrecognised name')) };
  await expect(loadWebPrimitives({ getRandomValues, subtle } as unknown as Crypto)).rejects.toThrow(
    UnsupportedPlatform,
  );
});
