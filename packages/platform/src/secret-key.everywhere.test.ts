import { expect, test } from 'vitest';
import { patterned, toHex } from './bytes.contract.ts';
import { ParameterError, SecretKey } from './primitives.ts';

const bytes = patterned(32);

test('a secret key gives its bytes on purpose, as a copy of a copy', () => {
  const given = new Uint8Array(bytes);
  const key = SecretKey.fromBytes('ed25519', given);
  given.fill(0);
  expect(toHex(key.expose())).toBe(toHex(bytes));
  key.expose().fill(0);
  expect(toHex(key.expose())).toBe(toHex(bytes));
});

test('a secret key shows its kind and nothing else to whatever prints, copies or serialises', () => {
  const key = SecretKey.fromBytes('x25519', bytes);
  expect(String(key)).toBe('SecretKey(x25519)');
  expect(`${key}`).toBe('SecretKey(x25519)');
  expect(() => JSON.stringify({ nested: [key] })).toThrow('SecretKey(x25519) is not serialisable');
  expect(Reflect.ownKeys(key)).toEqual(['kind']);
  expect(Object.isFrozen(key)).toBe(true);
  expect(structuredClone(key)).toEqual({ kind: 'x25519' });
  const inspect = Reflect.get(key, Symbol.for('nodejs.util.inspect.custom'));
  expect(inspect.call(key)).toBe('SecretKey(x25519)');
});

test('what looks like a secret key but was not made from bytes has none to give', () => {
  const forged = Object.create(SecretKey.prototype, { kind: { value: 'x25519' } });
  expect(() => forged.expose()).toThrow();
});

test('wiping forgets the bytes, tells the platforms once, and may be repeated', () => {
  const key = SecretKey.fromBytes('x25519', bytes);
  let told = 0;
  key.onWipe(() => {
    told += 1;
  });
  expect(key.wiped).toBe(false);
  key.wipe();
  key.wipe();
  expect(key.wiped).toBe(true);
  expect(told).toBe(1);
  expect(() => key.expose()).toThrow(ParameterError);
  expect(() => key.onWipe(() => undefined)).toThrow(ParameterError);
});

test('a secret key is 32 bytes and nothing else', () => {
  for (const length of [0, 31, 33, 64]) {
    expect(() => SecretKey.fromBytes('x25519', patterned(length))).toThrow(`an x25519 key is 32 bytes, not ${length}`);
  }
});

test('keys of the two kinds are two types', () => {
  const exchange = SecretKey.fromBytes('x25519', bytes);
  // @ts-expect-error: an X25519 key signs nothing.
  const identity: SecretKey<'ed25519'> = exchange;
  expect(identity.kind).toBe('x25519');
});
