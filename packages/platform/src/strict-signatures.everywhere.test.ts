import { expect, test } from 'vitest';
import { patterned, toHex } from './bytes.contract.ts';
import { isPrimeOrderPoint } from './edwards25519.ts';
import { base, bytesOf, encode, order, times } from './naive-edwards25519.contract.ts';
import { AcceptedKeys, isStrictSignature } from './strict-signatures.ts';

const [one, two, three] = [1n, 2n, 3n].map((k) => encode(times(k, base)));

test('a good key is imported once; a bad one never, and never remembered', () => {
  const imported: string[] = [];
  const keys = new AcceptedKeys(isPrimeOrderPoint, (publicKey) => imported.push(toHex(publicKey)));
  expect(keys.find(one!)).toBe(keys.find(new Uint8Array(one!)));
  expect(imported).toEqual([toHex(one!)]);
  for (const bad of [new Uint8Array(32), bytesOf(1n), patterned(31), patterned(33), new Uint8Array(0)]) {
    expect(keys.find(bad)).toBeUndefined();
    expect(keys.find(bad)).toBeUndefined();
  }
  expect(imported.length).toBe(1);
});

test('memory of accepted keys is bounded: the oldest goes, and is good again when it comes back', () => {
  let imports = 0;
  const keys = new AcceptedKeys(
    isPrimeOrderPoint,
    () => {
      imports += 1;
      return imports;
    },
    2,
  );
  expect([keys.find(one!), keys.find(two!), keys.find(three!), keys.find(two!), keys.find(three!)]).toEqual([
    1, 2, 3, 2, 3,
  ]);
  expect(keys.find(one!)).toBe(4);
});

test('S is below L, and not L or more', () => {
  const R = encode(times(7n, base));
  const withS = (s: bigint): Uint8Array => Uint8Array.from([...R, ...bytesOf(s)]);
  for (const s of [0n, 1n, order - 1n, order - 256n]) expect(isStrictSignature(withS(s))).toBe(true);
  for (const s of [order, order + 1n, 2n ** 253n, 2n ** 256n - 1n]) expect(isStrictSignature(withS(s))).toBe(false);
});
